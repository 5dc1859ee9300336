"""Who saw or changed what stands in the audit: pages, acts, commands, and what a patient does by phone."""

from __future__ import annotations

import getpass
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Connection, select, text

from care import check_ins
from care.audit_check import check
from clinic import auditing
from conversation.house import House
from records.alerts import Alert
from records.audit import AuditEntry
from records.messages import Message
from records.readings import Reading
from records.tasks import Task

from . import a_day
from .people import Clock, Nurse, Patient


def drop_trigger(connection: Connection, name: str, table: str) -> None:
    """What somebody does who has the database's password: by SQLite's name, or the one on PostgreSQL for the same."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"DROP TRIGGER {name}"))
    else:
        there = {"audit_no_update": "audit_no_change", "audit_no_delete": "audit_no_change"}.get(name, name)
        connection.execute(text(f"DROP TRIGGER {there} ON {table}"))


def entries(house: House, after: int = 0) -> list[Any]:
    with house.database.reading() as connection:
        return list(
            connection.execute(
                select(AuditEntry.__table__).where(AuditEntry.id > after).order_by(AuditEntry.id)
            )
        )


def since(house: House) -> int:
    return entries(house)[-1].id if entries(house) else 0


def noted(house: House, after: int) -> list[tuple[str, str, int | None, str]]:
    return [(row.by, row.did, row.patient_id, row.about) for row in entries(house, after)]


def one(house: House, query: Any) -> Any:
    with house.database.reading() as connection:
        return connection.scalars(query).first()


def test_every_endpoint_of_the_console_is_audited_or_says_why_not(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("console.")}
    listed = [*auditing.SEEN, *auditing.NOTED_BY_THE_ACT, *auditing.NOT_A_PATIENTS_DATA]
    assert sorted(listed) == sorted(endpoints), (
        "add the endpoint to clinic/auditing.py, or the reason why not"
    )


def test_whatever_changes_something_notes_it_in_its_own_commit(app: Flask) -> None:
    """An act that is noted after it was done may be done and never noted."""
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posts & set(auditing.SEEN) == set()


@pytest.fixture
def day(house: House, rosa: Patient, clock: Clock) -> None:
    """An alert, a task, a reading, a call and a spoken message of Rosa's; James and two more are patients too."""
    rosa.text("hola")
    a_day.messages(house, clock)
    rosa.text("sí", "1", "2 de marzo de 1994", "168/112", "sí")
    rosa.text("hola", "2", "¿Me pueden llamar?")


@pytest.mark.usefixtures("day")
def test_each_page_says_who_saw_whom(house: House, nurse: Nurse) -> None:
    talk = one(house, select(Reading.conversation_id))
    whose = one(house, select(Message.patient_id).where(Message.id == 1))
    for path, did, patient, about in (
        ("patients/1", "saw_patient", 1, "patient:1"),
        (f"conversations/{talk}", "saw_conversation", 1, f"conversation:{talk}"),
        ("messages/1/sound", "heard_message", whose, "message:1"),
        ("readings?patient=1", "saw_readings", 1, ""),
        ("messages?patient=1", "saw_messages", 1, ""),
        ("alerts?patient=1", "saw_alerts", 1, ""),
        ("conversations?patient=1", "saw_conversations", 1, ""),
        ("sent?patient=2", "saw_sent", 2, ""),
        ("alerts", "saw_alerts", 1, ""),
        ("readings", "saw_readings", 1, ""),
    ):
        last = since(house)
        assert nurse.open(f"/clinic/{path}").status_code == 200, path
        assert noted(house, last) == [("demo", did, patient, about)], path


@pytest.mark.usefixtures("day")
def test_a_list_of_several_says_who_stood_on_it(house: House, nurse: Nurse) -> None:
    last = since(house)
    nurse.open("/clinic/patients")
    ((by, did, patient, about),) = noted(house, last)
    assert (by, did, patient) == ("demo", "saw_patients", None)
    assert re.fullmatch(r"patients:1,2,3(,\d+)*", about)


def test_candidates_on_an_alert_stand_on_the_list(house: House, nurse: Nurse, rosa: Patient) -> None:
    rosa.text("hola", "no puedo respirar")
    last = since(house)
    assert "Rosa" in nurse.read("/clinic/alerts")
    assert one(house, select(Alert.patient_id)) is None, "nobody was confirmed"
    assert noted(house, last) == [("demo", "saw_alerts", 1, "")]


@pytest.mark.usefixtures("day")
def test_what_is_not_shown_is_not_noted(house: House, nurse: Nurse, stranger: Nurse) -> None:
    last = since(house)
    for path in ("patients/99", "nowhere", "messages?patient=99", "sign-in"):
        nurse.open(f"/clinic/{path}")
    stranger.open("/clinic/patients/1")
    assert noted(house, last) == []


def test_the_overview_is_noted_when_opened_and_when_others_stand_on_it(
    house: House, nurse: Nurse, rosa: Patient
) -> None:
    rosa.text_reading("128/82", "sí", "no")
    last = since(house)
    nurse.open("/clinic/")
    nurse.open("/clinic/now")
    nurse.open("/clinic/now")
    assert [did for _, did, _, _ in noted(house, last)] == ["saw_overview"]
    last = since(house)
    Patient(house, "+16175550102").call("1", "1", "11201950", "118*76", "1", "2", "2")
    nurse.open("/clinic/now")
    nurse.open("/clinic/now")
    ((_, _, patient, about),) = [entry for entry in noted(house, last) if entry[0] == "demo"]
    assert patient == 2 or "2" in about.removeprefix("patients:").split(",")


@pytest.mark.usefixtures("day")
def test_what_staff_do_is_noted_with_it(house: House, nurse: Nurse, clock: Clock) -> None:
    whose = one(house, select(Task.patient_id).where(Task.id == 1))
    done = []
    for path in ("alerts/1/take", "alerts/1/take", "tasks/1/finish", "tasks/1/finish", "patients/1/ask"):
        clock.go_on(hours=3)
        nurse.sign_in()
        token = {"csrf": nurse.token("/clinic/patients")}
        last = since(house)
        assert nurse.client.post(f"/clinic/{path}", data=token).status_code == 303
        done += [(*entry[:3], entry[3].split(":")[0]) for entry in noted(house, last)]
    assert done == [
        ("demo", "took_alert", 1, "alert"),
        ("demo", "saw_alert", 1, "alert"),
        ("demo", "finished_task", whose, "task"),
        ("demo", "saw_task", whose, "task"),
        ("demo", "asked_for_check_in", 1, "check_in"),
    ]


def test_signing_in_and_out_and_failing_to(house: House, stranger: Nurse) -> None:
    last = since(house)
    stranger.sign_in("demo", "wrong")
    stranger.sign_in("my-password-by-mistake", "demo")
    stranger.sign_in()
    stranger.post("/clinic/sign-out", "/clinic/patients")
    kept = [entry for entry in noted(house, last) if not entry[1].startswith("saw_")]
    assert kept == [
        ("demo", "failed_to_sign_in", None, ""),
        ("unknown", "failed_to_sign_in", None, ""),
        ("demo", "signed_in", None, ""),
        ("demo", "signed_out", None, ""),
    ]
    assert "my-password-by-mistake" not in repr(entries(house))


def test_where_the_audit_cant_be_written_nothing_is_shown(house: House, nurse: Nurse) -> None:
    with house.database.writing() as connection:
        connection.execute(text("ALTER TABLE audit RENAME TO audit_gone"))
    nurse.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    response = nurse.open("/clinic/patients/1")
    assert response.status_code == 500
    assert "Rosa" not in response.text


def test_what_a_patient_does_by_phone(house: House, rosa: Patient) -> None:
    last = since(house)
    rosa.text("hola", "sí", "1")
    before = {by for by, *_ in noted(house, last)}
    assert before <= {"caller"}
    last = since(house)
    rosa.text("2 de marzo de 1994", "128/82", "sí", "no")
    done = [(by, did, patient) for by, did, patient, _ in noted(house, last)]
    for did in ("was_confirmed", "gave_reading", "confirmed_reading", "told_warning_signs"):
        assert ("patient", did, 1) in done, done
    talk = one(house, select(Reading.conversation_id))
    assert {about for *_, about in noted(house, last)} == {f"conversation:{talk}"}


def test_a_check_in_that_nobody_answered(house: House, clock: Clock) -> None:
    last = since(house)
    house_now = house.now()
    with house.database.reading() as connection:
        hashed = connection.execute(
            text("SELECT number_hash FROM patient_numbers WHERE patient_id = 1")
        ).scalar()
    check_ins.ask_now(house.database, str(hashed), house_now, "command:ada")
    for _ in range(2):
        clock.go_on(hours=3)
        check_ins.follow_up_silence(house.database, clock.moment)
    assert [entry[:3] for entry in noted(house, last)] == [
        ("command:ada", "asked_for_check_in", 1),
        ("worker", "check_in_missed", 1),
    ]


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["audit", *words])


@pytest.mark.usefixtures("day")
def test_the_command_says_that_all_is_well(app: Flask, house: House, nurse: Nurse) -> None:
    nurse.open("/clinic/patients")
    result = run(app, "verify")
    assert result.exit_code == 0
    assert f"{len(entries(house))} entries, each as it was written." in result.output
    assert "No exported head to compare with" in result.output


@pytest.mark.usefixtures("day")
def test_the_command_says_what_was_tampered_with(app: Flask, house: House, tmp_path: Path) -> None:
    exported = tmp_path / "head.json"
    assert run(app, "head", "--to", str(exported)).exit_code == 0
    assert exported.stat().st_mode & 0o777 == 0o600
    assert run(app, "head", "--to", str(exported)).exit_code == 1
    assert run(app, "verify", "--head", str(exported)).exit_code == 0
    with house.database.engine.begin() as connection:
        drop_trigger(connection, "audit_no_update", "audit")
        connection.execute(text("UPDATE audit SET \"by\" = 'somebody' WHERE place = 2"))
    result = run(app, "verify", "--head", str(exported))
    assert result.exit_code == 1
    assert "chain 1, place 2 (id 2): does not fit" in result.output
    assert "tampered" in result.output
    exported.write_text("{}")
    assert "is not an exported head" in run(app, "verify", "--head", str(exported)).output


@pytest.mark.usefixtures("day")
def test_the_head_kept_in_the_home_is_compared_by_itself(app: Flask, house: House) -> None:
    from care import audit_heads

    audit_heads.export_once_a_day(house.database, house.settings.audit_dir, house.now())
    with house.database.engine.begin() as connection:
        drop_trigger(connection, "audit_no_delete", "audit")
        drop_trigger(connection, "audit_heads_only_rise", "audit_heads")
        connection.execute(text("DELETE FROM audit"))
        connection.execute(text("UPDATE audit_heads SET count = 0, mac = :zeros"), {"zeros": bytes(32)})
    assert check(house.database).problems == ()
    result = run(app, "verify")
    assert result.exit_code == 1
    assert "the end was cut off" in result.output


def test_the_head_is_printed_as_json(app: Flask, house: House) -> None:
    printed = json.loads(run(app, "head").output)
    assert len(printed["heads"]) == 8
    assert printed["heads"][0][1] == len(entries(house))


@pytest.mark.usefixtures("day")
def test_who_saw_or_changed_what_of_a_patient(app: Flask, house: House, nurse: Nurse) -> None:
    for path in ("patients", "patients/1", "patients/2"):
        nurse.open(f"/clinic/{path}")
    lines = run(app, "show", "--patient", "1").output.splitlines()
    assert [line[:19] for line in lines] == sorted(line[:19] for line in lines)
    shown = [line.split("  ", 1)[1] for line in lines]
    assert "demo  saw_patients" in shown
    assert "demo  saw_patient  patient:1" in shown
    assert "demo  saw_patient  patient:2" not in shown
    assert any(line.startswith("patient  gave_reading  conversation:") for line in shown)
    me = next(entry for entry in entries(house) if entry.did == "saw_audit")
    assert (me.by, me.patient_id, me.clinic_id) == (f"command:{getpass.getuser()}", 1, 1)
    assert run(app, "show", "--patient", "12").output.split()[-1:] == ["saw_audit"]


@pytest.mark.parametrize(
    "form", ["details", "safe-contact", "own-topics", "numbers/new", "proxies/new", "pin", "delete"]
)
def test_a_form_that_is_shown_again_is_noted(house: House, nurse: Nurse, form: str) -> None:
    """It shows what stands in the record, as the form itself does."""
    fields = {
        "name": "",
        "number": "",
        "safe_hours": "often",
        "own_topics": "nothing that there is",
        "pin": "",
    }
    last = since(house)
    page = nurse.post(f"/clinic/patients/1/{form}", **fields)
    assert page.status_code == 422
    assert "Rosa" in page.text
    assert noted(house, last)[-1][:3] == ("demo", "saw_form_again", 1)
