"""Sending to many from the console: looked at first, agreed to by another person, stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from werkzeug.security import generate_password_hash

from care import bulk
from conversation.house import House
from records.bulk import BulkSend
from records.clinics import Staff
from records.outbox import OutboxRow
from records.patients import Consent, Enrolment, Patient

from .people import NOON, Nurse

ONE = "/clinic/bulk/1"


@pytest.fixture
def doctor(app: Flask, house: House) -> Nurse:
    """A second member of the same clinic's staff."""
    with house.database.writing() as connection:
        hashed = generate_password_hash("second")
        connection.execute(
            insert(Staff).values(clinic_id=1, login="doctor", name="Dr. Lee", password_hash=hashed)
        )
    one = Nurse(app)
    one.sign_in("doctor", "second")
    return one


@pytest.fixture
def everyone(house: House) -> int:
    """All of the sample clinic's patients are in a programme and agree to reminders; how many they are."""
    with house.database.writing() as connection:
        ids = connection.scalars(select(Patient.id)).all()
        days = {"starts_on": NOON.date(), "ends_on": NOON.date() + timedelta(days=9)}
        word = {"topic": "reminders", "channel": "any", "given": True, "text_version": "reminders-1"}
        for one in ids:
            of = {"clinic_id": 1, "patient_id": one}
            connection.execute(insert(Enrolment).values(**of, **days, programme="diabetes", ask_at=[]))
            connection.execute(insert(Consent).values(**of, **word, language="en", by="import", at=NOON))
    return len(ids)


def draft(nurse: Nurse) -> str:
    response = nurse.post(
        "/clinic/bulk/new", "/clinic/bulk/new", whom="programme", programme="diabetes", clinician=""
    )
    assert response.status_code == 200
    return response.text


def as_if_for(house: House, people: int) -> None:
    with house.database.writing() as connection:
        connection.execute(update(BulkSend).values(people=people))


def state(house: House) -> str:
    with house.database.reading() as connection:
        return str(connection.scalars(select(BulkSend.state)).one())


def sent_to(house: House) -> int:
    with house.database.reading() as connection:
        return len(connection.scalars(select(OutboxRow.id).where(OutboxRow.status == "due")).all())


def test_it_is_seen_in_every_language_before_it_goes(nurse: Nurse, everyone: int, house: House) -> None:
    page = draft(nurse)
    assert f"For <strong>{everyone}</strong> people" in page
    assert '<p lang="ht" dir="auto"' in page
    for words in (
        "por favor llámenos al (617) 555-0100",
        "tanpri rele nou",
        "전화해 주세요",
        "please call us at",
    ):
        assert words in page, words
    assert "It costs about $0." in page
    assert state(house) == "drafted"
    assert sent_to(house) == 0


def test_many_need_a_second_person(nurse: Nurse, doctor: Nurse, everyone: int, house: House) -> None:
    draft(nurse)
    as_if_for(house, 21)
    assert "Somebody else than whoever prepared it has to agree." in nurse.read(ONE)
    assert "Send it" not in nurse.read(ONE).replace("Do not send it", "")
    assert "Somebody else" in nurse.post(f"{ONE}/agree", ONE).text
    assert state(house) == "drafted"
    assert "It goes out" in doctor.post(f"{ONE}/agree", ONE).text
    bulk.go_on(house.database, house.now())
    assert sent_to(house) == everyone
    assert "agreed to by doctor" in nurse.read(ONE)


def test_it_is_stopped_midway(nurse: Nurse, everyone: int, house: House) -> None:
    draft(nurse)
    nurse.post(f"{ONE}/agree", ONE)
    bulk.go_on(house.database, house.now())
    assert f"{everyone} of {everyone} written Waiting: {everyone}" in nurse.read(ONE)
    nurse.post(f"{ONE}/stop", ONE)
    assert sent_to(house) == 0
    assert "Stopped" in nurse.read("/clinic/bulk")
    assert "This is over already." in nurse.post(f"{ONE}/stop", "/clinic/bulk/new").text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"whom": ""}, "Say whom it is for."),
        ({"whom": "programme", "programme": "none"}, "Choose a programme."),
        ({"whom": "visits", "from": "31/2", "until": "2026-11-30"}, "Write the day as year, month and day"),
        ({"whom": "visits", "from": "2026-12-02", "until": "2026-12-01"}, "The last day is before the first."),
        ({"whom": "visits", "from": "2026-12-01", "until": "2026-12-02", "clinician": "99"}, "Choose a clinician"),
        ({"whom": "visits", "from": "2026-12-01", "until": "2026-12-02"}, "There is nobody like that."),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_said(nurse: Nurse, house: House, fields: dict[str, str], told: str) -> None:
    response = nurse.post("/clinic/bulk/new", "/clinic/bulk/new", **fields)
    assert response.status_code == 422
    assert told in response.text
    with house.database.reading() as connection:
        assert connection.scalars(select(BulkSend.id)).all() == []
