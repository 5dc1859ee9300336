"""The keys of a database, kept in it: each wrapped under a key that is kept elsewhere (CARELINE_DATA_KEY)."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, bindparam, func, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base, table_of
from records.database import Database, Taken
from records.sealing import LAST, Keys
from records.wrapping import WrappingKeys, WrongKey

ACTIVE, OLD, RETIRED = "active", "old", "retired"
DATA, LOOKUP, AUDIT = "data", "lookup", "audit"
BYTES = 32
JUST_NOW = "Somebody else made a new key just now; that one is in use."
ONE_ACTIVE = text("state = 'active'")

log = logging.getLogger("careline.keys")


class DataKey(Base):
    """One random key.

    `purpose`: *data* (values and recordings), *lookup* (hashes of numbers), *audit* (its chains). `state`:
    *active* (values are sealed with it, one for each purpose), *old* (there may be values still), *retired*
    (there were none any more; it is kept for copies that come back from elsewhere).
    """

    __tablename__ = "data_keys"
    __table_args__ = (
        Index(
            "uq_data_keys_active",
            "purpose",
            unique=True,
            sqlite_where=ONE_ACTIVE,
            postgresql_where=ONE_ACTIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1 to 65535: two bytes of each value name it."""
    purpose: Mapped[str]
    state: Mapped[str]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


_TABLE = table_of(DataKey)
_READ = select(_TABLE.c.id, _TABLE.c.purpose, _TABLE.c.state, _TABLE.c.wrapped)
_ACTIVE_LOCKED = select(_TABLE).where(_TABLE.c.purpose == DATA, _TABLE.c.state == ACTIVE).with_for_update()
_REWRAP = (
    update(DataKey)
    .where(DataKey.id == bindparam("one"), DataKey.wrapped == bindparam("before"))
    .values(wrapped=bindparam("after"))
)


class CantRotate(RuntimeError):
    """No new key was made; the message says why and what to do."""


def read(database: Database, given: WrappingKeys, known: Keys | None = None) -> Keys:
    """The keys as they are now. Raises WrongKey where one does not open.

    A process that is running, which `known` says, goes on without a key that it can't open: another process
    was given a newer CARELINE_DATA_KEY, and values sealed with keys that are known still open here.
    """
    with database.reading() as connection:
        rows = connection.execute(_READ).all()
    if not rows:
        raise RuntimeError("The database has no keys yet: flask --app app records upgrade")
    return opened(rows, given, known)


def opened(rows: Iterable[Any], given: WrappingKeys, known: Keys | None = None) -> Keys:
    """The keys that `rows` (id, purpose, state, wrapped) hold; `known` and what is raised as in `read`."""
    plain: dict[str, dict[int, bytes]] = {DATA: dict(known.data) if known else {}, LOOKUP: {}, AUDIT: {}}
    active = known.active if known else 0
    for row in rows:
        mine = plain.setdefault(row.purpose, {})
        if row.id not in mine:
            try:
                mine[row.id] = given.unwrap(row.wrapped, _about(row.purpose, row.id))
            except WrongKey:
                if known is None:
                    raise
                log.error("key %s is wrapped under a CARELINE_DATA_KEY that this process lacks", row.id)
                continue
        if row.purpose == DATA and row.state == ACTIVE:
            active = row.id
    if known:
        return Keys(active, plain[DATA], known.lookup, known.audit)
    return Keys(active, plain[DATA], _only(plain[LOOKUP]), _only(plain[AUDIT]))


def any_opens(rows: Iterable[Any], given: WrappingKeys) -> bool:
    """Is one of `rows` (id, purpose, wrapped) wrapped under one of these?"""
    return any(_opens(given, row.wrapped, _about(row.purpose, row.id)) for row in rows)


def are_made(database: Database) -> bool:
    with database.reading() as connection:
        return connection.scalar(select(DataKey.id).limit(1)) is not None


def make_once(database: Database, given: WrappingKeys, keys: Keys | None, now: datetime) -> None:
    """Keep `keys`, or random ones, unless another process has kept some already."""
    made = keys or Keys(1, {1: _random()}, _random(), _random())
    material = [(DATA, made.data[made.active]), (LOOKUP, made.lookup), (AUDIT, made.audit)]
    rows = [
        _row(given, number, purpose, key, now) for number, (purpose, key) in enumerate(material, made.active)
    ]
    try:
        with database.writing() as connection:
            if connection.scalar(select(DataKey.id).limit(1)) is None:
                connection.execute(insert(DataKey), rows)
    except Taken:  # another process was first, on PostgreSQL: its keys are the ones
        pass


def rotate(database: Database, given: WrappingKeys, now: datetime) -> int:
    """Make a new key the one that values are sealed with; returns its id. Raises CantRotate."""
    try:
        with database.writing() as connection:
            active = connection.execute(_ACTIVE_LOCKED).one_or_none()
            if active is None:  # it was changed while we waited for it, on PostgreSQL
                raise CantRotate(JUST_NOW)
            _check_the_first_wraps(given, active.wrapped, active.id)
            number = connection.scalars(select(func.max(DataKey.id))).one() + 1
            if number > LAST:
                raise CantRotate(f"There are {LAST} keys: no more can be told apart.")
            connection.execute(update(DataKey).where(DataKey.id == active.id).values(state=OLD))
            connection.execute(insert(DataKey), [_row(given, number, DATA, _random(), now)])
    except Taken as error:
        raise CantRotate(JUST_NOW) from error
    return int(number)


def rewrap(database: Database, given: WrappingKeys) -> int:
    """Wrap every key under the first that was given; returns how many were under another. Raises WrongKey."""
    first = given.first_alone()
    with database.writing() as connection:
        changes = []
        for row in connection.execute(_READ.order_by(_TABLE.c.id).with_for_update()).all():
            about = _about(row.purpose, row.id)
            if not _opens(first, row.wrapped, about):
                again = given.wrap(given.unwrap(row.wrapped, about), about)
                changes.append({"one": row.id, "before": row.wrapped, "after": again})
        if changes:
            connection.execute(_REWRAP, changes)
    return len(changes)


def listed(database: Database, given: WrappingKeys) -> list[tuple[DataKey, bool]]:
    """Every key, and whether it is wrapped under the first that was given."""
    first = given.first_alone()
    with database.reading() as connection:
        rows = connection.execute(select(_TABLE).order_by(_TABLE.c.id)).all()
    keys = [DataKey(**row._mapping) for row in rows]
    return [(key, _opens(first, key.wrapped, _about(key.purpose, key.id))) for key in keys]


def old_ones(database: Database) -> list[int]:
    """Data keys that values may still be sealed with, but for the active one."""
    with database.reading() as connection:
        return list(connection.scalars(select(DataKey.id).where(DataKey.state == OLD)))


def active_since(database: Database) -> tuple[int, datetime]:
    """The data key that values are sealed with, and when it was made."""
    with database.reading() as connection:
        row = connection.execute(
            select(DataKey.id, DataKey.made_at).where(DataKey.purpose == DATA, DataKey.state == ACTIVE)
        ).one()
    return row.id, row.made_at


def retire(database: Database, numbers: Collection[int], now: datetime) -> None:
    """Nothing is sealed with these any more."""
    with database.writing() as connection:
        connection.execute(
            update(DataKey)
            .where(DataKey.id.in_(numbers), DataKey.state == OLD)
            .values(state=RETIRED, retired_at=now)
        )


def _row(given: WrappingKeys, number: int, purpose: str, key: bytes, now: datetime) -> dict[str, object]:
    wrapped = given.wrap(key, _about(purpose, number))
    return {"id": number, "purpose": purpose, "state": ACTIVE, "wrapped": wrapped, "made_at": now}


def _check_the_first_wraps(given: WrappingKeys, wrapped: bytes, number: int) -> None:
    """Else a process that was not given the first key yet could not open what the others seal from now on."""
    if not _opens(given.first_alone(), wrapped, _about(DATA, number)):
        raise CantRotate(
            "The keys are still wrapped under a later one of CARELINE_DATA_KEY."
            " Once every process has both: flask --app app records rewrap; then rotate."
        )


def _opens(keys: WrappingKeys, wrapped: bytes, about: bytes) -> bool:
    try:
        keys.unwrap(wrapped, about)
    except WrongKey:
        return False
    return True


def _about(purpose: str, number: int) -> bytes:
    """A wrapped key does not open under another's name."""
    return f"careline key {number}: {purpose}".encode()


def _only(keys: dict[int, bytes]) -> bytes:
    (key,) = keys.values()
    return key


def _random() -> bytes:
    return secrets.token_bytes(BYTES)
