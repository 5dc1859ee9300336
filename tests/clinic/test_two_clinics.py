"""Two clinics on one installation: whatever address staff open or send a form to, nothing of the other's is there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select
from werkzeug.security import generate_password_hash

from care import bulk, patients, proxies, tasks
from care.by_staff import Act
from conversation.house import House
from records.appointments import Waiting
from records.base import Base
from records.clinics import Clinic, Staff
from records.conversations import Conversation
from records.duplicates import DuplicatePair
from records.patients import IdentityLock
from records.scheduling import DayOff

from . import a_day, visits
from .people import NOON, Clock, Nurse, Patient

WITHOUT_AN_ID = {
    "console.static", "console.nowhere", "console.sign_in", "console.show_sign_in", "console.sign_out",
    "console.schedule", "console.waiting", "console.clinicians", "console.new_clinician", "console.save_new_clinician",
    "console.add_day_off", "console.save_day_off", "console.new_place", "console.save_new_place",
    "console.settings", "console.save_settings",
    "console.now", "console.now_part", "console.alerts", "console.tasks", "console.readings", "console.messages",
    "console.sent", "console.patients", "console.look_for", "console.new_patient", "console.register",
    "console.duplicates", "console.conversations", "console.bulk_sends", "console.new_bulk_send",
    "console.draft_bulk_send", "console.costs", "console.set_budget",
}  # fmt: skip
"""Pages of a whole clinic: another test reads them."""
LATER = NOON.date() + timedelta(days=9)
KEPT = {"audit", "audit_heads", "counters", "staff"}
"""Tables in which another clinic's tries to sign in and to look leave their own entries."""


@pytest.fixture
def hill(app: Flask, house: House) -> Nurse:
    """A nurse of another clinic on the same installation, signed in."""
    with house.database.writing() as connection:
        row = {"name": "Hill Clinic", "line": "+16175550150", "emergency_number": "+16175550151"}
        key = connection.execute(
            insert(Clinic).values(**row, timezone="America/Chicago")
        ).inserted_primary_key
        assert key
        hashed = generate_password_hash("hill")
        connection.execute(
            insert(Staff).values(clinic_id=key[0], login="hill", name="Hill", password_hash=hashed)
        )
    one = Nurse(app)
    one.sign_in("hill", "hill")
    return one


@pytest.fixture
def harbors(rosa: Patient, house: House, clock: Clock) -> dict[str, Any]:
    """One thing of each kind at Harbor Clinic, by the name that addresses have for it."""
    rosa.text("hola", "sí", "1", "2 de marzo de 1994", "168/112", "sí")
    a_day.messages(house, clock)
    with house.database.writing() as connection:
        act = Act(house.database, connection, 1, "demo", "Demo Nurse", NOON)
        speaker = proxies.Speaker(
            "Marco Delgado", "carer", "1960-02-11", "+16175550166", "es", ["visits"], None
        )
        assert proxies.add(act, 1, speaker)
        connection.execute(insert(IdentityLock).values(clinic_id=1, patient_id=1, locked_at=NOON))
        row = {"name": "Rosa Delgado", "birth_date": "1994-03-02", "language": "es", "number": "617-555-0101"}
        patients.register(house.database, connection, clinic_id=1, row=row, by="demo", now=NOON)
        tasks.make(
            house.database, connection, key="t", clinic_id=1, reason="message", same_day=True, now=NOON
        )
        assert bulk.draft(act, "please_call", bulk.Audience(programme="postpartum")) == 1
        pair = connection.scalars(select(DuplicatePair.id)).one()
        talk = connection.scalars(select(Conversation.id).limit(1)).one()
    visits.book(house)
    with house.database.writing() as connection:
        connection.execute(insert(DayOff).values(clinic_id=1, from_on=LATER, until_on=LATER, name="Snow"))
        wish = {"reason": "problem", "visit_kind": "audio", "minutes": 20, "until_on": LATER, "since": NOON}
        connection.execute(insert(Waiting).values(clinic_id=1, patient_id=1, state="waiting", **wish))
    ids = {"conversation_id": talk, "pair_id": pair, "topic": "check_ins"}
    return {"patient_id": 1, **ids} | dict.fromkeys(
        (
            "number_id", "proxy_id", "lock_id", "task_id", "alert_id", "message_id", "visit_id", "waiting_id",
            "bulk_id", "clinician_id", "hours_id", "day_off_id", "place_id",
        ),
        1,
    )  # fmt: skip


def content(house: House) -> dict[str, int]:
    """How often each table's rows were changed, as far as a sum over their text tells."""
    found = {}
    with house.database.reading() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name not in KEPT:
                rows = connection.execute(select(table)).all()
                found[table.name] = hash(tuple(map(repr, rows)))
    return found


def test_no_address_shows_or_changes_anything_of_another_clinic(
    app: Flask, hill: Nurse, nurse: Nurse, house: House, harbors: dict[str, Any]
) -> None:
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.") and rule.endpoint not in WITHOUT_AN_ID
    ]
    assert len(rules) > 30
    before, token = content(house), hill.token("/clinic/")
    for rule in rules:
        assert rule.arguments <= set(harbors), rule.rule
        built = rule.build({name: harbors[name] for name in rule.arguments})
        assert built
        if "GET" in (rule.methods or ()):
            if rule.endpoint != "console.sound":
                assert nurse.open(built[1]).status_code == 200, rule.rule
            assert hill.open(built[1]).status_code == 404, rule.rule
        else:
            keep = {"csrf": token, "keep": "1", "channel": "any", "language": "es", "name": "Rosa Delgado"}
            assert hill.client.post(built[1], data=keep).status_code == 404, rule.rule
    assert content(house) == before


@pytest.mark.parametrize("words", ["Rosa", "617-555-0101", "M-0042", ""])
def test_nobody_of_another_clinic_is_found(
    hill: Nurse, nurse: Nurse, house: House, harbors: dict[str, Any], words: str
) -> None:
    with house.database.writing() as connection:
        changes = {"record_number": "M-0042", "name": "Rosa Delgado Cruz"}
        patients.correct(
            house.database, connection, clinic_id=1, patient_id=1, changes=changes, by="demo", now=NOON
        )
    assert "Rosa" in nurse.post("/clinic/patients/search", words=words).text
    theirs = hill.post("/clinic/patients/search", words=words).text
    assert "Delgado" not in theirs
    assert "Nobody here" in theirs
    assert "No two records wait" in hill.read("/clinic/patients/duplicates")


def test_a_task_of_another_clinic_fills_no_form(hill: Nurse, house: House, harbors: dict[str, Any]) -> None:
    with house.database.writing() as connection:
        tasks.make(
            house.database, connection, key="u", clinic_id=1, reason="unknown_caller", same_day=True, now=NOON,
            details={"number": "+16175550177"},
        )  # fmt: skip
    for task in ("1", "2"):
        assert "555-01" not in hill.open(f"/clinic/patients/new?task={task}").text


def test_what_is_of_one_patient_is_not_reached_by_way_of_another(
    nurse: Nurse, house: House, harbors: dict[str, Any]
) -> None:
    before = content(house)
    for path in ("patients/2/numbers/1", "patients/2/proxies/1"):
        assert nurse.open(f"/clinic/{path}").status_code == 404
        assert nurse.post(f"/clinic/{path}", name="x").status_code == 404
        assert nurse.post(f"/clinic/{path}/remove").status_code == 404
    assert content(house) == before


def test_nothing_of_another_clinics_schedule_is_on_a_page(hill: Nurse, harbors: dict[str, Any]) -> None:
    for path in (
        "schedule?day=2026-11-23",
        "waiting",
        "clinicians",
        "days-off/new",
        "days-off/new?clinician=1",
    ):
        page = hill.open(f"/clinic/{path}")
        assert page.status_code == 200
        assert not any(name in page.text for name in ("Rosa", "Silva", "Snow", "Room 1")), path
    assert hill.open("/clinic/schedule?clinician=1").status_code == 404


def test_nobody_of_another_clinic_is_off(hill: Nurse, house: House, harbors: dict[str, Any]) -> None:
    before = content(house)
    day = {"from_on": "2026-11-23", "name": "Course"}
    answer = hill.post("/clinic/days-off/new", "/clinic/days-off/new", clinician="1", **day)
    assert answer.status_code == 422
    assert "Choose one that there is" in answer.text
    assert content(house) == before
    hill.post("/clinic/days-off/new", "/clinic/days-off/new", clinician="", **day)
    assert content(house)["openings"] == before["openings"], "their holiday is not ours"


def test_a_room_of_another_clinic_is_nobodys_here(hill: Nurse, house: House, harbors: dict[str, Any]) -> None:
    fields = {"name": "Dr. Hill", "languages": "English", "states": "IL", "time_zone": "America/Chicago"}
    hill.post("/clinic/clinicians/new", "/clinic/clinicians/new", active="yes", **fields)
    hours = {
        "weekdays": "1",
        "starts": "09:00",
        "ends": "12:00",
        "visit_kinds": "in_person",
        "step_minutes": "15",
    }
    path = "/clinic/clinicians/3/hours/new"
    answer = hill.post(path, path, from_on="2026-11-24", place="1", **hours)
    assert answer.status_code == 422
    assert "Choose a room that there is." in answer.text
    assert hill.post(path, path, from_on="2026-11-24", **hours).status_code == 200
