"""What is done for each reason that a carrier gives: another way, another time, or a person who looks."""

from __future__ import annotations

import pytest

from care import check_ins, unreached
from carriers import Meaning
from records.outbox import OutboxRow
from records.readings import CheckIn
from records.tasks import Task
from tests.care.clinic import HOUR, NOON, Clinic

NINE = NOON - 3 * HOUR
CALL, AGAIN, STAFF = "a call instead", "tried again", "a person looks"
OF_A_TEXT = {
    Meaning.INVALID_NUMBER: STAFF,
    Meaning.OPTED_OUT: CALL,
    Meaning.NOT_A_MOBILE: CALL,
    Meaning.LANDLINE: CALL,
    Meaning.UNKNOWN_HANDSET: CALL,
    Meaning.BLOCKED: STAFF,
    Meaning.UNREACHABLE: AGAIN,
    Meaning.FILTERED: STAFF,
    Meaning.BAD_TEXT: STAFF,
    Meaning.UNREGISTERED_SENDER: AGAIN,
    Meaning.BAD_SENDER: AGAIN,
    Meaning.NOT_ALLOWED: STAFF,
    Meaning.AUTHENTICATION: AGAIN,
    Meaning.SUSPENDED: AGAIN,
    Meaning.RATE_LIMITED: AGAIN,
    Meaning.NOT_FOUND: STAFF,
    Meaning.CARRIER_FAULT: AGAIN,
    Meaning.UNKNOWN: AGAIN,
}
"""A check-in by text that was refused, by the reason."""


def _refuse(clinic: Clinic, why: Meaning) -> str:
    """Refuse what is due, and tell what was done."""
    clinic.now = max(clinic.now, *clinic.rows(OutboxRow, "due_at"))
    row = clinic.claim()[-1]
    with clinic.database.writing() as connection:
        unreached.refused(clinic.database, connection, row, why, clinic.now)
    done = []
    if clinic.row(row.key).status == "due":
        done.append(AGAIN)
    if any(task.key == f"not_delivered:{row.key}" for task in clinic.rows(Task)):
        done.append(STAFF)
    if any(other.key == f"{row.key}:call" for other in clinic.rows(OutboxRow)):
        done.append(CALL)
    (one,) = done
    assert (clinic.row(row.key).status == "failed") is (one != AGAIN)
    assert clinic.row(row.key).reason == why.value
    return one


@pytest.fixture
def asked(clinic: Clinic) -> Clinic:
    """Rosa has just been asked by text."""
    clinic.enrol("rosa", "09:00")
    clinic.now = NINE
    check_ins.ask_those_due(clinic.database, NINE)
    return clinic


def test_there_is_a_line_for_every_reason() -> None:
    assert set(OF_A_TEXT) == set(Meaning)
    assert {why for why in Meaning if not why.permanent} == {
        why for why, done in OF_A_TEXT.items() if done == AGAIN
    }


@pytest.mark.parametrize(("why", "done"), OF_A_TEXT.items())
def test_a_text_that_was_refused(asked: Clinic, why: Meaning, done: str) -> None:
    assert _refuse(asked, why) == done
    assert asked.rows(CheckIn, "state") == ["called" if done == CALL else "asked"]
    blocked = asked.contact("rosa") is not None and asked.contact("rosa").blocked_at == NINE
    assert blocked is (why is Meaning.OPTED_OUT)


@pytest.mark.parametrize("why", [why for why in Meaning if why.permanent])
def test_a_call_that_was_refused_for_good_is_not_called_again(clinic: Clinic, why: Meaning) -> None:
    clinic.enrol("james", "09:00")
    clinic.now = NINE
    check_ins.ask_those_due(clinic.database, NINE)
    assert _refuse(clinic, why) == STAFF
    (task,) = clinic.rows(Task)
    assert (task.reason, task.same_day, task.details["why"]) == ("not_delivered", True, why.value)


def test_a_handset_that_stays_out_of_reach_is_called_when_the_tries_are_used_up(asked: Clinic) -> None:
    assert [_refuse(asked, Meaning.UNREACHABLE) for _ in range(3)] == [AGAIN, AGAIN, CALL]
    assert asked.rows(CheckIn, "state") == ["called"]


def test_a_carrier_that_stays_broken_is_a_matter_for_staff(asked: Clinic) -> None:
    assert [_refuse(asked, Meaning.CARRIER_FAULT) for _ in range(3)] == [AGAIN, AGAIN, STAFF]


def test_nobody_is_called_who_has_answered_meanwhile(asked: Clinic) -> None:
    with asked.turn() as on:
        check_ins.finish(on)
    (row,) = asked.claim()
    with asked.database.writing() as connection:
        unreached.refused(asked.database, connection, row, Meaning.LANDLINE, NINE)
    assert asked.rows(OutboxRow, "channel", "status") == [("text", "failed")]
    assert asked.rows(CheckIn, "state") == ["answered"]


def test_where_nobody_knows_whether_it_was_sent_a_person_looks_and_nothing_is_sent_again(
    asked: Clinic,
) -> None:
    (row,) = asked.claim()
    for _ in range(2):
        with asked.database.writing() as connection:
            unreached.unknown(asked.database, connection, row, NINE)
    assert asked.row(row.key).status == "unknown"
    assert asked.rows(Task, "reason", "key") == [("outcome_unknown", f"outcome_unknown:{row.key}")]
    asked.now += HOUR
    assert asked.claim() == []
