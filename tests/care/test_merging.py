"""Two records of one person become one: nothing is lost, nothing doubled, and what protects her more wins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from care import merging, names, patients
from care.merging import IN_THEIR_OWN_WAY
from care.patient_tables import IN_SEALED, NOT_BY_KEY, patient_columns
from care.rules.merging import merged_safe_contact
from records import Base
from records.alerts import Alert
from records.appointments import Appointment, FollowUp, SlotOffer, Waiting
from records.audit import AuditEntry
from records.bulk import BulkPerson, BulkSend
from records.conversations import Conversation
from records.duplicates import DuplicatePair
from records.messages import Message
from records.patients import Consent, Enrolment, IdentityLock, IdentityTry, PatientNumber, Proxy
from records.readings import CheckIn, Reading
from records.reminders import ReminderSetting
from records.scheduling import Clinician
from records.sealing import SealedJson
from records.tasks import Task
from tests.care.clinic import NOON, NUMBERS, Clinic
from tests.care.people_rows import ANA, ANNA, patient, register, second_clinic

HOUR_AGO = NOON.replace(hour=16)
HALF_HOUR = timedelta(minutes=30)


def _merge(clinic: Clinic, keep: int, gone: int, clinic_id: int = 1) -> bool:
    with clinic.database.writing() as connection:
        return merging.merge(
            clinic.database, connection, clinic_id=clinic_id, keep=keep, gone=gone, by="nurse", now=clinic.now
        )


def _put(clinic: Clinic, table: type[Base], **values: Any) -> Any:
    with clinic.database.writing() as connection:
        return connection.execute(insert(table).values(clinic_id=1, **values)).inserted_primary_key


def _lives(clinic: Clinic, who: int, what: str) -> None:
    """A row of hers in every table that refers to patients."""
    clinic.patients["she"] = who
    with clinic.turn(f"talk-{what}", who="she") as on:
        on.connection.execute(
            update(Conversation)
            .where(Conversation.id == f"talk-{what}")
            .values(patient_id=who, state="left", position={"vars": {"who": who, "match": {"patient": who}}})
        )
    clinic.put(f"check_in:{what}", patient_id=who)
    enrolment = clinic.enrol("she", "09:00")
    of = {"patient_id": who, "conversation_id": f"talk-{what}"}
    _put(
        clinic,
        CheckIn,
        key=what,
        enrolment_id=enrolment,
        patient_id=who,
        state="asked",
        due_at=NOON,
        follow_up_at=NOON,
    )
    _put(clinic, Reading, **of, value={}, level="high", confirmed=True, at=NOON)
    _put(
        clinic,
        Task,
        **of,
        key=what,
        reason="asked_for_person",
        same_day=True,
        details={},
        state="open",
        created_at=NOON,
    )
    _put(clinic, IdentityTry, number_hash="n", patient_id=who, succeeded=False, at=NOON)

    _put(
        clinic,
        Alert,
        **of,
        key=what,
        level="urgent",
        reason="severe_reading",
        details={},
        state="open",
        raised_at=NOON,
    )
    _put(clinic, Message, **of, number=NUMBERS["rosa"], language="es", text="hola", state="ready", at=NOON)
    _wants_visits(clinic, who)


def _wants_visits(clinic: Clinic, who: int) -> None:
    """A visit, one asked for, a place on the wait list, and what it was offered."""
    (clinician,) = _put(
        clinic, Clinician, name="Dr. Ana Silva", languages=["es"], states=["MA"], timezone="America/New_York"
    )
    of = {"patient_id": who, "clinician_id": clinician, "reason": "check_up"}
    visit = {
        "starts_at": NOON,
        "ends_at": NOON + HALF_HOUR,
        "timezone": "America/New_York",
        "state": "booked",
    }
    wanted = {"visit_kind": "audio", "until_on": NOON.date()}
    made = {"created_at": NOON, "changed_at": NOON}
    _put(clinic, Appointment, **of, **visit, **made, visit_kind="audio", booked_by="patient")
    _put(
        clinic,
        FollowUp,
        **of,
        **wanted,
        from_on=NOON.date(),
        state="open",
        asked_by="nurse",
        asked_at=NOON,
        told=1,
    )
    (waiting,) = _put(clinic, Waiting, **of, **wanted, minutes=30, state="waiting", since=NOON)
    del of["reason"]
    (bulk,) = _put(clinic, BulkSend, what="please_call", audience={"programme": "postpartum"}, people=1,
                   state="done", made_by="nurse", made_at=NOON)  # fmt: skip
    with clinic.database.writing() as connection:
        connection.execute(insert(BulkPerson).values(bulk_id=bulk, patient_id=who))
    offer = {"starts_at": NOON, "minutes": 30, "state": "open", "offered_at": NOON, "ends_at": NOON}
    _put(clinic, SlotOffer, **of, **offer, waiting_id=waiting)


def _counts(clinic: Clinic, who: int) -> dict[str, int]:
    with clinic.database.reading() as connection:
        return {
            str(column): len(connection.execute(select(column).where(column == who)).all())
            for column in patient_columns()
        }


def test_all_that_was_of_either_is_of_the_kept_one(clinic: Clinic) -> None:
    ana, anna = register(clinic, **ANA), register(clinic, **ANNA, proxy="Eva", proxy_relation="carer",
        proxy_birth_date="1970-01-05", proxy_number="617-555-0118", proxy_topics="check_ins")  # fmt: skip
    _lives(clinic, ana, "a")
    _lives(clinic, anna, "b")
    _put(clinic, IdentityLock, patient_id=anna, locked_at=NOON)
    _put(clinic, ReminderSetting, patient_id=anna, offsets="2d", channels="text", by="nurse", changed_at=NOON)
    _put(clinic, Consent, patient_id=anna, topic="check_ins", channel="text", given=True, text_version="v1",
         language="es", by="patient", at=NOON)  # fmt: skip
    before, hers = _counts(clinic, ana), _counts(clinic, anna)
    assert [column for column, count in hers.items() if not count] == ["duplicate_pairs.first_id"]
    assert _merge(clinic, ana, anna)
    after = _counts(clinic, ana)
    assert not any(
        count for column, count in _counts(clinic, anna).items() if "duplicate_pairs" not in column
    )
    for column, count in after.items():
        if not column.startswith(("patient_name_tokens", "duplicate_pairs")):
            assert count == before[column] + hers[column], column
    assert clinic.rows(Conversation, "position") == [{"vars": {"who": ana, "match": {"patient": ana}}}] * 2
    with clinic.database.reading() as connection:
        assert names.find_by_name(connection, 1, "anna lima") == [ana]
        assert names.find_by_name(connection, 1, "ana lima") == [ana]
    assert clinic.rows(DuplicatePair, "state", "decided_by") == [("merged", "nurse")]
    gone = patient(clinic, anna)
    assert (gone.status, gone.merged_into, gone.name) == ("merged", ana, "Anna Lima")
    noted = [(row.patient_id, row.about.split()[0]) for row in clinic.rows(AuditEntry) if row.did == "merged"]
    assert noted == [(ana, f"from:{anna}"), (anna, f"into:{ana}")]


def test_no_column_that_holds_a_patients_id_is_forgotten() -> None:
    """A new table with a key to patients is moved by itself; one without a key has to be named here."""
    with_key = {(column.table.name, column.name) for column in patient_columns()}
    assert len(with_key) >= 14
    named_so = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if "patient" in column.name or column.name == "merged_into"
    }
    assert named_so - with_key == NOT_BY_KEY
    unique = {
        column.table.name
        for column in patient_columns()
        for key in [
            [*column.table.primary_key.columns.keys()],
            *([one.name for one in index.columns] for index in column.table.indexes if index.unique),
        ]
        if column.name in key
    }
    assert unique == IN_THEIR_OWN_WAY
    sealed = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, SealedJson)
    }
    by_no_id = {("patients", "safe_contact"), ("readings", "value"), ("turns", "said"), ("turns", "reply")}
    assert sealed - by_no_id == IN_SEALED


def test_a_number_of_both_is_kept_once_with_the_more_careful_flags(clinic: Clinic) -> None:
    ana = register(clinic, **ANA, number_2="617-555-0115")
    anna = register(clinic, **{**ANNA, "number": ANA["number"]}, number_kind="landline", number_shared="yes",
                    number_2="617-555-0116")  # fmt: skip
    _merge(clinic, ana, anna)
    numbers = [
        (n.number[-4:], n.kind, n.shared, n.rank) for n in clinic.rows(PatientNumber) if n.patient_id == ana
    ]
    assert sorted(numbers) == [
        ("0111", "landline", True, 0),
        ("0115", "mobile", False, 1),
        ("0116", "mobile", False, 2),
    ]


def test_what_protects_her_more_wins(clinic: Clinic) -> None:
    ana = register(clinic, **{**ANA, "pin": ""}, own_topics="messages", never_call="yes", safe_name="Pat")
    anna = register(
        clinic, **{**ANNA, "pin": "8264"}, own_topics="check_ins", never_text="yes", safe_name="Sam"
    )
    word = {"topic": "check_ins", "channel": "text", "text_version": "v1", "language": "es", "by": "patient"}
    _put(clinic, Consent, **word, patient_id=anna, given=False, at=HOUR_AGO)
    _put(clinic, Consent, **word, patient_id=ana, given=True, at=NOON)
    pin = patient(clinic, anna).pin_hash
    _merge(clinic, ana, anna)
    row = patient(clinic, ana)
    assert row.own_topics == ["check_ins", "messages"]
    assert row.safe_contact == {"name": "Pat", "never_call": True, "never_text": True}
    assert row.pin_hash == pin
    assert clinic.rows(Consent, "patient_id", "given", "by") == [
        (ana, False, "patient"),
        (ana, True, "patient"),
        (ana, False, "nurse"),
    ]
    assert clinic.rows(Task, "reason", "patient_id") == [("safe_contact_differs", ana)]


def test_gaps_are_filled_and_the_other_record_number_leads_to_her(clinic: Clinic) -> None:
    ana = register(clinic, **{**ANA, "address": ""}, other_languages="en")
    anna = register(
        clinic, **{**ANNA, "record_number": "M-2", "language": "en", "address": "9 Hill Road"}, state="MA"
    )
    _merge(clinic, ana, anna)
    row = patient(clinic, ana)
    assert (row.record_number, row.address, row.state, row.other_languages) == (
        "M-1001",
        "9 Hill Road",
        "MA",
        ["en"],
    )
    with clinic.database.writing() as connection, pytest.raises(patients.NotUnderstood):
        patients.register(clinic.database, connection, clinic_id=1, now=NOON, by="nurse",
                          row={**ANA, "record_number": "M-2", "birth_date": "1950-01-01"})  # fmt: skip


def test_the_kept_one_takes_the_record_number_where_she_has_none(clinic: Clinic) -> None:
    ana = register(clinic, **{**ANA, "record_number": ""})
    anna = register(clinic, **{**ANNA, "record_number": "M-2"})
    _merge(clinic, ana, anna)
    assert patient(clinic, ana).record_number == "M-2"
    assert patient(clinic, ana).record_number_hash is not None


def test_a_programme_of_both_asks_once(clinic: Clinic) -> None:
    ana, anna = register(clinic, **ANA), register(clinic, **ANNA)
    clinic.patients |= {"ana": ana, "anna": anna}
    clinic.enrol("ana", "09:00")
    clinic.enrol("anna", "09:00")
    _merge(clinic, ana, anna)
    assert [(row.patient_id, row.ends_on >= row.starts_on) for row in clinic.rows(Enrolment)] == [
        (ana, True),
        (ana, False),
    ]


def test_a_proxy_of_both_is_one_with_what_both_allow(clinic: Clinic) -> None:
    proxy = {
        "proxy": "Eva Lima",
        "proxy_relation": "carer",
        "proxy_birth_date": "1970-01-05",
        "proxy_number": "617-555-0118",
    }
    ana = register(clinic, **ANA, **proxy, proxy_topics="check_ins, messages", proxy_until="2027-01-01")
    anna = register(clinic, **ANNA, **proxy, proxy_topics="check_ins, visits")
    _merge(clinic, ana, anna)
    [row] = clinic.rows(Proxy)
    assert (row.patient_id, row.topics, str(row.ends_on)) == (ana, ["check_ins"], "2027-01-01")


def test_pairs_with_a_third_record_are_kept_once(clinic: Clinic) -> None:
    ana, anna, ann = (
        register(clinic, **{**ANNA, "name": name, "number": ANA["number"]})
        for name in ("Ana Lima", "Ann", "Anna L.")
    )
    assert len(clinic.rows(DuplicatePair)) == 3
    _merge(clinic, ann, ana)
    assert sorted(clinic.rows(DuplicatePair, "first_id", "second_id", "state")) == [
        (ana, ann, "merged"),
        (anna, ann, "open"),
    ]


def test_nobody_is_merged_twice_with_herself_or_across_clinics(clinic: Clinic) -> None:
    there = second_clinic(clinic)
    ana, anna, other = register(clinic, **ANA), register(clinic, **ANNA), register(clinic, there, **ANA)
    for keep, gone in ((ana, ana), (ana, other), (other, ana)):
        with pytest.raises(merging.CannotMerge):
            _merge(clinic, keep, gone)
    _merge(clinic, ana, anna)
    with pytest.raises(merging.CannotMerge):
        _merge(clinic, ana, anna)
    with pytest.raises(merging.CannotMerge):
        _merge(clinic, anna, ana)


def test_where_one_of_the_two_is_with_the_clinic_she_is(clinic: Clinic) -> None:
    ana, anna = register(clinic, **ANA), register(clinic, **ANNA)
    with clinic.database.writing() as connection:
        patients.close(clinic.database, connection, clinic_id=1, patient_id=ana, by="nurse", now=NOON)
    _merge(clinic, ana, anna)
    assert patient(clinic, ana).status == "active"


@pytest.mark.parametrize(
    ("keep", "gone", "merged"),
    [
        (None, None, None),
        ({"name": "Pat"}, None, {"name": "Pat"}),
        (None, {"never_text": True}, {"never_text": True}),
        ({"name": "Pat"}, {"name": "Sam", "number": "+1", "never_text": True},
         {"name": "Pat", "number": "+1", "never_text": True}),
    ],
)  # fmt: skip
def test_safe_contact(keep: Any, gone: Any, merged: Any) -> None:
    assert merged_safe_contact(keep, gone) == merged
