"""Nobody sees or changes anything without signing in, from elsewhere, or of another clinic."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select
from werkzeug.security import generate_password_hash

from care import by_staff
from conversation.house import House
from records import Base
from records.clinics import Clinic, Staff
from records.readings import Reading
from records.tasks import Task

from . import a_day
from .people import Clock, Nurse, Patient

OPEN = {"console.static", "console.show_sign_in", "console.sign_in"}


def console_rules(app: Flask) -> list[Any]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/clinic")]


def address(rule: Any) -> str:
    kinds = {name: type(converter).__name__ for name, converter in rule._converters.items()}
    values = {name: "1" if kind == "IntegerConverter" else "abc" for name, kind in kinds.items()}
    built = rule.build(values)
    assert built
    return str(built[1])


def test_every_address_under_clinic_is_guarded(app: Flask, stranger: Nurse) -> None:
    seen = 0
    for rule in console_rules(app):
        if rule.endpoint in OPEN:
            continue
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            seen += 1
            response = stranger.client.open(address(rule), method=method)
            to_sign_in = response.status_code == 303 and response.location == "/clinic/sign-in"
            assert to_sign_in or response.status_code == 401, (method, rule.rule, response.status)
    assert seen == len(console_rules(app)) - len(OPEN)


def test_the_console_has_no_address_outside_of_clinic(app: Flask) -> None:
    outside = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.") and not rule.rule.startswith("/clinic")
    ]
    assert outside == []


def test_every_form_demands_the_token(app: Flask, nurse: Nurse) -> None:
    posts = [rule for rule in console_rules(app) if "POST" in rule.methods]
    assert len(posts) >= 5
    for rule in posts:
        for data in ({}, {"csrf": ""}, {"csrf": "of another session"}, {"csrf": "é"}):
            assert nurse.client.post(address(rule), data=data).status_code == 403, rule.rule


def test_a_refused_form_changes_nothing(nurse: Nurse, rosa: Patient, house: House) -> None:
    rosa.text("hola", "sí", "2", "¿Me pueden llamar?")
    nurse.client.post("/clinic/tasks/1/finish")
    with house.database.reading() as connection:
        assert connection.scalars(select(Task.state)).all() == ["open"]


@pytest.mark.parametrize(
    "path", ["/clinic/", "/clinic/now", "/clinic/sign-in", "/clinic/sent", "/clinic/nowhere"]
)
def test_pages_are_kept_nowhere_and_run_only_our_own_files(nurse: Nurse, path: str) -> None:
    response = nurse.open(path)
    assert response.headers["Cache-Control"] == "no-store"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert " style=" not in response.text
    assert "<script>" not in response.text


@pytest.mark.parametrize(
    "path",
    [
        "patients/99",
        "conversations/none",
        "messages/99/sound",
        "nowhere",
        "sent?status=lost",
        "sent?before=x",
        "readings?patient=-1",
        "readings?before=99999999999999999999",
        "tasks?after=2-1",
        "conversations",
        "messages?patient=99",
    ],
)
def test_what_is_not_there_is_said_plainly(nurse: Nurse, path: str) -> None:
    response = nurse.open(f"/clinic/{path}")
    assert response.status_code == 404
    assert "There is no such page, or it is not for your clinic." in response.text


@pytest.fixture
def elsewhere(app: Flask, house: House) -> Nurse:
    """A nurse of another clinic on the same installation, signed in."""
    with house.database.writing() as connection:
        key = connection.execute(
            insert(Clinic).values(
                name="Hill Clinic",
                line="+16175550150",
                emergency_number="+16175550151",
                timezone="America/Chicago",
            )
        ).inserted_primary_key
        assert key
        hashed = generate_password_hash("hill")
        connection.execute(
            insert(Staff).values(clinic_id=key[0], login="hill", name="Hill", password_hash=hashed)
        )
    one = Nurse(app)
    one.sign_in("hill", "hill")
    return one


def test_another_clinic_sees_and_changes_nothing(
    elsewhere: Nurse, nurse: Nurse, rosa: Patient, house: House, clock: Clock
) -> None:
    rosa.text("hola", "sí", "1", "2 de marzo de 1994", "168/112", "sí")
    a_day.messages(house, clock)
    rosa.text("hola", "2", "¿Me pueden llamar?")
    with house.database.reading() as connection:
        talk = connection.scalars(select(Reading.conversation_id)).one()
    for path in ("", "now", "alerts", "tasks", "readings", "messages", "patients", "sent"):
        theirs = elsewhere.read(f"/clinic/{path}") if path != "now" else elsewhere.open("/clinic/now").text
        ours = nurse.read(f"/clinic/{path}") if path != "now" else nurse.open("/clinic/now").text
        assert re.search("555-01|Rosa", ours), path
        assert not re.search("555-01|Rosa", theirs), path
    single = (
        "patients/1", f"conversations/{talk}", "messages/1/sound", "readings?patient=1", "sent?patient=1",
        "messages?patient=1", "alerts?patient=1", "conversations?patient=1",
    )  # fmt: skip
    for path in single:
        assert nurse.open(f"/clinic/{path}").status_code == 200, path
        assert elsewhere.open(f"/clinic/{path}").status_code == 404, path
    for path in ("alerts/1/take", "tasks/1/finish", "patients/1/ask"):
        assert elsewhere.post(f"/clinic/{path}").status_code == 404, path
    page = nurse.read()
    assert "Open alerts 1" in page
    assert "Tasks 1" in page
    assert "Check-in" not in nurse.read("/clinic/patients/1")


def test_acts_of_care_are_one_clinics_too(rosa: Patient, house: House) -> None:
    rosa.text("hola", "sí", "1", "2 de marzo de 1994", "168/112", "sí", "2", "¿Me pueden llamar?")
    rosa.text("hola", "2", "¿Me pueden llamar?")
    with house.database.writing() as connection:
        for act in (by_staff.take_alert, by_staff.finish_task):
            assert not act(connection, 2, 1, "Hill", house.now())
            assert act(connection, 1, 1, "Demo Nurse", house.now())


def test_going_back_after_a_button_stays_in_the_console(nurse: Nurse, rosa: Patient) -> None:
    rosa.text("hola", "sí", "2", "¿Me pueden llamar?")
    for back in (
        "https://example.org/clinic/",
        "//example.org/clinic/",
        "/clinic/\\example.org",
        "/voice/answer",
        "",
    ):
        data = {"csrf": nurse.token("/clinic/"), "back": back}
        assert nurse.client.post("/clinic/tasks/1/finish", data=data).location == "/clinic/"
    data["back"] = "/clinic/tasks?after=1-1"
    assert nurse.client.post("/clinic/tasks/1/finish", data=data).location == "/clinic/tasks?after=1-1"


def everything_kept(house: House) -> dict[str, list[Any]]:
    """All rows of all tables, but for the audit, which notes every page."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in ("audit", "audit_heads")]
    with house.database.reading() as connection:
        return {table.name: connection.execute(select(table)).all() for table in tables}


def test_pages_write_nothing(nurse: Nurse, rosa: Patient, house: House) -> None:
    rosa.text("hola", "sí", "1", "2 de marzo de 1994", "168/112", "sí")
    before = everything_kept(house)
    for path in ("", "now", "alerts", "tasks", "readings", "messages", "patients", "sent", "patients/1"):
        assert nurse.open(f"/clinic/{path}").status_code == 200
    assert everything_kept(house) == before
