"""After a rotation: whatever is sealed with another key than the active one is sealed again, a few rows at a time.

It can be stopped, or killed, at any moment: what is done stays done, and the next walk finds the rest by
looking, since each value names its key.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    LargeBinary,
    Row,
    Table,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy import bindparam as parameter
from sqlalchemy.sql.elements import ColumnElement

from records import keys, sealed_files
from records.base import Base
from records.database import Database
from records.sealing import HEAD, WrongKey, head, key_id, seal, sealed_columns

GRACE = timedelta(minutes=2)
"""Time in which every process has the new key (two seconds) and has committed what it sealed with the old one."""
ROWS = 50
PAUSE_SECONDS = 0.02
"""Between two batches: SQLite has one writer, and turns come first."""
WORK_SECONDS = 5.0
"""What one tick takes at most: recordings wait in the same queue."""

log = logging.getLogger("careline.keys")


@dataclass
class Walk:
    """How far it came: `found` were not sealed with the active key, of which `stuck` open with none."""

    found: int = 0
    stuck: int = 0
    whole: bool = False


def go_on(
    database: Database,
    folder: Path,
    now: datetime,
    pause: Callable[[float], None],
    seconds: float = WORK_SECONDS,
) -> Walk:
    """Reseal for so long; once a whole walk finds nothing, the old keys are retired. Does nothing where none is old."""
    old = keys.old_ones(database)
    if not old:
        return Walk(whole=True)
    seal().refresh()
    active, made_at = keys.active_since(database)
    walk = _walk(database, folder, active, pause, time.monotonic() + seconds)
    if walk.stuck:
        log.error("%s values or recordings open with no key of this database", walk.stuck)
    if walk.whole and not walk.found and now >= made_at + GRACE:
        keys.retire(database, old, now)
    return walk


def counted(database: Database, folder: Path) -> tuple[Counter[int | None], Counter[int | None]]:
    """How many values and how many recordings each key has sealed, by its id; None for what names no key."""
    heads = [
        select(_begins(column).label("begins"), func.count().label("many"))
        .where(column.is_not(None))
        .group_by(_begins(column))
        for columns in sealed_columns(Base.metadata).values()
        for column in columns
    ]
    values: Counter[int | None] = Counter()
    with database.reading() as connection:
        for begins, many in connection.execute(union_all(*heads)):
            values[key_id(bytes(begins))] += many
    return values, Counter(key_id(sealed_files.begins(path)) for path in _files(folder))


def _walk(
    database: Database, folder: Path, active: int, pause: Callable[[float], None], until: float
) -> Walk:
    walk = Walk()
    for table, columns in sealed_columns(Base.metadata).items():
        for rows in _batches(database, table, columns, active):
            walk.found += len(rows)
            walk.stuck += _reseal(database, table, columns, rows, active)
            pause(PAUSE_SECONDS)
            if time.monotonic() >= until:
                return walk
    for path in _files(folder):
        if sealed_files.begins(path) not in (head(active), b""):
            walk.found += 1
            walk.stuck += _reseal_file(path)
            if time.monotonic() >= until:
                return walk
    walk.whole = True
    return walk


def _batches(
    database: Database, table: Table, columns: Sequence[Column[Any]], active: int
) -> Iterator[Sequence[Row[Any]]]:
    """Rows with a value that is not sealed with the active key: their primary keys, then those columns as bytes."""
    own = list(table.primary_key.columns)
    raw = [type_coerce(column, LargeBinary).label(column.name) for column in columns]
    query = (
        select(*own, *raw)
        .where(or_(*(_begins(column) != type_coerce(head(active), LargeBinary) for column in columns)))
        .order_by(*own)
        .limit(ROWS)
    )
    last: Sequence[Any] = ()
    while True:
        with database.reading() as connection:
            rows = connection.execute(query.where(tuple_(*own) > tuple_(*last)) if last else query).all()
        if not rows:
            return
        yield rows
        last = rows[-1][: len(own)]


def _reseal(
    database: Database, table: Table, columns: Sequence[Column[Any]], rows: Sequence[Row[Any]], active: int
) -> int:
    """Each value anew, where it is still the one that was read; returns how many open with no key."""
    own = list(table.primary_key.columns)
    changes: dict[Column[Any], list[dict[str, Any]]] = {}
    stuck = 0
    for row in rows:
        place = {f"own_{key.name}": value for key, value in zip(own, row, strict=False)}
        for column, value in zip(columns, row[len(own) :], strict=True):
            if value is None or bytes(value)[:HEAD] == head(active):
                continue
            try:
                again = seal().close(seal().open(bytes(value)))
            except WrongKey:
                stuck += 1
                continue
            changes.setdefault(column, []).append({**place, "before": bytes(value), "after": again})
    if changes:
        _write(database, table, changes)
    return stuck


def _write(database: Database, table: Table, changes: dict[Column[Any], list[dict[str, Any]]]) -> None:
    own = list(table.primary_key.columns)
    rows = [tuple(change[f"own_{key.name}"] for key in own) for one in changes.values() for change in one]
    with database.writing() as connection:
        # Only what nobody else holds: so this waits for no turn, and can't stand in a ring of waiting.
        free = set(
            map(
                tuple,
                connection.execute(
                    select(*own)
                    .where(tuple_(*own).in_(list(dict.fromkeys(rows))))
                    .order_by(*own)
                    .with_for_update(skip_locked=True, key_share=True)
                ),
            )
        )
        for column, values in changes.items():
            mine = [one for one in values if tuple(one[f"own_{key.name}"] for key in own) in free]
            if mine:
                connection.execute(_compare_and_set(table, column), mine)


def _compare_and_set(table: Table, column: Column[Any]) -> Any:
    """One value, unless somebody has written another since."""
    return (
        table.update()
        .where(*(key == parameter(f"own_{key.name}") for key in table.primary_key.columns))
        .where(type_coerce(column, LargeBinary) == parameter("before", type_=LargeBinary))
        .values({column: parameter("after", type_=LargeBinary)})
    )


def _reseal_file(path: Path) -> int:
    try:
        sealed_files.reseal(path)
    except WrongKey:
        return 1
    return 0


def _begins(column: Column[Any]) -> ColumnElement[bytes]:
    # Written out, not bound: PostgreSQL groups by what it can see to be the same.
    first: ColumnElement[int] = literal_column("1")
    many: ColumnElement[int] = literal_column(str(HEAD))
    return func.substr(type_coerce(column, LargeBinary), first, many, type_=LargeBinary)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{sealed_files.SUFFIX}"))
