"""Booking, moving, calling off, confirming: who may, and what becomes of the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from care.scheduling import book_for, booking, visits
from care.scheduling.book_for import NotComing, NotTheirs, Time
from records.appointments import Appointment
from records.audit import AuditEntry
from records.database import Taken
from records.scheduling import Occupied, Opening
from tests.care.people_rows import second_clinic
from tests.care.scheduling.schedule import Schedule, assert_agrees, at


def _with_ana(schedule: Schedule) -> int:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.make()
    return ana


def _book(schedule: Schedule, who: str = "rosa", **offer: Any) -> int:
    with schedule.clinic.turn(who=who) as on:
        return booking.book(on, {**schedule.offers(1)[0].to_json(), **offer}, "problem", "me duele la cabeza")


def _staff(schedule: Schedule, act: Callable[..., None], visit: int, **values: Any) -> None:
    with schedule.database.writing() as connection:
        act(
            schedule.database, connection,
            **{"clinic_id": 1, "visit": visit, "by": "nurse", "now": schedule.clinic.now, **values},
        )  # fmt: skip


def test_an_offer_is_booked_and_stands_among_her_visits(schedule: Schedule) -> None:
    ana = _with_ana(schedule)
    visit = _book(schedule)
    row = schedule.visit(visit)
    assert (row.state, row.sequence, row.booked_by, row.reason) == ("booked", 0, "patient", "problem")
    assert (row.starts_at, row.ends_at, row.timezone) == (at(9), at(9, 20), "America/New_York")
    assert row.words == "me duele la cabeza"
    with schedule.database.reading() as connection:
        rosa = schedule.clinic.patients["rosa"]
        (hers,) = visits.coming(connection, 1, rosa, schedule.clinic.now)
        assert visits.coming(connection, 1, rosa, at(9, 20)) == []
        assert visits.coming(connection, 2, rosa, schedule.clinic.now) == []
        assert visits.one(connection, 1, visit) == hers
        assert visits.one(connection, 2, visit) is None
    assert (hers.id, hers.clinician_name, hers.minutes, hers.place_name) == (visit, "Dr. Ana Silva", 20, None)
    assert schedule.free(ana)[at(9)] == 0
    assert [(row.by, row.did, row.about) for row in schedule.clinic.rows(AuditEntry)] == [
        ("patient", "booked_visit", f"visit:{visit}")
    ]
    assert_agrees(schedule.clinic)


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        ({"at": at(9, 15).isoformat()}, "it overlaps"),
        ({"at": at(9, 20).isoformat()}, "no start is there"),
        ({"at": at(11, 45).isoformat()}, "it would end after the hours"),
        ({"at": at(13).isoformat()}, "no hours"),
        ({"at": at(10, day=-7).isoformat()}, "it is past"),
        ({"at": at(10).isoformat(), "minutes": 200}, "longer than the hours"),
        ({"at": at(10).isoformat(), "visit_kind": "in_person"}, "these hours have no such visits"),
    ],
)
def test_a_time_that_cant_be_had_is_taken(schedule: Schedule, offer: dict[str, Any], why: str) -> None:
    ana = schedule.clinician()
    schedule.hours(ana, kinds=["audio"])
    schedule.make()
    schedule.book(ana, at(9), 30, who="james")
    with pytest.raises(Taken):
        _book(schedule, **offer)
    assert len(schedule.clinic.rows(Appointment)) == 1
    assert_agrees(schedule.clinic)


def test_a_patient_is_not_in_two_visits_at_once(schedule: Schedule) -> None:
    _with_ana(schedule)
    jean = schedule.clinician("Nurse Jean Baptiste")
    schedule.hours(jean)
    schedule.make()
    _book(schedule)
    with pytest.raises(Taken):
        _book(schedule, clinician=jean, at=at(9, 15).isoformat())


def test_a_hub_has_one_visit_at_a_time(schedule: Schedule) -> None:
    ana, library = _with_ana(schedule), schedule.place("Library", "hub")
    jean = schedule.clinician("Nurse Jean Baptiste")
    schedule.hours(jean)
    schedule.make()
    schedule.book(ana, at(9), place=library)
    with pytest.raises(Taken):
        schedule.book(jean, at(9, 15), who="james", place=library)
    schedule.book(jean, at(9, 30), who="james", place=library)


def test_a_move_frees_the_old_time_and_takes_the_new_in_one(schedule: Schedule) -> None:
    ana = _with_ana(schedule)
    visit = _book(schedule)
    schedule.book(ana, at(10), 30, who="james")
    offer = {**schedule.offers(1)[0].to_json(), "at": at(9, 15).isoformat()}  # over her own old time
    with schedule.clinic.turn() as on:
        booking.confirm(on, visit)
        booking.move(on, visit, offer)
    row = schedule.visit(visit)
    assert (row.starts_at, row.ends_at, row.sequence, row.state) == (at(9, 15), at(9, 35), 1, "booked")
    assert schedule.free(ana)[at(9)] == 15
    with pytest.raises(Taken), schedule.clinic.turn() as on:
        booking.move(on, visit, {**offer, "at": at(10, 15).isoformat()})
    assert schedule.visit(visit) == row
    assert_agrees(schedule.clinic)


def test_called_off_the_time_is_free_again(schedule: Schedule) -> None:
    ana = _with_ana(schedule)
    before = schedule.free(ana)
    visit = _book(schedule)
    for _ in range(2):
        with schedule.clinic.turn() as on:
            booking.call_off(on, visit)
    assert (schedule.visit(visit).state, schedule.visit(visit).sequence) == ("called_off", 1)
    assert schedule.free(ana) == before
    with pytest.raises(NotComing), schedule.clinic.turn() as on:
        booking.confirm(on, visit)
    with pytest.raises(NotComing), schedule.clinic.turn() as on:
        booking.move(on, visit, schedule.offers(1)[0].to_json())
    assert [row.did for row in schedule.clinic.rows(AuditEntry)] == ["booked_visit", "called_off_visit"]


def test_confirmed_keeps_its_time(schedule: Schedule) -> None:
    _with_ana(schedule)
    visit = _book(schedule)
    with schedule.clinic.turn() as on:
        booking.confirm(on, visit)
    assert (schedule.visit(visit).state, schedule.visit(visit).sequence) == ("confirmed", 0)
    assert_agrees(schedule.clinic)


ACTS: dict[str, Callable[[Any, int, Any], None]] = {
    "move": booking.move,
    "call off": lambda on, visit, offer: booking.call_off(on, visit),
    "confirm": lambda on, visit, offer: booking.confirm(on, visit),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["james", None])
def test_anothers_visit_is_not_touched(schedule: Schedule, act: str, who: str | None) -> None:
    _with_ana(schedule)
    visit = _book(schedule)
    before, offer = schedule.visit(visit), schedule.offers(1)[0].to_json()
    with pytest.raises(NotTheirs), schedule.clinic.turn(who=who) as on:
        ACTS[act](on, visit, offer)
    assert schedule.visit(visit) == before


@pytest.mark.parametrize(
    "act", [book_for.call_off, book_for.confirm, book_for.mark_missed, book_for.mark_done]
)
def test_another_clinics_visit_is_not_touched(schedule: Schedule, act: Callable[..., None]) -> None:
    _with_ana(schedule)
    visit = _book(schedule)
    second_clinic(schedule.clinic)
    with pytest.raises(NotTheirs):
        _staff(schedule, act, visit, clinic_id=2, now=at(9, 5))
    assert schedule.visit(visit).state == "booked"


def test_nobody_is_booked_with_what_is_another_clinics(schedule: Schedule) -> None:
    ana = _with_ana(schedule)
    second_clinic(schedule.clinic)
    theirs = schedule.clinician("Their own", clinic_id=2)
    schedule.hours(theirs)
    schedule.make()
    for values in ({"clinician": theirs}, {"place": schedule.place("Their hub", "hub", clinic_id=2)}):
        with pytest.raises(NotTheirs):
            _book(schedule, **values)
    with pytest.raises(NotTheirs), schedule.database.writing() as connection:
        book_for.book(
            schedule.database, connection, clinic_id=2, patient_id=schedule.clinic.patients["rosa"],
            time=Time(theirs, None, at(9), 20, "audio", "America/New_York"), reason="problem", by="nurse",
            now=schedule.clinic.now,
        )  # fmt: skip
    with pytest.raises(NotTheirs), schedule.clinic.turn(who=None) as on:
        booking.book(on, schedule.offers(1, clinician_id=ana)[0].to_json(), "problem")


def test_missed_or_done_only_once_it_has_begun(schedule: Schedule) -> None:
    _with_ana(schedule)
    visit = _book(schedule)
    for act in (book_for.mark_missed, book_for.mark_done):
        with pytest.raises(NotComing):
            _staff(schedule, act, visit, now=at(8, 59))
    _staff(schedule, book_for.mark_missed, visit, now=at(9, 10))
    assert schedule.visit(visit).state == "missed"
    assert schedule.clinic.rows(Occupied) == []
    _staff(schedule, book_for.mark_done, visit, now=at(9, 10))  # she came after all
    assert schedule.visit(visit).state == "done"
    with pytest.raises(NotComing):
        _staff(schedule, book_for.mark_missed, visit, now=at(9, 10))


def test_one_that_is_over_is_neither_confirmed_nor_called_off(schedule: Schedule) -> None:
    _with_ana(schedule)
    visit = _book(schedule)
    for act in (book_for.confirm, book_for.call_off):
        with pytest.raises(NotComing):
            _staff(schedule, act, visit, now=at(9, 20))


def test_the_clinics_own_schedule_decides_over_hours_but_not_over_others_time(schedule: Schedule) -> None:
    ana = _with_ana(schedule)
    schedule.book(ana, at(20, 2), 13, in_hours=False)
    assert len({row.unit for row in schedule.clinic.rows(Occupied)}) == 3  # each that it touches
    with pytest.raises(Taken):
        schedule.book(ana, at(20, 10), 30, who="james", in_hours=False)
    schedule.book(ana, at(20, 15), 30, who="james", in_hours=False)
    assert_agrees(schedule.clinic)


def test_what_is_past_goes_from_what_can_be_offered(schedule: Schedule) -> None:
    ana = _with_ana(schedule)
    schedule.book(ana, at(9))
    schedule.clinic.now = at(9, day=3)
    schedule.make()
    assert schedule.clinic.rows(Occupied) == []
    assert min(row.starts_at for row in schedule.clinic.rows(Opening)) >= at(9, day=2)
    assert schedule.clinic.rows(Appointment, "state") == ["booked"]  # a visit stays with the patient
    assert schedule.make() == 0
    assert timedelta(days=80) < max(schedule.free(ana)) - schedule.clinic.now < timedelta(days=90)
