"""People are registered, corrected, closed and opened again, each clinic's by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from care import duplicates, names, patients
from care.rules import identity
from records.audit import AuditEntry
from records.duplicates import DuplicatePair
from records.patients import Consent, Enrolment, PatientNumber, Proxy
from records.sealing import hashed
from tests.care.clinic import Clinic
from tests.care.people_rows import ANA, ANNA, patient, register, second_clinic


def _correct(clinic: Clinic, who: int, clinic_id: int = 1, /, **changes: str) -> list[str]:
    with clinic.database.writing() as connection:
        return patients.correct(
            clinic.database, connection, clinic_id=clinic_id, patient_id=who, changes=changes, by="nurse",
            now=clinic.now,
        )  # fmt: skip


def _found(clinic: Clinic, words: str, clinic_id: int = 1) -> list[int]:
    with clinic.database.reading() as connection:
        return names.find_by_name(connection, clinic_id, words)


def test_she_is_registered_with_all_that_her_row_says(clinic: Clinic) -> None:
    ana = register(
        clinic, **ANA, number_2="617-555-0112", number_2_kind="landline", programme="postpartum",
        programme_starts="2026-11-20", consent_topics="check_ins", consent_date="2026-11-19",
        consent_text="check_ins-1", proxy="Eva Lima", proxy_relation="carer", proxy_birth_date="1970-01-05",
        proxy_number="617-555-0113", proxy_topics="check_ins",
    )  # fmt: skip
    row = patient(clinic, ana)
    assert (row.name, row.timezone, row.status) == ("Ana Lima", "America/New_York", "active")
    assert identity.is_pin(row.pin_hash, "5283")
    assert "5283" not in row.pin_hash
    numbers = [(n.number, n.kind, n.rank) for n in clinic.rows(PatientNumber) if n.patient_id == ana]
    assert numbers == [("+16175550111", "mobile", 0), ("+16175550112", "landline", 1)]
    assert [(e.programme, e.ask_at) for e in clinic.rows(Enrolment)] == [("postpartum", ["09:00", "19:00"])]
    assert clinic.rows(Consent, "topic", "channel", "given", "by") == [("check_ins", "any", True, "nurse")]
    assert clinic.rows(Proxy, "name", "number_hash") == [("Eva Lima", hashed("+16175550113"))]
    assert _found(clinic, "lima") == [ana]
    assert clinic.rows(AuditEntry, "did", "by", "patient_id") == [("registered", "nurse", ana)]


def test_a_correction_writes_what_differs_and_is_found_by_the_new_name(clinic: Clinic) -> None:
    ana = register(clinic, **ANA)
    assert _correct(clinic, ana, name="Ana Souza", number="617-555-0119", pin="5283", state="") == [
        "name",
        "numbers",
    ]
    assert (_found(clinic, "souza"), _found(clinic, "lima")) == ([ana], [])
    assert [n.number_hash for n in clinic.rows(PatientNumber) if n.patient_id == ana] == [
        hashed("+16175550119")
    ]
    assert _correct(clinic, ana, name="Ana Souza") == []
    assert clinic.rows(AuditEntry, "did", "about") == [
        ("registered", "patient"),
        ("corrected", "name,numbers"),
    ]


def test_a_form_that_is_sent_back_as_it_was_shown_changes_nothing(clinic: Clinic) -> None:
    ana = register(
        clinic, **ANA, safe_hours="mon-wed 9:00-15:00", safe_name="Pat", never_call="yes", own_topics="messages",
        number_2="617-555-0112", number_2_kind="relay", other_languages="en, fr",
        proxy="Eva Lima", proxy_relation="carer", proxy_birth_date="1970-01-05",
        proxy_number="617-555-0113", proxy_topics="check_ins, visits", proxy_until="2027-01-31",
    )  # fmt: skip
    with clinic.database.reading() as connection:
        row = patients.as_row(connection, 1, ana)
    assert _correct(clinic, ana, **row) == []
    assert _correct(clinic, ana, **{**row, "safe_name": "", "proxy_until": ""}) == ["safe_contact", "proxies"]


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"number": ""}, {"record_number": "m 2002"}, {"pin": "1704"}]
)
def test_a_correction_is_held_to_the_rules_of_a_row(clinic: Clinic, changes: dict[str, str]) -> None:
    ana = register(clinic, **ANA)
    register(clinic, **{**ANA, "record_number": "M-2002", "name": "James Hale", "birth_date": "1950-11-20"})
    with pytest.raises(patients.NotUnderstood):
        _correct(clinic, ana, **changes)


def test_who_is_closed_gets_nothing_more_and_can_come_back(clinic: Clinic) -> None:
    ana = register(clinic, **ANA)
    clinic.put("check_in:1", patient_id=ana)
    clinic.put("alert:1", kind="alert", patient_id=ana)
    now: dict[str, Any] = {"clinic_id": 1, "patient_id": ana, "by": "nurse", "now": clinic.now}
    with clinic.database.writing() as connection:
        assert patients.close(clinic.database, connection, **now)
        assert not patients.close(clinic.database, connection, **now)
    assert (clinic.row("check_in:1").status, clinic.row("check_in:1").reason) == ("dropped", "patient closed")
    assert clinic.row("alert:1").status == "due"
    assert patient(clinic, ana).closed_at == clinic.now
    with clinic.database.writing() as connection:
        assert patients.reopen(clinic.database, connection, **now)
    assert (patient(clinic, ana).status, patient(clinic, ana).closed_at) == ("active", None)
    assert clinic.rows(AuditEntry, "did") == ["registered", "closed", "reopened"]


def test_two_clinics_with_the_same_number_and_record_number_never_meet(
    clinic: Clinic, tmp_path: Path
) -> None:
    there = second_clinic(clinic)
    here, other = register(clinic, **ANA), register(clinic, there, **ANA)
    assert here != other
    assert clinic.rows(DuplicatePair) == []
    assert (_found(clinic, "ana lima"), _found(clinic, "ana lima", there)) == ([here], [other])
    with clinic.database.writing() as connection:
        for clinic_id in (1, there):
            assert duplicates.look(clinic.database, connection, clinic_id=clinic_id, now=clinic.now) == 0
    with pytest.raises(patients.NoSuchPatient):
        _correct(clinic, here, there, name="Somebody Else")
    with clinic.database.reading() as connection, pytest.raises(patients.NoSuchPatient):
        patients.as_row(connection, there, here)
    now: dict[str, Any] = {"clinic_id": there, "patient_id": here, "by": "nurse", "now": clinic.now}
    with clinic.database.writing() as connection:
        assert not patients.close(clinic.database, connection, **now)
        assert not patients.delete(clinic.database, connection, recordings=tmp_path, **now)
    assert patient(clinic, here).status == "active"


def test_likely_duplicates_are_kept_once_for_a_person_to_decide(clinic: Clinic) -> None:
    ana, anna = register(clinic, **ANA), register(clinic, **ANNA)
    [pair] = clinic.rows(DuplicatePair)
    assert (pair.first_id, pair.second_id, pair.why, pair.state) == (ana, anna, ["name"], "open")
    decision: dict[str, Any] = {"pair_id": pair.id, "by": "nurse", "now": clinic.now}
    with clinic.database.writing() as connection:
        assert not duplicates.not_the_same(clinic.database, connection, clinic_id=2, **decision)
        assert duplicates.not_the_same(clinic.database, connection, clinic_id=1, **decision)
        assert not duplicates.not_the_same(clinic.database, connection, clinic_id=1, **decision)
        assert duplicates.look(clinic.database, connection, clinic_id=1, now=clinic.now) == 0
    assert clinic.rows(DuplicatePair, "state", "decided_by") == [("not_the_same", "nurse")]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"name": "Lima Ana"}, ["name"]),
        ({"name": "Ana María Lima"}, ["name"]),
        ({"name": "Luis Costa", "number": ANA["number"]}, ["number"]),
        ({"name": "Luis Costa", "birth_date": "1950-01-02", "record_number": "m001001"}, ["record_number"]),
        ({"name": "Luis Costa"}, None),
        ({"birth_date": "1991-04-18", "number": ANA["number"]}, None),
    ],
)
def test_what_makes_two_likely_one(clinic: Clinic, other: dict[str, str], why: list[str] | None) -> None:
    register(clinic, **ANA)
    register(clinic, **{**ANNA, **other})
    with clinic.database.writing() as connection:
        duplicates.look(clinic.database, connection, clinic_id=1, now=clinic.now)
        found = connection.scalars(select(DuplicatePair.why)).all()
    assert found == ([why] if why else [])
