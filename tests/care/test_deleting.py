"""A person is deleted: nothing of her is left but the audit; and what is old goes by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from care import alerts, names, patients, people, retention, sounds
from care.rules.name_words import beginnings
from care.rules.retention import is_past, limits
from records.alerts import Alert
from records.audit import AuditEntry
from records.conversations import Conversation, Turn
from records.messages import Message
from records.outbox import OutboxRow, StatusEvent
from records.patients import IdentityTry
from records.sealing import hashed
from records.tasks import Task
from tests.care.clinic import DAY, NOON, NUMBERS, Clinic
from tests.care.people_rows import ANA, ANNA, everything, patient, register, second_clinic
from tests.care.test_merging import _lives, _merge, _put

NOT_HERS = frozenset({"audit", "audit_heads", "clinicians", "bulk_sends"})
E164 = "+16175550111"


def _delete(clinic: Clinic, who: int, folder: Path, clinic_id: int = 1) -> bool:
    with clinic.database.writing() as connection:
        return patients.delete(
            clinic.database, connection, clinic_id=clinic_id, patient_id=who, recordings=folder, by="nurse",
            now=clinic.now,
        )  # fmt: skip


def _traces(clinic: Clinic) -> list[str]:
    """Values and tokens of hers that are anywhere but in the audit."""
    values = [cell for row in (ANA, ANNA) for column, cell in row.items() if column != "language"]
    values += [E164, "+16175550112", "Eva Lima", "hola de Ana"]
    values += [hashed(E164), hashed("+16175550112"), *names.tokens_of(1, beginnings("Ana Anna Lima"))]
    all_of_it = everything(clinic, NOT_HERS)
    return [
        value for value in values if value and re.search(rf"\b{re.escape(value.lstrip('+'))}\b", all_of_it)
    ]


def test_nothing_is_left_of_her_but_the_audit(clinic: Clinic, folder: Path) -> None:
    untouched = everything(clinic, NOT_HERS)
    ana = register(
        clinic, **ANA, proxy="Eva Lima", proxy_relation="carer", proxy_birth_date="1970-01-05",
        proxy_number="617-555-0112", proxy_topics="check_ins", consent_topics="check_ins",
        consent_date="2026-11-19", consent_text="v1",
    )  # fmt: skip
    anna = register(clinic, **{**ANNA, "pin": "8264"})
    assert len(_traces(clinic)) > 12, "there is something to find"
    _talks(clinic, ana)
    _merge(clinic, ana, anna)
    [spoken] = [row.id for row in clinic.rows(Message) if row.recording]
    sounds.store(folder, spoken, b"what she said")
    assert _delete(clinic, ana, folder)
    assert _traces(clinic) == []
    assert list(folder.iterdir()) == []
    left = clinic.rows(OutboxRow, "key", "channel", "patient_id", "number")
    assert left == [("recording:RE1:delete", "delete", None, None)], "the carrier's copy goes too"
    with clinic.database.writing() as connection:
        connection.execute(delete(OutboxRow))
    assert everything(clinic, NOT_HERS) == untouched
    entry = clinic.rows(AuditEntry)[-1]
    assert (entry.did, entry.patient_id, entry.by, entry.about) == ("deleted", ana, "nurse", "patient")
    assert not _delete(clinic, ana, folder)


def _talks(clinic: Clinic, ana: int) -> None:
    """She talks, and somebody who is not confirmed does from her number."""
    clinic.patients["ana"] = ana
    _lives(clinic, ana, "a")
    phone = {"number": E164, "number_hash": hashed(E164)}
    for turn, who in ((1, "ana"), (2, None)):
        with clinic.turn(f"c{turn}", who=who) as on:
            on.number, on.number_hash = phone["number"], phone["number_hash"]
            on.connection.execute(
                update(Conversation)
                .where(Conversation.id == f"c{turn}")
                .values(patient_id=on.patient_id, **phone)
            )
            people.remember(on, opted_out_at=NOON)
            people.note_wrong(on)
            alerts.raise_alert(on, "words_of_danger", "emergency", None)
            on.connection.execute(
                insert(Turn).values(
                    key=f"k{turn}",
                    conversation_id=f"c{turn}",
                    turn=0,
                    said={"text": "hola de Ana"},
                    reply={},
                    at=NOON,
                )
            )
    _call_to_staff(clinic)
    _put(clinic, Message, conversation_id="c1", patient_id=ana, number=E164, language="es", recording="RE1",
         state="stored", text="hola de Ana", at=NOON)  # fmt: skip
    clinic.put("recording:RE1:fetch", kind="recording", channel="fetch", patient_id=None, number=None,
               number_hash=None, facts={"message": 1, "recording": "RE1"})  # fmt: skip
    with clinic.database.writing() as connection:
        connection.execute(update(OutboxRow).where(OutboxRow.patient_id == ana).values(carrier_id="SM1"))
        connection.execute(insert(StatusEvent).values(carrier_id="SM1", kind="text", status="sent", at=NOON))


def _call_to_staff(clinic: Clinic) -> None:
    """The nurse is called about her: a talk with the nurse's number, and hers in what was said."""
    row = next(row for row in clinic.rows(OutboxRow) if row.key.startswith("alert:"))
    with clinic.turn("staff", who=None) as on:
        on.connection.execute(
            update(Conversation)
            .where(Conversation.id == "staff")
            .values(outbox_id=row.id, position={"vars": {"alert_phone": E164}})
        )


def test_a_number_that_others_share_keeps_its_memory_and_their_talks(clinic: Clinic, folder: Path) -> None:
    lucia = clinic.patients["lucia"]
    with clinic.turn("c9", phone="riveras", who=None) as on:
        people.remember(on, opted_out_at=NOON)
    assert _delete(clinic, lucia, folder)
    assert patient(clinic, lucia) is None
    assert patient(clinic, clinic.patients["mateo"]) is not None
    assert clinic.contact("riveras").opted_out_at == NOON
    assert clinic.rows(Conversation, "id") == ["c9"]


def test_another_clinic_can_not_delete_her_and_keeps_its_own(clinic: Clinic, folder: Path) -> None:
    there = second_clinic(clinic)
    here, other = register(clinic, **ANA), register(clinic, there, **ANA)
    assert not _delete(clinic, here, folder, there)
    assert _delete(clinic, here, folder)
    assert (patient(clinic, here), patient(clinic, other).name) == (None, "Ana Lima")


@pytest.mark.parametrize(
    ("born", "closed", "years_later", "past"),
    [
        ("1950-11-20", NOON, 6.9, False),
        ("1950-11-20", NOON, 7.1, True),
        ("2015-05-05", NOON, 7.1, False),  # eleven when she left: until she is 21
        ("2015-05-05", NOON, 9.0, False),
        ("2015-05-05", NOON, 9.6, True),
        ("2009-05-05", NOON, 7.1, True),  # seventeen when she left: seven years are longer
        ("2008-02-29", NOON, 7.1, True),
    ],
)
def test_how_long_a_patients_record_is_kept(
    born: str, closed: datetime, years_later: float, past: bool
) -> None:
    assert is_past(born, closed, closed + timedelta(days=365.25 * years_later)) is past


def test_every_figure_has_a_source_and_waits_for_a_reviewer() -> None:
    written = dict(limits())
    assert set(written.pop("reviewed")) == {"by", "on"}
    assert all(rule["source"] for rule in written.values())
    assert set(written) == {"patients", *retention.STEPS}


def test_a_closed_patient_goes_when_her_time_is_over_unless_she_was_in_touch(
    clinic: Clinic, folder: Path
) -> None:
    who = {name: clinic.patients[name] for name in ("rosa", "james", "mateo")}
    with clinic.database.writing() as connection:
        for name in who:
            patients.close(
                clinic.database, connection, clinic_id=1, patient_id=who[name], by="nurse", now=NOON
            )
    with clinic.turn("late", who="james") as on:
        on.connection.execute(
            update(Conversation).values(patient_id=who["james"], updated_at=NOON + 900 * DAY, state="closed")
        )
    assert _retain(clinic, folder, NOON + 6 * 365 * DAY)["patients"] == 0
    assert _retain(clinic, folder, NOON + 2570 * DAY)["patients"] == 1
    assert patient(clinic, who["rosa"]) is None
    assert _retain(clinic, folder, NOON + 4700 * DAY)["patients"] == 2, "James, and Mateo at 21"
    deleted = [row.patient_id for row in clinic.rows(AuditEntry) if row.did == "deleted"]
    assert sorted(deleted) == sorted(who.values())
    assert {row.by for row in clinic.rows(AuditEntry) if row.did == "deleted"} == {"worker"}


def _retain(clinic: Clinic, folder: Path, now: datetime, batch: int = 2) -> dict[str, int]:
    return retention.apply_retention(clinic.database, folder, now, batch=batch)


OLD: Mapping[str, Any] = {
    "sounds": (Message, 366),
    "messages": (Message, 1096),
    "turns": (Turn, 731),
    "unknown_callers": (Conversation, 1096),
    "tasks": (Task, 1096),
    "outbox": (OutboxRow, 731),
    "status_events": (StatusEvent, 91),
    "identity_tries": (IdentityTry, 401),
}


@pytest.mark.parametrize("kind", OLD)
def test_what_is_old_goes_in_batches_and_what_is_not_stays(clinic: Clinic, folder: Path, kind: str) -> None:
    for number in range(5):
        _something(clinic, folder, number)
    table, days = OLD[kind]
    assert _retain(clinic, folder, NOON + (days - 2) * DAY)[kind] == 0
    files = len(list(folder.iterdir()))
    assert _retain(clinic, folder, NOON + days * DAY)[kind] == 5
    if kind == "sounds":
        assert (files, list(folder.glob("*.sealed"))) == (5, [])
        assert set(clinic.rows(Message, "recording", "text")) == {(None, "hola")}
    else:
        assert clinic.rows(table) == []
    assert f"{kind}:2" in clinic.rows(AuditEntry, "about")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of sounds."""
    (tmp_path / "recordings").mkdir()
    return tmp_path / "recordings"


def _something(clinic: Clinic, folder: Path, number: int) -> None:
    with clinic.turn(f"c{number}", who=None) as on:
        on.connection.execute(
            insert(Turn).values(
                key=f"k{number}", conversation_id=f"c{number}", turn=0, said={}, reply={}, at=NOON
            )
        )
    of = {"conversation_id": f"c{number}", "number": NUMBERS["rosa"]}
    key = _put(clinic, Message, **of, language="es", recording=f"RE{number}", text="hola", state="ready",
               erased_at_carrier=True, at=NOON)  # fmt: skip
    sounds.store(folder, key[0], b"sound")
    _put(clinic, Task, key=f"t{number}", conversation_id=f"c{number}", reason="asked_for_person", same_day=True,
         details={}, state="done", created_at=NOON, done_at=NOON)  # fmt: skip
    clinic.put(f"row:{number}", status="sent")
    _put(clinic, IdentityTry, number_hash="n", succeeded=False, at=NOON)
    with clinic.database.writing() as connection:
        connection.execute(insert(StatusEvent).values(carrier_id="SM", kind="text", status="sent", at=NOON))


def test_what_a_person_must_still_see_stays(clinic: Clinic, folder: Path) -> None:
    _something(clinic, folder, 1)
    with clinic.turn("c1", who=None) as on:
        alerts.raise_alert(on, "words_of_danger", "emergency", None)
    done = _retain(clinic, folder, NOON + 2000 * DAY)
    assert done["unknown_callers"] == 0
    assert clinic.rows(Alert, "state") == ["open"]


def test_an_id_of_somebody_who_was_deleted_is_nobody_elses(clinic: Clinic, folder: Path) -> None:
    """The audit still names her by it."""
    ana = register(clinic, **ANA)
    assert _delete(clinic, ana, folder)
    assert register(clinic, **ANNA) > ana
