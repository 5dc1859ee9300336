"""After a rotation every value is sealed anew, whatever is written meanwhile, and the old key is retired."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, text, update

from care import sounds
from records import Database, keys, resealing, sealed_files, sealing, taking_up
from records.migrating import upgrade
from records.patients import Patient
from records.resealing import GRACE, Walk
from records.sealing import seal, use
from records.wrapping import WrappingKeys
from tests.records import every_column
from tests.records.conftest import KEY
from tests.records.every_column import EVERY_ONE, everything, sealed_with_another, value_of
from tests.records.moments import NOON

ROOT = Path(__file__).parents[2]
GIVEN = WrappingKeys([KEY])
LATER = NOON + GRACE
ROWS = 3


def no_pause(seconds: float) -> None:
    """Nobody else waits for the database here."""


def rotate(database: Database) -> int:
    return keys.rotate(database, GIVEN, NOON)


def walk(database: Database, folder: Path, now: Any = LATER, seconds: float = 60) -> Walk:
    return resealing.go_on(database, folder, now, no_pause, seconds)


def state_of(database: Database, number: int) -> str:
    return next(key.state for key, _ in keys.listed(database, GIVEN) if key.id == number)


@pytest.fixture
def kept(opened: Callable[[], Database]) -> Database:
    """A database with a few rows in every table that has something sealed."""
    database = opened()
    upgrade(database)
    every_column.fill(database, ROWS)
    return database


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    return folder


def test_everything_is_sealed_anew_and_the_old_key_retired(kept: Database, tmp_path: Path) -> None:
    before, active = everything(kept), rotate(kept)
    assert len(sealed_with_another(kept, active)) == len(EVERY_ONE)
    done = walk(kept, tmp_path)
    assert (done.whole, done.stuck, done.found) == (True, 0, ROWS * len(every_column.SEALED))
    assert sealed_with_another(kept, active) == []
    assert state_of(kept, 1) == "old", (
        "a walk that found something may have missed what was written behind it"
    )
    assert walk(kept, tmp_path).found == 0
    assert state_of(kept, 1) == "retired"
    assert everything(kept) == before


def test_an_old_key_is_not_retired_while_a_process_may_still_seal_with_it(
    kept: Database, tmp_path: Path
) -> None:
    rotate(kept)
    walk(kept, tmp_path)
    assert walk(kept, tmp_path, NOON + GRACE / 2).found == 0
    assert state_of(kept, 1) == "old"
    walk(kept, tmp_path)
    assert state_of(kept, 1) == "retired"


def test_without_a_rotation_there_is_nothing_to_do(kept: Database, tmp_path: Path) -> None:
    assert walk(kept, tmp_path) == Walk(whole=True)
    assert state_of(kept, 1) == "active"


def test_two_rotations_in_a_row_end_with_one_key(kept: Database, tmp_path: Path) -> None:
    before = everything(kept)
    rotate(kept)
    walk(kept, tmp_path, seconds=0)
    active = rotate(kept)
    for _ in range(2):
        walk(kept, tmp_path)
    assert sealed_with_another(kept, active) == []
    assert [state_of(kept, number) for number in (1, active - 1, active)] == ["retired", "retired", "active"]
    assert everything(kept) == before


def test_a_walk_that_is_short_of_time_goes_on_the_next_time(kept: Database, tmp_path: Path) -> None:
    active, ticks = rotate(kept), 0
    while sealed_with_another(kept, active):
        assert not walk(kept, tmp_path, seconds=0).whole
        ticks += 1
    assert ticks == len(every_column.SEALED)


def test_a_value_that_opens_with_no_key_stays_and_keeps_the_old_key(
    kept: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    active = rotate(kept)
    with kept.writing() as connection:
        connection.execute(
            text("UPDATE patients SET name = :broken WHERE id = 2"), {"broken": b"\x02\x00\x01 broken"}
        )
    for _ in range(2):
        assert walk(kept, tmp_path).stuck == 1
    assert sealed_with_another(kept, active) == ["patients.name"]
    assert state_of(kept, 1) == "old"
    assert "open with no key" in caplog.text


# What is written meanwhile


class Interrupted(Database):
    """A database in which somebody else writes between what the walk reads and what it writes."""

    meanwhile: Iterator[Callable[[], None]] = iter(())

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        next(self.meanwhile, lambda: None)()
        with super().writing() as connection:
            yield connection


Write = tuple[int, int, str | None]
WRITES = st.tuples(st.integers(0, len(EVERY_ONE) - 1), st.integers(1, ROWS), st.none() | st.text(max_size=40))
STEPS = st.lists(st.just("rotate") | WRITES | st.lists(WRITES, max_size=12), max_size=6)
"""A new key; a write between walks; a walk during which those writes happen, one before each of its own."""


def write(database: Database, expected: dict[Any, Any], one: Write) -> None:
    place, number, word = one
    table, column = EVERY_ONE[place]
    value = value_of(column, word or "") if word is not None or not column.nullable else None
    with database.writing() as connection:
        connection.execute(update(table).where(every_column.own_key(table, number)).values({column: value}))
    expected[table.name, column.name, number] = value


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    use(KEY)
    path = tmp_path_factory.mktemp("template") / "careline.sqlite3"
    with closing(Database(f"sqlite:///{path}")) as database:
        upgrade(database)
        every_column.fill(database, ROWS)
    return path


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_column_survives_a_rotation_with_writes_in_between(template: Path, steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{shutil.copy(template, folder / 'careline.sqlite3')}"
        with closing(Interrupted(url)) as database, closing(Database(url)) as other:
            use(KEY)
            taking_up.take_up(database)
            expected = everything(database)
            active = 1
            for step in [*steps, "rotate"]:
                if step == "rotate":
                    active = rotate(other)
                elif isinstance(step, tuple):
                    write(other, expected, step)
                else:
                    database.meanwhile = iter([lambda one=one: write(other, expected, one) for one in step])
                    walk(database, folder)
                    database.meanwhile = iter(())
                assert everything(database) == expected
            for _ in range(3):
                walk(database, folder)
            assert everything(database) == expected
            assert sealed_with_another(database, active) == []
            assert keys.old_ones(database) == []


# Recordings


def test_recordings_are_sealed_anew(kept: Database, recordings: Path) -> None:
    for number in (1, 2):
        sounds.store(recordings, number, b"RIFF" * 1000 * number)
    active = rotate(kept)
    _, counted = resealing.counted(kept, recordings)
    assert counted == {1: 2}
    for _ in range(2):
        walk(kept, recordings)
    assert state_of(kept, 1) == "retired"
    assert resealing.counted(kept, recordings)[1] == {active: 2}
    assert sounds.sound_of(recordings, 2) == b"RIFF" * 2000
    assert sorted(file.name for file in recordings.iterdir()) == ["1.sealed", "2.sealed"], (
        "no drafts are left"
    )


def test_a_recording_that_is_replaced_or_removed_meanwhile_is_left_alone(
    kept: Database, recordings: Path
) -> None:
    sounds.store(recordings, 1, b"first")
    sounds.store(recordings, 2, b"second")
    rotate(kept)
    seal().refresh()
    sealing.take(_Meanwhile(seal().keys, lambda: sounds.store(recordings, 1, b"again")))
    sealed_files.reseal(recordings / "1.sealed")
    assert sounds.sound_of(recordings, 1) == b"again"
    sealing.take(_Meanwhile(seal().keys, (recordings / "2.sealed").unlink))
    sealed_files.reseal(recordings / "2.sealed")
    assert [file.name for file in recordings.iterdir()] == ["1.sealed"], "what was removed stays so"


def test_a_recording_is_erased_while_nobody_replaces_it(kept: Database, recordings: Path) -> None:
    """Else the draft of one that is being sealed anew would take its place again."""
    sounds.store(recordings, 1, b"first")
    with sealed_files.alone(recordings):
        erasing = Thread(target=sounds.erase, args=(recordings, 1))
        erasing.start()
        erasing.join(0.2)
        assert (erasing.is_alive(), (recordings / "1.sealed").exists()) == (True, True)
    erasing.join()
    assert list(recordings.iterdir()) == []


class _Meanwhile(sealing.Seal):
    """Somebody does something to a file after it was read, once."""

    def __init__(self, known: sealing.Keys, does: Callable[[], None]) -> None:
        super().__init__(known)
        self._does: Callable[[], None] | None = does

    def close(self, plain: bytes) -> bytes:
        does, self._does = self._does, None
        if does:
            does()
        return super().close(plain)


# Killed

RESEALER = """
import sys, time
from pathlib import Path
from records import Database, resealing, sealing, taking_up
from tests.records.conftest import KEY
from tests.records.moments import NOON
sealing.use(KEY)
database = Database(sys.argv[1])
taking_up.take_up(database)
resealing.go_on(database, Path(sys.argv[2]), NOON, time.sleep, 60)
"""


def test_what_a_killed_walk_has_done_stays_done_and_the_rest_follows(
    kept: Database, url: str, tmp_path: Path
) -> None:
    values = {
        "clinic_id": 1,
        "birth_date": "1994-03-02",
        "language": "es",
        "timezone": "UTC",
        "created_at": NOON,
    }
    with kept.writing() as connection:
        connection.execute(
            insert(Patient),
            [{**values, "id": number, "name": f"N{number}"} for number in range(ROWS + 1, 2000)],
        )
    before, active = everything(kept), rotate(kept)

    def done() -> int:
        return resealing.counted(kept, tmp_path)[0][active]

    process = subprocess.Popen([sys.executable, "-c", RESEALER, url, str(tmp_path)], cwd=ROOT)
    deadline = time.monotonic() + 60
    while done() < 500:
        assert time.monotonic() < deadline and process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert len(sealed_with_another(kept, active)) > 0, "it was killed midway"
    for _ in range(2):
        walk(kept, tmp_path)
    assert sealed_with_another(kept, active) == []
    assert state_of(kept, 1) == "retired"
    assert everything(kept) == before
