"""A clinician asks for a visit: the patient is told, books it herself, or a person looks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from care.occasion import Overtaken
from care.scheduling import follow_ups
from records.appointments import Appointment, FollowUp
from records.audit import AuditEntry
from records.outbox import OutboxRow
from records.tasks import Task
from tests.care.scheduling.schedule import MONDAY, Schedule, at


@pytest.fixture
def open_clinic(schedule: Schedule) -> Schedule:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.make()
    schedule.clinic.word("rosa", "reminders")
    return schedule


def _ask(schedule: Schedule, who: str = "rosa", **differs: Any) -> int:
    values = {
        "clinic_id": 1, "patient_id": schedule.clinic.patients[who], "clinician_id": 1, "reason": "follow_up",
        "from_on": MONDAY + timedelta(days=7), "until_on": MONDAY + timedelta(days=11), "visit_kind": "audio",
        "by": "nurse", "now": schedule.clinic.now,
    } | differs  # fmt: skip
    with schedule.database.writing() as connection:
        return follow_ups.ask(schedule.database, connection, **values)


def _wanted(schedule: Schedule, who: str = "rosa") -> Any:
    with schedule.database.reading() as connection:
        return follow_ups.wanted_of(connection, 1, schedule.clinic.patients[who], schedule.clinic.now.date())


def _book(schedule: Schedule, wanted: Any) -> None:
    days = {"first_day": MONDAY + timedelta(days=7), "last_day": MONDAY + timedelta(days=11)}
    (offer,) = schedule.offers(1, **days)
    with schedule.clinic.turn(who="rosa") as on:
        follow_ups.book(on, wanted, offer.to_json())


def _go_on(schedule: Schedule, days: float) -> int:
    schedule.clinic.now += timedelta(days=days)
    return follow_ups.go_on(schedule.database, schedule.clinic.now)


def test_she_is_told_with_nothing_of_it_and_books(open_clinic: Schedule) -> None:
    wanted = _ask(open_clinic)
    (row,) = open_clinic.clinic.rows(OutboxRow)
    assert (row.key, row.kind, row.flow) == (f"follow_up:{wanted}:1", "book_visit", "visit_message_text")
    found = _wanted(open_clinic)
    assert found == {
        "id": wanted, "reason": "follow_up", "visit_kind": "audio", "clinician": 1, "first": "2026-11-30",
        "last": "2026-12-04", "every": None, "times": 1,
    }  # fmt: skip
    _book(open_clinic, found)
    assert open_clinic.clinic.rows(FollowUp, "state", "appointment_id") == [("booked", 1)]
    assert open_clinic.clinic.rows(Appointment, "starts_at") == [at(9, day=7)]
    assert _wanted(open_clinic) is None
    with open_clinic.database.reading() as connection:
        assert follow_ups.not_wanted(connection, [row], open_clinic.clinic.now) == {row.id: "booked already"}
    with pytest.raises(Overtaken):
        _book(open_clinic, found)
    assert [row.did for row in open_clinic.clinic.rows(AuditEntry)] == ["asked_for_visit", "booked_visit"]


def test_a_visit_that_comes_back_is_booked_as_one(open_clinic: Schedule) -> None:
    _ask(open_clinic, every="week", times=3)
    _book(open_clinic, _wanted(open_clinic))
    starts = open_clinic.clinic.rows(Appointment, "starts_at")
    assert starts == [at(9, day=7), at(9, day=14), at(9, day=21)]
    assert len(set(open_clinic.clinic.rows(Appointment, "series"))) == 1
    assert open_clinic.clinic.rows(Task) == []


def test_what_can_not_be_booked_of_a_series_is_for_a_person(open_clinic: Schedule) -> None:
    open_clinic.book(1, at(9, day=14), who="james")
    _ask(open_clinic, every="week", times=3)
    _book(open_clinic, _wanted(open_clinic))
    assert [row.reason for row in open_clinic.clinic.rows(Task)] == ["series_not_whole"]


def test_who_does_not_book_is_told_again_and_then_a_person_looks(open_clinic: Schedule) -> None:
    wanted = _ask(open_clinic)
    assert _go_on(open_clinic, 2.9) == 0
    assert _go_on(open_clinic, 0.2) == 1
    assert open_clinic.clinic.row(f"follow_up:{wanted}:2").status == "due"
    assert open_clinic.clinic.rows(Task) == []
    assert _go_on(open_clinic, 4) == 1
    assert [row.reason for row in open_clinic.clinic.rows(Task)] == ["follow_up_not_booked"]
    assert _go_on(open_clinic, 30) == 0


def test_who_does_not_want_it_is_asked_no_more_and_staff_hear_of_it(open_clinic: Schedule) -> None:
    wanted = _ask(open_clinic)
    hers = _wanted(open_clinic)
    with open_clinic.clinic.turn(who="james") as on:  # it is not his to decline
        follow_ups.decline(on, hers)
    assert open_clinic.clinic.rows(FollowUp, "state") == ["open"]
    for _ in range(2):
        with open_clinic.clinic.turn(who="rosa") as on:
            follow_ups.decline(on, hers)
    assert open_clinic.clinic.rows(FollowUp, "state") == ["declined"]
    assert [row.reason for row in open_clinic.clinic.rows(Task)] == ["follow_up_declined"]
    assert _wanted(open_clinic) is None
    assert _go_on(open_clinic, 30) == 0
    with open_clinic.database.writing() as connection:  # staff have nothing left to close
        assert not follow_ups.close(
            open_clinic.database, connection, 1, wanted, "nurse", open_clinic.clinic.now
        )


def test_whom_no_machine_may_reach_is_for_a_person_at_once(open_clinic: Schedule) -> None:
    _ask(open_clinic, "james")
    assert open_clinic.clinic.rows(OutboxRow) == []
    assert [row.reason for row in open_clinic.clinic.rows(Task)] == ["reach_about_visit"]


def test_what_is_not_wanted_any_more(open_clinic: Schedule) -> None:
    wanted = _ask(open_clinic)
    with open_clinic.database.writing() as connection:
        ours = (open_clinic.database, connection)
        assert not follow_ups.close(*ours, 2, wanted, "eve", open_clinic.clinic.now)
        assert follow_ups.close(*ours, 1, wanted, "nurse", open_clinic.clinic.now)
        assert not follow_ups.close(*ours, 1, wanted, "nurse", open_clinic.clinic.now)
    assert _wanted(open_clinic) is None
    assert _go_on(open_clinic, 30) == 0


def test_what_was_to_be_long_ago_is_not_booked_now(open_clinic: Schedule) -> None:
    _ask(open_clinic)
    open_clinic.clinic.now += timedelta(days=20)
    assert _wanted(open_clinic) is None
