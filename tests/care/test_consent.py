"""Stop, start and wrong person: at once, for everything that waits, and for the right number."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete

from care import alerts, consent, people
from care.occasion import Occasion
from records.outbox import OutboxRow
from records.patients import Consent, PatientNumber
from records.sealing import hashed
from records.tasks import Task
from tests.care.clinic import HOUR, NOON, NUMBERS, Clinic


def _waiting(clinic: Clinic) -> None:
    clinic.put("a text")
    clinic.put("a later call", channel="call", due_at=NOON + HOUR)
    to_james = {"number": NUMBERS["james"], "number_hash": hashed(NUMBERS["james"])}
    clinic.put("a text to james", patient_id=clinic.patients["james"], **to_james)
    clinic.put("an alert at this number", "alert")
    with clinic.turn("c0") as on:
        alerts.raise_alert(on, "asked_for_nurse", "urgent", None)


@pytest.mark.parametrize(
    ("act", "reason", "column"),
    [
        (consent.opt_out, "opted out", "opted_out_at"),
        (consent.wrong_person, "wrong person", "wrong_person_at"),
    ],
)
def test_all_that_waits_for_this_number_is_dropped_but_for_an_alert(
    clinic: Clinic, act: Callable[[Occasion], None], reason: str, column: str
) -> None:
    _waiting(clinic)
    with clinic.turn() as on:
        act(on)
    found = {row.key.split(":")[0]: (row.status, row.reason) for row in clinic.rows(OutboxRow)}
    assert found == {
        "a text": ("dropped", reason),
        "a later call": ("dropped", reason),
        "a text to james": ("due", None),
        "an alert at this number": ("due", None),
        "alert": ("due", None),
    }
    assert getattr(clinic.contact("rosa"), column) == NOON
    assert clinic.contact("james") is None


def test_staff_hear_of_a_stop_once_and_of_a_wrong_person_on_the_same_day(clinic: Clinic) -> None:
    with clinic.turn() as on:
        consent.opt_out(on)
        consent.opt_out(on)
        consent.wrong_person(on)
    assert sorted(clinic.rows(Task, "reason", "same_day")) == [("opted_out", False), ("wrong_person", True)]


def test_start_takes_back_a_stop_and_leaves_a_wrong_person(clinic: Clinic) -> None:
    with clinic.turn() as on:
        consent.opt_out(on)
        consent.wrong_person(on)
        consent.opt_in(on)
    contact = clinic.contact("rosa")
    assert (contact.opted_out_at, contact.wrong_person_at) == (None, NOON)


def _moved(on: Occasion) -> None:
    """Staff have taken the number off her record; somebody else has it now."""
    on.connection.execute(delete(PatientNumber).where(PatientNumber.number_hash == on.number_hash))


def _nothing(on: Occasion) -> None:
    """She is there still."""


@pytest.mark.parametrize(
    ("meanwhile", "begins_again"), [(_nothing, True), (_moved, False), (consent.wrong_person, False)]
)
def test_start_from_a_number_that_is_somebody_elses_now_takes_back_no_word_of_hers(
    clinic: Clinic, meanwhile: Callable[[Occasion], None], begins_again: bool
) -> None:
    with clinic.turn("before", who=None) as on:
        consent.opt_out(on)
        meanwhile(on)
    clinic.now += HOUR
    with clinic.turn("after", who=None) as on:
        consent.opt_in(on)
    hers = clinic.rows(Consent, "patient_id", "given")
    assert ((clinic.patients["rosa"], False) in hers, (clinic.patients["rosa"], True) in hers) == (
        True, begins_again,
    )  # fmt: skip
    assert clinic.contact("rosa").opted_out_at is None, "the number's own word is taken back"


def test_start_from_a_number_that_never_stopped_changes_nothing(clinic: Clinic) -> None:
    with clinic.turn(phone="stranger", who=None) as on:
        consent.opt_in(on)
    assert clinic.contact("stranger").opted_out_at is None


def test_a_stop_keeps_the_language_of_the_number(clinic: Clinic) -> None:
    with clinic.turn() as on:
        people.remember(on, language="es")
        consent.opt_out(on)
    assert (clinic.contact("rosa").language, clinic.contact("rosa").opted_out_at) == ("es", NOON)
