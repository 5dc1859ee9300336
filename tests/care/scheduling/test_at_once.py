"""Many book at once: every unit of time is somebody's once, every loser is told, and nobody waits in a circle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Barrier
from typing import Any

import pytest

from care.scheduling import book_for, occupying
from care.scheduling.book_for import NotComing, Time
from records import Database
from records.appointments import Appointment
from records.database import Obstructed, Taken
from records.scheduling import UNIT_MINUTES, Occupied
from tests.care.scheduling.schedule import Schedule, assert_agrees, at

MANY, PROCESSES = 64, 4
ROUNDS = {"sqlite": 3, "postgresql": 20}


def _at_once(databases: Sequence[Database], work: Callable[[Database, int], str]) -> list[str]:
    """What each of MANY got who began at the same moment."""
    ready = Barrier(MANY)

    def one(number: int) -> str:
        ready.wait(30)
        try:
            return work(databases[number % len(databases)], number)
        except Taken:
            return "taken"
        except Obstructed:
            return "obstructed"

    with ThreadPoolExecutor(MANY) as threads:
        return list(threads.map(one, range(MANY)))


def _time(at_random: Random, clinicians: Sequence[int], room: int) -> Time:
    """Somewhere within an hour and a half, of five minutes to an hour, in the room or not."""
    starts_at = at(9) + timedelta(minutes=UNIT_MINUTES * at_random.randrange(18))
    minutes = UNIT_MINUTES * at_random.randint(1, 12)
    in_room = at_random.random() < 0.5
    return Time(
        at_random.choice(clinicians), room if in_room else None, starts_at, minutes,
        "in_person" if in_room else "audio", "America/New_York",
    )  # fmt: skip


@pytest.fixture
def full(schedule: Schedule) -> tuple[list[int], int]:
    """Three clinicians who share a room, with starts every five minutes."""
    room = schedule.place()
    clinicians = [schedule.clinician(f"Dr. {name}") for name in ("Silva", "Baptiste", "Kim")]
    for clinician in clinicians:
        schedule.hours(clinician, place=room, step=5)
    schedule.make()
    return clinicians, room


def test_64_book_at_once_whatever_the_lengths(
    schedule: Schedule, full: tuple[list[int], int], open_again: Callable[[], Database]
) -> None:
    databases = [open_again() for _ in range(PROCESSES)]
    people = list(schedule.clinic.patients.values())
    kind = "sqlite" if schedule.database.is_sqlite else "postgresql"
    for number in range(ROUNDS[kind]):
        times = [_time(Random(f"{number} {caller}"), *full) for caller in range(MANY)]
        first = set(schedule.clinic.rows(Appointment, "id"))

        def book(database: Database, caller: int, times: Sequence[Time] = times) -> str:
            with database.writing() as connection:
                book_for.book(
                    database, connection, clinic_id=1, patient_id=people[caller % len(people)],
                    time=times[caller], reason="problem", by="nurse", now=schedule.clinic.now,
                )  # fmt: skip
            return "booked"

        got = _at_once(databases, book)
        visits = [row for row in schedule.clinic.rows(Appointment) if row.id not in first]
        assert set(got) == {"booked", "taken"}
        assert got.count("booked") == len(visits)
        assert_agrees(schedule.clinic)
        _clear(schedule, visits)


def test_they_book_move_and_call_off_at_once(
    schedule: Schedule, full: tuple[list[int], int], open_again: Callable[[], Database]
) -> None:
    databases = [open_again() for _ in range(PROCESSES)]
    people = list(schedule.clinic.patients.values())
    begun = [
        schedule.book(full[0][place % 3], at(9, 30 * place), 25, who=who)
        for place, who in enumerate(("rosa", "james"))
    ]
    about: dict[str, Any] = {"clinic_id": 1, "by": "nurse", "now": schedule.clinic.now}

    def act(database: Database, caller: int) -> str:
        at_random = Random(caller)
        time, visit = _time(at_random, *full), at_random.choice(begun)
        with database.writing() as connection:
            if caller % 4 == 0:
                book_for.move(database, connection, visit=visit, time=time, **about)
            elif caller == 63:
                book_for.call_off(database, connection, visit=begun[0], **about)
            else:
                patient = people[caller % len(people)]
                book_for.book(database, connection, patient_id=patient, time=time, reason="problem", **about)
        return "done"

    def act_or_hear(database: Database, caller: int) -> str:
        try:
            return act(database, caller)
        except NotComing:
            return "called off"

    got = _at_once(databases, act_or_hear)
    assert {"done", "taken"} <= set(got) <= {"done", "taken", "called off"}
    assert_agrees(schedule.clinic)


def test_the_key_alone_keeps_two_apart_who_hold_nothing(
    schedule: Schedule, full: tuple[list[int], int], open_again: Callable[[], Database]
) -> None:
    """What decides is not a lock: also who writes without one gets each unit once, and in no circle."""
    databases = [open_again() for _ in range(PROCESSES)]
    people = list(schedule.clinic.patients.values())
    visits = [schedule.book(full[0][0], at(20, 5 * place), 5, in_hours=False) for place in range(MANY // 8)]
    schedule.clinic.now = at(7)

    def take(database: Database, caller: int) -> str:
        time = _time(Random(caller), *full)
        of = occupying.resources(time.clinician_id, time.place_id, people[caller % len(people)])
        with database.writing() as connection:
            occupying.take(connection, visits[caller % len(visits)], of, time.starts_at, time.ends_at)
        return "has it"

    got = _at_once(databases, take)
    assert set(got) == {"has it", "taken"}
    keys = schedule.clinic.rows(Occupied, "resource", "unit")
    assert len(keys) == len(set(keys))


def _clear(schedule: Schedule, visits: Sequence[Any]) -> None:
    with schedule.database.writing() as connection:
        for row in visits:
            book_for.call_off(
                schedule.database, connection, clinic_id=1, visit=row.id, by="nurse", now=schedule.clinic.now
            )
