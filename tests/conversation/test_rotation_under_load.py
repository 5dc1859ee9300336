"""A key is changed while calls and texts come in, on several threads and processes, and not one turn fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from sqlalchemy import insert, select

from records import Database, keys, resealing
from records.conversations import Turn
from records.patients import Patient
from records.resealing import GRACE, PAUSE_SECONDS
from records.sealing import FRESH_SECONDS
from records.wrapping import WrappingKeys
from tests.conversation.carrier_webhooks import Call, Webhooks, new_id
from tests.conversation.clinic_day import DATA_KEY, LINE, NUMBERS, Day, environment, served
from tests.records.every_column import sealed_with_another

ROOT = Path(__file__).parents[2]
BORN = {"rosa": "03021994", "james": "11201950"}
REPORT = ("118*76", "1", "2", "2")
"""A reading, right, no warning signs, nothing else."""
PATIENTS = 3000
LONGEST = 120.0
GIVEN = WrappingKeys([b64decode(DATA_KEY)])
RESEALER = """
import os, time
from app import furnish
from settings import Settings
from records import resealing
house = furnish(Settings.from_environ(os.environ))
while True:
    resealing.go_on(house.database, house.settings.recordings_dir, house.now(), time.sleep)
"""


def surroundings(day: Day) -> dict[str, str]:
    """What a process gets that works on the same database."""
    mine = {"CARELINE_DATABASE_URL": day.house.settings.database_url}
    return {**os.environ, **environment(day.house.settings.home), **mine}


def add_patients(day: Day) -> None:
    values = {"clinic_id": 1, "birth_date": "1990-01-01", "language": "en", "timezone": "UTC"}
    rows = [{**values, "name": f"Ana {place}", "created_at": day.clock()} for place in range(PATIENTS)]
    with day.house.database.writing() as connection:
        connection.execute(insert(Patient), rows)


def call_until(over: Event, webhooks: Webhooks, name: str) -> int:
    """A patient calls again and again, is confirmed and reports a reading; returns how many turns were answered."""
    turns = 0
    while not over.is_set():
        call = Call(webhooks, NUMBERS[name], LINE, new_id("CA"))
        call.ask("/voice/answer")
        for pressed in ("1", BORN[name], *REPORT):
            assert call.said and call.waits == "Gather", "every turn is answered"
            call.keys(pressed)
            turns += 1
        assert (call.waits, bool(call.said)) == ("Hangup", True)
        call.over()
        turns += 1
    return turns


@contextmanager
def texting(day: Day, names: Sequence[str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that take turns, once they have begun."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.conversation.taking_turns", name],
            cwd=ROOT, env=surroundings(day), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]  # fmt: skip
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def reseal_in_a_process(day: Day) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", RESEALER], cwd=ROOT, env=surroundings(day))


def states(database: Database) -> list[str]:
    """Of the keys for data, the first one first."""
    return [key.state for key, _ in keys.listed(database, GIVEN) if key.purpose == keys.DATA]


def sealed_with(database: Database, folder: Path, number: int) -> int:
    return resealing.counted(database, folder)[0][number]


def rotate_and_kill_midway(day: Day) -> None:
    """A new key; the process that seals anew what is there is killed when it has done some."""
    database, folder = day.house.database, day.house.settings.recordings_dir
    active = keys.rotate(database, GIVEN, day.clock())
    process = reseal_in_a_process(day)
    deadline = time.monotonic() + LONGEST
    while sealed_with(database, folder, active) < 600:
        assert time.monotonic() < deadline and process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert len(sealed_with_another(database, active)) > 0, "it was killed midway"


def reseal_to_the_end(day: Day) -> None:
    """As the worker does. The clock is set forward when every process has had the time to take up the new key."""
    since = time.monotonic()
    while keys.old_ones(day.house.database):
        passed = time.monotonic() - since
        assert passed < LONGEST
        now = day.clock() + (GRACE if passed > FRESH_SECONDS + 1 else GRACE * 0)
        resealing.go_on(day.house.database, day.house.settings.recordings_dir, now, time.sleep)
        time.sleep(PAUSE_SECONDS)  # between ticks: turns come first


def test_a_key_is_changed_twice_under_load_and_no_turn_fails(day: Day) -> None:
    over, database = Event(), day.house.database
    add_patients(day)
    with (
        texting(day, "12") as processes,
        served(day.house) as webhooks,
        ThreadPoolExecutor(2) as threads,
    ):
        calling = [threads.submit(call_until, over, webhooks, name) for name in BORN]
        try:
            rotate_and_kill_midway(day)
            rotate_and_kill_midway(day)
            reseal_to_the_end(day)
            active, _ = keys.active_since(database)
            assert sealed_with_another(database, active) == [], "at once, while turns go on"
        finally:
            over.set()
        turns = sum(one.result(60) for one in calling)
        for process in processes:
            said, _ = process.communicate("", timeout=60)
            assert process.returncode == 0, said
            turns += int(said)
    assert states(database) == ["retired", "retired", "active"]
    assert sealed_with_another(database, active) == []
    with database.reading() as connection:
        stored = connection.execute(select(Turn.said, Turn.reply)).all()
        assert len(connection.scalars(select(Patient.name)).all()) >= PATIENTS
    assert len(stored) == turns > 100
