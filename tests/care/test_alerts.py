"""An alert is raised once, reaches the emergency number, and goes on until somebody takes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from care import alerts, by_staff, unreached
from carriers import Meaning
from records.alerts import Alert
from records.outbox import OutboxRow
from records.tasks import Task
from tests.care.clinic import HOUR, LINE, NOON, NUMBERS, NURSE, Clinic

SEVERE = {"kind": "blood_pressure", "systolic": 172, "diastolic": 104}
WORSE = {"kind": "blood_pressure", "systolic": 180, "diastolic": 112}


def raised(clinic: Clinic, reason: str = "severe_reading", reading: Any = SEVERE, **turn: Any) -> None:
    with clinic.turn(**turn) as on:
        alerts.raise_alert(on, reason, "emergency", reading)


def test_an_alert_holds_what_a_nurse_needs_and_its_call_is_written_with_it(clinic: Clinic) -> None:
    raised(clinic)
    (alert,) = clinic.rows(Alert)
    assert (alert.level, alert.reason, alert.state, alert.raised_at) == (
        "emergency",
        "severe_reading",
        "open",
        NOON,
    )
    assert alert.patient_id == clinic.patients["rosa"]
    assert alert.details == {"number": NUMBERS["rosa"], "reading": SEVERE, "candidates": []}
    (call,) = clinic.rows(OutboxRow)
    assert (call.kind, call.channel, call.number, call.flow) == ("alert", "call", NURSE, "alert_call")
    assert (call.due_at, call.expires_at) == (NOON, None)
    assert call.facts["alert"] == alert.id
    assert call.facts["alert_phone"] == {"kind": "phone", "e164": NUMBERS["rosa"]}
    assert LINE not in str(call.facts)


def test_on_a_call_she_is_connected_first_and_our_own_call_waits(clinic: Clinic) -> None:
    raised(clinic, channel="voice")
    assert clinic.rows(OutboxRow, "due_at") == [NOON + timedelta(seconds=90)]


@pytest.mark.parametrize(
    ("what", "second", "found"),
    [
        ("the same again", {}, 1),
        ("the same in a later turn", {"turn": 9}, 1),
        ("another reading", {"reading": WORSE}, 2),
        ("no reading", {"reading": None}, 2),
        ("another reason", {"reason": "warning_signs"}, 2),
        ("another conversation", {"conversation": "c2"}, 2),
    ],
)
def test_one_conversation_raises_an_alert_once_for_a_reason_and_a_reading(
    clinic: Clinic, what: str, second: dict[str, Any], found: int
) -> None:
    raised(clinic)
    raised(clinic, **second)
    raised(clinic, **second)
    assert len(clinic.rows(Alert)) == len(clinic.rows(OutboxRow)) == found


@pytest.mark.parametrize(("reason", "found"), [("severe_reading", 1), ("asked_for_nurse", 2)])
def test_when_it_was_taken_asking_anew_is_a_new_alert_but_a_severe_reading_stays_the_same(
    clinic: Clinic, reason: str, found: int
) -> None:
    raised(clinic, reason)
    with clinic.turn(turn=2) as on:
        alerts.take(on, clinic.rows(Alert)[0].id, "by phone")
    raised(clinic, reason, turn=3)
    raised(clinic, reason, turn=4)
    assert len(clinic.rows(Alert)) == found


def test_where_nobody_is_confirmed_everyone_at_the_number_may_be_meant(clinic: Clinic) -> None:
    raised(clinic, phone="riveras", who=None)
    raised(clinic, phone="stranger", who=None, conversation="c2")
    first, second = clinic.rows(Alert)
    assert sorted(first.details["candidates"]) == sorted([clinic.patients["lucia"], clinic.patients["mateo"]])
    assert second.details["candidates"] == []
    assert first.patient_id is None


def test_a_reading_stands_nowhere_in_its_keys(clinic: Clinic) -> None:
    raised(clinic)
    keys = [*clinic.rows(Alert, "key"), *clinic.rows(OutboxRow, "key")]
    assert not any("172" in key or "104" in key for key in keys)


def test_nobody_answers_and_it_calls_again_until_somebody_takes_it(clinic: Clinic) -> None:
    raised(clinic)
    alert = clinic.rows(Alert)[0].id
    for _ in range(30):
        (row,) = clinic.claim("alerts")
        with clinic.database.writing() as connection:
            unreached.again(clinic.database, connection, row, "no answer", clinic.now)
        after = clinic.rows(OutboxRow)[0]
        assert after.status == "due"
        clinic.now = after.due_at
    assert clinic.now - NOON > 5 * HOUR
    with clinic.turn() as on:
        alerts.take(on, alert, "by phone")
    (row,) = clinic.claim("alerts")
    with clinic.database.writing() as connection:
        unreached.again(clinic.database, connection, row, "no answer", clinic.now)
    assert clinic.rows(OutboxRow, "status") == ["delivered"]
    assert clinic.rows(Task) == []


@pytest.mark.parametrize("why", [*Meaning, None])
def test_whatever_goes_wrong_an_alert_is_called_again(clinic: Clinic, why: Meaning | None) -> None:
    """None: nobody knows whether the call was placed. Twice is harmless, never is not."""
    raised(clinic)
    (row,) = clinic.claim("alerts")
    with clinic.database.writing() as connection:
        if why is None:
            unreached.unknown(clinic.database, connection, row, clinic.now)
        else:
            unreached.refused(clinic.database, connection, row, why, clinic.now)
    after = clinic.rows(OutboxRow)[0]
    assert (after.status, after.due_at - NOON) == ("due", timedelta(minutes=1))


def test_an_alert_is_taken_once(clinic: Clinic) -> None:
    raised(clinic)
    alert = clinic.rows(Alert)[0].id
    with clinic.database.writing() as connection:
        assert not by_staff.take_alert(connection, 2, alert, "another clinic's", NOON)
        assert by_staff.take_alert(connection, 1, alert, "Ana", NOON)
        assert not by_staff.take_alert(connection, 1, alert, "Ben", NOON + HOUR)
    with clinic.turn() as on:
        alerts.take(on, alert, "by phone")
    taken = clinic.rows(Alert)[0]
    assert (taken.state, taken.taken_by, taken.taken_at) == ("taken", "Ana", NOON)


def test_a_nurse_who_speaks_with_her_has_all_that_this_conversation_raised(clinic: Clinic) -> None:
    raised(clinic)
    raised(clinic, "warning_signs")
    raised(clinic, conversation="c2")
    with clinic.database.writing() as connection:
        alerts.answered_by_bridge(connection, "c1", NOON + HOUR)
    assert clinic.rows(Alert, "conversation_id", "state", "taken_by") == [
        ("c1", "taken", "connected to the caller"),
        ("c1", "taken", "connected to the caller"),
        ("c2", "open", None),
    ]
