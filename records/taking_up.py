"""What a process does at its start with the keys of a database: find them, make them once, or refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import LargeBinary, inspect, select, type_coerce

from records import keys, sealing
from records.base import Base
from records.clinics import Clinic
from records.database import Database
from records.keys import DataKey
from records.sealing import Keys, Seal, sealed_columns
from records.wrapping import WrappingKeys, WrongKey


def take_up(database: Database) -> None:
    """Seal and open with this database's keys from now on; where it has none yet, they are made.

    A database without tables has its keys once `records upgrade` has made them. Raises WrongKey where the
    keys that this process was given do not open what is there, and changes nothing then.
    """
    given = sealing.given()
    if given is None:
        return
    if not _has(database, DataKey.__tablename__):
        check(database)
        sealing.take_later(partial(_seal, database, given))
        return
    if not keys.are_made(database):
        keys.make_once(database, given, _from_before(database, given), datetime.now(UTC))
    sealing.take(_seal(database, given))


def check(database: Database) -> None:
    """Raises WrongKey where the keys that this process was given do not open what is there."""
    given = sealing.given()
    if given is None:
        return
    if _has(database, DataKey.__tablename__) and keys.are_made(database):
        keys.read(database, given)
    else:
        _from_before(database, given)


def of_copy(database: Database) -> Seal:
    """What opens a database that this process does not work with. Raises WrongKey."""
    given = sealing.given()
    assert given is not None, "who copies a database has its keys"
    if _has(database, DataKey.__tablename__) and keys.are_made(database):
        return Seal(keys.read(database, given))
    return Seal(_from_before(database, given) or Keys.derived(given.given[0]))


def _seal(database: Database, given: WrappingKeys) -> Seal:
    return Seal(keys.read(database, given), partial(keys.read, database, given))


def _from_before(database: Database, given: WrappingKeys) -> Keys | None:
    """The keys of a database that was used before there was a table of them; None for a new one.

    They were derived from CARELINE_DATA_KEY. A clinic without a single value counts as used: a process of
    the version before may be writing one just now.
    """
    sealed = _some_sealed(database)
    if not sealed:
        return Keys.derived(given.given[0]) if _has_a_clinic(database) else None
    for data_key in given.given:
        derived = Keys.derived(data_key)
        if _opens_all(Seal(derived), sealed):
            return derived
    raise WrongKey


def _opens_all(seal: Seal, sealed: list[bytes]) -> bool:
    try:
        for value in sealed:
            seal.open(value)
    except WrongKey:
        return False
    return True


def _some_sealed(database: Database) -> list[bytes]:
    """One value of each sealed column that this database has, older tables having fewer."""
    if not _is_there(database):
        return []
    found = []
    with database.reading() as connection:
        schema = inspect(connection)
        tables = set(schema.get_table_names())
        for table, columns in sealed_columns(Base.metadata).items():
            if table.name not in tables:
                continue
            names = {column["name"] for column in schema.get_columns(table.name)}
            for column in columns:
                if column.name in names:
                    raw = type_coerce(column, LargeBinary)
                    found.append(connection.scalar(select(raw).where(column.is_not(None)).limit(1)))
    return [bytes(value) for value in found if value is not None]


def _has_a_clinic(database: Database) -> bool:
    if not _has(database, Clinic.__tablename__):
        return False
    with database.reading() as connection:
        return connection.scalar(select(Clinic.id).limit(1)) is not None


def _has(database: Database, table: str) -> bool:
    if not _is_there(database):
        return False
    with database.reading() as connection:
        return inspect(connection).has_table(table)


def _is_there(database: Database) -> bool:
    """To look into a SQLite file that is not there would make it."""
    name = database.engine.url.database
    return not database.is_sqlite or (name is not None and Path(name).exists())
