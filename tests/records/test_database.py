"""Writes happen whole or not at all, in turn, and nobody is told that the database is locked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from records import Database
from records.counters import Counter
from records.database import Taken
from records.leases import Lease
from records.patients import PatientNumber
from tests.records.moments import NOON

TODAY = date(2026, 11, 21)
ROOT = Path(__file__).parents[2]


def _count(database: Database, name: str = "n") -> int | None:
    with database.reading() as connection:
        return connection.scalar(select(Counter.count).where(Counter.name == name))


def _set(database: Database, count: int = 0, name: str = "n") -> None:
    with database.writing() as connection:
        connection.execute(insert(Counter).values(name=name, day=TODAY, count=count))


def _add_one(database: Database) -> None:
    """Reads, then writes what it read and one more: without a lock from the start, some would be lost."""
    with database.writing() as connection:
        count = connection.execute(select(Counter.count).with_for_update()).scalar_one()
        connection.execute(update(Counter).values(count=count + 1))


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    _set(database, 1)
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute(update(Counter).values(count=99))
        connection.execute(insert(Counter).values(name="more", day=TODAY, count=1))
        _ = 1 / 0
    assert (_count(database), _count(database, "more")) == (1, None)
    _add_one(database)
    assert _count(database) == 2, "and the next one is not kept waiting"


def test_a_write_that_the_database_refuses_leaves_nothing(database: Database) -> None:
    _set(database, 1)
    with pytest.raises(Taken), database.writing() as connection:
        connection.execute(update(Counter).values(count=99))
        connection.execute(insert(Counter).values(name="n", day=TODAY, count=1))
    assert _count(database) == 1


def test_nothing_of_a_write_is_seen_before_it_is_whole(database: Database) -> None:
    _set(database, 1)
    with database.writing() as connection:
        connection.execute(update(Counter).values(count=2))
        assert _count(database) == 1
    assert _count(database) == 2


@pytest.mark.parametrize("of_their_own", [False, True])
def test_eight_threads_lose_no_increment(
    database: Database, opened: Callable[[], Database], of_their_own: bool
) -> None:
    """In one process and, with a pool each, as if they were several."""
    _set(database)
    ready = Barrier(8)

    def increment(mine: Database) -> None:
        ready.wait(10)
        for _ in range(50):
            _add_one(mine)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(increment, [opened() if of_their_own else database for _ in range(8)]))
    assert _count(database) == 400


PROCESS = """
import sys
from records import Database
from tests.records.test_database import _add_one
database = Database(sys.argv[1])
for _ in range(50):
    _add_one(database)
database.close()
"""


def test_nor_do_processes(database: Database, url: str) -> None:
    _set(database)
    running = [subprocess.Popen([sys.executable, "-c", PROCESS, url], cwd=ROOT) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert _count(database) == 150


def test_readers_are_not_kept_waiting_by_a_writer(database: Database) -> None:
    _set(database, 1)
    with database.writing() as connection, ThreadPoolExecutor(4) as threads:
        connection.execute(update(Counter).values(count=2))
        assert list(threads.map(lambda _: _count(database), range(20))) == [1] * 20


def test_an_insert_once_is_new_the_first_time(database: Database) -> None:
    values = {"name": "n", "day": TODAY, "count": 1}
    with database.writing() as connection:
        assert connection.execute(database.insert_once(Counter).values(**values)).rowcount == 1
        assert (
            connection.execute(database.insert_once(Counter).values(**{**values, "count": 9})).rowcount == 0
        )
    assert _count(database) == 1


def test_what_does_not_belong_to_anybody_is_refused(database: Database) -> None:
    number = {"clinic_id": 7, "patient_id": 7, "number": "+16175550101", "number_hash": "h", "kind": "mobile"}
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), database.writing() as connection:
        connection.execute(insert(PatientNumber).values(**number))


def test_a_commit_is_on_disk_before_it_is_told(database: Database) -> None:
    """A turn that was answered is never lost: write-ahead log, flushed at each commit (2 is FULL)."""
    asked, wanted = (
        (("PRAGMA journal_mode", "PRAGMA synchronous"), ["wal", 2])
        if database.is_sqlite
        else (("SHOW synchronous_commit",), ["on"])
    )
    with database.writing() as connection:
        assert [connection.execute(text(question)).scalar() for question in asked] == wanted


@pytest.mark.parametrize(
    ("moment", "stored"),
    [
        (NOON, "2026-11-21 17:00:00.000000"),
        (datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("America/New_York")), "2026-11-21 17:00:00.000000"),
        (datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York")), "2026-11-01 05:30:00.000000"),
        (
            datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=ZoneInfo("America/New_York")),
            "2026-11-01 06:30:00.000000",
        ),
        (
            datetime(2026, 11, 21, 22, 45, tzinfo=timezone(timedelta(hours=5, minutes=45))),
            "2026-11-21 17:00:00.000000",
        ),
    ],
)
def test_a_moment_is_kept_in_utc_and_comes_back_aware(
    database: Database, moment: datetime, stored: str
) -> None:
    with database.writing() as connection:
        connection.execute(insert(Lease).values(name="n", held_until=moment))
    with database.reading() as connection:
        raw = connection.execute(text("SELECT CAST(held_until AS TEXT) FROM leases")).scalar_one()
        assert raw.removesuffix("+00").removesuffix(".000000") == stored.removesuffix(".000000")
        back = connection.scalar(select(Lease.held_until))
        assert connection.scalar(select(Lease.name).where(Lease.held_until == moment)) == "n"
    assert back is not None
    assert (back, back.utcoffset()) == (moment.astimezone(UTC), timedelta())


def test_a_moment_without_a_time_zone_is_refused_and_nothing_is_written(database: Database) -> None:
    naive = datetime(2026, 11, 21, 12)  # noqa: DTZ001
    with pytest.raises(StatementError, match="without a time zone"), database.writing() as connection:
        connection.execute(insert(Lease).values(name="first", held_until=NOON))
        connection.execute(insert(Lease).values(name="n", held_until=naive))
    with pytest.raises(StatementError, match="without a time zone"), database.reading() as connection:
        connection.execute(select(Lease.name).where(Lease.held_until < naive))
    with database.reading() as connection:
        assert connection.execute(select(Lease.name)).all() == []
