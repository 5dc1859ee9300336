"""Somebody calls a visit off: whoever waits for such a time is asked, one by one or all, and the first yes has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, update

from care.occasion import Occasion, Overtaken
from care.scheduling import book_for, free_time, slot_offers, wait_list
from care.scheduling.book_for import NotComing, NotTheirs
from records.appointments import Appointment, SlotOffer, Waiting
from records.base import Base
from records.clinics import Clinic as ClinicRow
from records.database import Taken
from records.outbox import OutboxRow
from records.patients import Patient
from records.scheduling import Occupied, unit_of
from records.tasks import Task
from tests.care.clinic import MINUTE
from tests.care.scheduling.schedule import Schedule, assert_agrees, at

WHO = ("rosa", "james", "lucia")


@pytest.fixture
def full(schedule: Schedule) -> Schedule:
    """Dr. Silva has one hour on Monday, and Mateo a visit in it; Rosa, James and Lucía may be reminded."""
    ana = schedule.clinician()
    schedule.hours(ana, "10:00", "10:20", weekdays=(0,), step=20, until_on=at(10).date())
    schedule.make()
    schedule.book(ana, at(10), who="mateo")
    with schedule.database.writing() as connection:
        connection.execute(update(Patient).values(state="MA"))
    for who in WHO:
        schedule.clinic.word(who, "reminders")
    return schedule


@contextmanager
def _turn(full: Schedule, who: str, row: Any = None) -> Iterator[Occasion]:
    phone = {"rosa": "rosa", "james": "james", "lucia": "riveras"}[who]
    with full.clinic.turn(f"c-{who}", phone=phone, who=who) as on:
        on.outbox_id = row.id if row is not None else None
        yield on


def _wait(full: Schedule, *who: str, **differs: Any) -> None:
    for one in who:
        full.clinic.now += MINUTE
        with _turn(full, one) as on:
            wait_list.wait(on, **{"reason": "problem", "visit_kind": "audio", **differs})


def _call_off(full: Schedule, visit: int = 1) -> None:
    with full.database.writing() as connection:
        book_for.call_off(
            full.database, connection, clinic_id=1, visit=visit, by="nurse", now=full.clinic.now
        )


def _go_on(full: Schedule, **later: float) -> int:
    full.clinic.now += timedelta(**later)
    return wait_list.offer_freed_times(full.database, full.clinic.now)


def _asked(full: Schedule) -> list[Any]:
    return [row for row in full.clinic.rows(OutboxRow) if row.kind == "slot_offer"]


def _names(full: Schedule, rows: list[Any]) -> list[str]:
    names = {number: name for name, number in full.clinic.patients.items()}
    return [names[row.patient_id] for row in rows]


def _take(full: Schedule, who: str) -> None:
    row = next(row for row in _asked(full) if row.patient_id == full.clinic.patients[who])
    with _turn(full, who, row) as on:
        slot_offers.take(on, row.facts["slot_offer"])


def _decline(full: Schedule, who: str, stay: str = "yes") -> None:
    row = next(row for row in _asked(full) if row.patient_id == full.clinic.patients[who])
    with _turn(full, who, row) as on:
        slot_offers.decline(on, row.facts["slot_offer"], stay)


def _visits(full: Schedule) -> list[tuple[str, str]]:
    names = {number: name for name, number in full.clinic.patients.items()}
    return [(names[row.patient_id], row.state) for row in full.clinic.rows(Appointment)]


def test_where_nobody_waits_nothing_is_offered(full: Schedule) -> None:
    _call_off(full)
    assert full.clinic.rows(OutboxRow) == []


def test_the_longest_waiting_is_asked_first(full: Schedule) -> None:
    _wait(full, "james", "rosa")
    _call_off(full)
    assert _go_on(full) == 1
    assert _names(full, _asked(full)) == ["james"]
    (row,) = _asked(full)
    assert (row.channel, row.flow) == ("call", "visit_message_call"), "James has a landline"
    offered = row.facts["offered"]
    assert (offered["at"], offered["minutes"], offered["zone"]) == (
        at(10).isoformat(),
        20,
        "America/New_York",
    )
    assert _go_on(full, minutes=5) == 0, "he has his time to answer"


def test_who_says_no_goes_on_waiting_and_the_next_is_asked_at_once(full: Schedule) -> None:
    _wait(full, "james", "rosa")
    _call_off(full)
    _go_on(full)
    _decline(full, "james")
    assert _go_on(full) == 1
    assert _names(full, _asked(full)) == ["james", "rosa"]
    _take(full, "rosa")
    assert _visits(full) == [("mateo", "called_off"), ("rosa", "booked")]
    states = dict(zip(("james", "rosa"), full.clinic.rows(Waiting, "state"), strict=True))
    assert states == {"james": "waiting", "rosa": "booked"}
    assert _go_on(full, hours=3) == 0
    assert_agrees(full.clinic)


def test_who_does_not_answer_in_time_makes_room_and_may_still_be_quicker(full: Schedule) -> None:
    _wait(full, "james", "rosa")
    _call_off(full)
    _go_on(full)
    assert _go_on(full, minutes=121) == 1
    assert _names(full, _asked(full)) == ["james", "rosa"]
    assert full.clinic.rows(SlotOffer, "state") == ["too_late", "open"]
    _take(full, "james")
    assert _visits(full)[-1] == ("james", "booked")
    assert full.clinic.row("slot_offer:2").status == "dropped", "Rosa is not asked for what is taken"
    with pytest.raises((Taken, Overtaken)):
        _take(full, "rosa")


def test_all_are_asked_at_once_where_the_clinic_wants_it_so(full: Schedule) -> None:
    with full.database.writing() as connection:
        connection.execute(update(ClinicRow).values(wait_list="all"))
    _wait(full, *WHO)
    _call_off(full)
    assert _go_on(full) == 3
    _take(full, "lucia")
    with pytest.raises((Taken, Overtaken)):
        _take(full, "james")
    assert _visits(full) == [("mateo", "called_off"), ("lucia", "booked")]


def test_an_earlier_time_moves_the_visit_that_she_has(full: Schedule) -> None:
    """And what she leaves is offered in its turn."""
    late = full.clinician("Dr. Lee")
    full.hours(late, "10:00", "10:20", weekdays=(2,), step=20)
    full.make()
    later = full.book(late, at(10, day=2), who="rosa")
    _wait(full, "rosa", visit={"id": later})
    _wait(full, "james", reason="check_up", visit_kind="audio")
    with full.database.writing() as connection:
        connection.execute(update(Waiting).where(Waiting.reason == "check_up").values(minutes=20))
    _call_off(full)
    _go_on(full)
    _take(full, "rosa")
    row = full.visit(later)
    assert (row.starts_at, row.sequence) == (at(10), 1)
    assert _go_on(full) == 1
    assert _names(full, _asked(full)) == ["rosa", "james"]


def test_nobody_is_asked_at_night_nor_too_late(full: Schedule) -> None:
    _wait(full, "rosa")
    _call_off(full)
    assert _go_on(full, hours=10) == 0  # 10 pm in Boston
    assert full.clinic.rows(OutboxRow, "reason") == ["quiet hours"]
    assert _go_on(full, hours=10) == 1  # 8 am
    full.clinic.now = at(9)
    _decline(full, "rosa")
    _wait(full, "james")
    assert _go_on(full) == 0, "an hour before it nobody can get there"


def test_whom_no_machine_may_reach_is_called_by_a_person(full: Schedule) -> None:
    full.clinic.word("rosa", "reminders", given=False)
    _wait(full, "rosa")
    _call_off(full)
    assert _go_on(full) == 1
    assert _asked(full) == []
    assert full.clinic.rows(Task, "reason", "patient_id") == [
        ("offer_by_person", full.clinic.patients["rosa"])
    ]


def test_a_message_that_does_not_reach_her_makes_room(full: Schedule) -> None:
    _wait(full, "rosa", "james")
    _call_off(full)
    _go_on(full)
    (row,) = _asked(full)
    with full.database.writing() as connection:
        assert slot_offers.another_way(full.database, connection, row, "unreachable", full.clinic.now)
    assert _go_on(full) == 1
    assert _names(full, _asked(full)) == ["rosa", "james"]


def test_waiting_ends_with_a_visit_and_with_its_last_day(full: Schedule) -> None:
    _wait(full, "rosa", "james")
    lee = full.clinician("Dr. Lee")
    full.hours(lee)
    full.make()
    full.book(lee, at(9), who="rosa")
    assert full.clinic.rows(Waiting, "state") == ["booked", "waiting"]
    assert wait_list.leave_those_too_late(full.database, full.clinic.now + timedelta(days=59)) == 0
    assert wait_list.leave_those_too_late(full.database, full.clinic.now + timedelta(days=62)) == 1


def test_asking_again_keeps_her_place(full: Schedule) -> None:
    _wait(full, "rosa", "james", "rosa")
    _call_off(full)
    _go_on(full)
    assert _names(full, _asked(full)) == ["rosa"]


TABLES: tuple[type[Base], ...] = (OutboxRow, SlotOffer, Waiting, Occupied, Appointment, Task)
STEPS = some.tuples(
    some.sampled_from(("wait", "take", "no", "go on", "call off", "later")), some.sampled_from(WHO)
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=some.lists(STEPS, min_size=4, max_size=16))
def test_in_whatever_order_a_time_is_one_persons(full: Schedule, steps: list[tuple[str, str]]) -> None:
    with full.database.writing() as connection:
        for table in TABLES:
            connection.execute(delete(table))
    full.clinic.now = at(9, day=-1)
    full.make()
    with full.database.writing() as connection:
        free_time.refresh(connection, [1], [], unit_of(at(9)), unit_of(at(12)))
    full.book(1, at(10), who="mateo")
    for step, who in [("wait", "james"), ("call off", "mateo"), ("go on", "james"), *steps]:
        with suppress(Taken, Overtaken, NotTheirs, NotComing, StopIteration):
            match step:
                case "wait":
                    _wait(full, who)
                case "take":
                    _take(full, who)
                case "no":
                    _decline(full, who)
                case "go on":
                    _go_on(full)
                case "later":
                    _go_on(full, hours=1.5)
                case "call off":
                    coming = [row.id for row in full.clinic.rows(Appointment) if row.state == "booked"]
                    for visit in coming:
                        _call_off(full, visit)
        assert sum(state == "booked" for _, state in _visits(full)) <= 1
        assert_agrees(full.clinic)
    offered = [(row.waiting_id, row.starts_at) for row in full.clinic.rows(SlotOffer)]
    assert len(set(offered)) == len(offered), "nobody is asked twice for one time"
