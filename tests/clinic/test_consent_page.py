"""What a patient tells somebody at the clinic: she agrees, or wants no more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from care.rules import consent
from conversation.house import House
from records.audit import AuditEntry
from records.patients import Consent

from .people import Nurse, words

ROSA, LUCIA = "/clinic/patients/1", "/clinic/patients/3"


def said(house: House, patient: int) -> list[Any]:
    with house.database.reading() as connection:
        columns = (
            Consent.topic,
            Consent.channel,
            Consent.given,
            Consent.text_version,
            Consent.language,
            Consent.by,
        )
        found = connection.execute(select(*columns).where(Consent.patient_id == patient).order_by(Consent.id))
        return [tuple(row) for row in found]


def test_she_agrees_to_a_text_in_her_language(nurse: Nurse, house: House) -> None:
    page = nurse.open(f"{LUCIA}/consent/reminders").text
    text = consent.texts()[consent.text_for("reminders")]["texts"]["es"]
    assert f'<span lang="es" dir="auto">{text}</span>' in page
    assert re.search(r'name="language" type="radio" value="es" checked', page)
    page = words(nurse.post(f"{LUCIA}/consent/reminders/agree", LUCIA, language="es", channel="text"))
    assert "The consent is written down." in page
    assert "reminders of visits Agreed not agreed" in page
    assert said(house, 3) == [("reminders", "text", True, consent.text_for("reminders"), "es", "demo")]
    assert "written down by Demo Nurse" in page


@pytest.mark.parametrize(
    "form", [{"language": "tlh", "channel": "text"}, {"language": "es", "channel": "fax"}, {}]
)
def test_without_a_text_or_a_way_nothing_is_agreed_to(
    nurse: Nurse, house: House, form: dict[str, str]
) -> None:
    page = nurse.post(f"{LUCIA}/consent/reminders/agree", LUCIA, **form)
    assert page.status_code == 422
    assert said(house, 3) == []


def test_she_wants_no_more_calls_about_one_thing(nurse: Nurse, house: House) -> None:
    page = words(nurse.post(f"{ROSA}/consent/check_ins/stop", ROSA, channel="call"))
    assert "It holds at once" in page
    assert "check-ins about health Agreed Wants no more" in page


def test_one_switch_for_everything(nurse: Nurse, house: House) -> None:
    assert "wants no more automatic texts or calls of any kind" in nurse.read(f"{ROSA}/consent/everything")
    page = words(nurse.post(f"{ROSA}/consent/everything/stop", ROSA, channel="any"))
    assert "check-ins about health Wants nothing at all Wants nothing at all" in page
    assert said(house, 1)[-1][:3] == ("everything", "any", False)
    assert "no consent stands" in page
    nurse.post(f"{ROSA}/consent/check_ins/agree", ROSA, language="es", channel="any")
    assert "check-ins about health Agreed Agreed" in nurse.read(ROSA)


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("gossip/stop", {"channel": "any"}, 404),
        ("gossip/agree", {"channel": "any", "language": "es"}, 404),
        ("everything/agree", {"channel": "any", "language": "es"}, 404),
        ("visits/stop", {"channel": "fax"}, 400),
        ("visits/stop", {}, 400),
    ],
)
def test_what_there_is_not(nurse: Nurse, house: House, path: str, form: dict[str, str], status: int) -> None:
    before = said(house, 1)
    assert nurse.post(f"{ROSA}/consent/{path}", ROSA, **form).status_code == status
    assert said(house, 1) == before


def test_both_are_noted(nurse: Nurse, house: House) -> None:
    nurse.post(f"{ROSA}/consent/visits/agree", ROSA, language="es", channel="text")
    nurse.post(f"{ROSA}/consent/visits/stop", ROSA, channel="any")
    with house.database.reading() as connection:
        query = select(AuditEntry.did, AuditEntry.about).where(AuditEntry.did.contains("consent"))
        found = connection.execute(
            query.where(AuditEntry.by == "demo", AuditEntry.about.contains("visits"))
        ).all()
    assert {about for _, about in found} == {"visits,text", "visits,any"}
