"""Sending to many: looked at, agreed to by a second person, each gets one, and none after a stop."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, insert, select

from care import bulk, outbox
from care.bulk import Audience, NotAllowed
from care.by_staff import Act
from care.rules import bulk as rules
from records.appointments import Appointment
from records.audit import AuditEntry
from records.bulk import BulkPerson, BulkSend
from records.outbox import OutboxRow
from records.patients import Consent, Enrolment, Patient, PatientNumber
from records.scheduling import Clinician
from records.sealing import hashed
from records.tasks import Task
from tests.care.clinic import DAY, NOON, Clinic

PROGRAMME = Audience(programme="postpartum")


def _act(clinic: Clinic, connection: object, login: str = "nurse") -> Act:
    return Act(clinic.database, connection, 1, login, login.title(), clinic.now)  # type: ignore[arg-type]


def _draft(clinic: Clinic, audience: Audience = PROGRAMME, login: str = "nurse") -> int:
    with clinic.database.writing() as connection:
        drafted = bulk.draft(_act(clinic, connection, login), "please_call", audience)
    assert drafted is not None
    return drafted


def _agree(clinic: Clinic, one: int, login: str) -> None:
    with clinic.database.writing() as connection:
        bulk.agree(_act(clinic, connection, login), one)


def _stop(clinic: Clinic, one: int) -> int:
    with clinic.database.writing() as connection:
        return bulk.stop(_act(clinic, connection), one)


def _crowd(clinic: Clinic, many: int) -> list[int]:
    """So many in the programme, each with a mobile of her own, who agreed to reminders."""
    made = {"clinic_id": 1, "birth_date": "1990-01-30", "timezone": "America/New_York", "created_at": NOON}
    first = max(clinic.patients.values()) + 1
    ids = range(first, first + many)
    numbers = {one: f"+1{601 + one // 100}55501{one % 100:02}" for one in ids}
    with clinic.database.writing() as connection:
        connection.execute(
            insert(Patient), [{**made, "id": one, "name": f"P{one}", "language": "en"} for one in ids]
        )
        connection.execute(
            insert(PatientNumber),
            [
                {
                    "clinic_id": 1,
                    "patient_id": one,
                    "number": numbers[one],
                    "number_hash": hashed(numbers[one]),
                    "kind": "mobile",
                }
                for one in ids
            ],
        )
        connection.execute(insert(Enrolment), [_enrolment(one) for one in ids])
        connection.execute(insert(Consent), [_consent(one) for one in ids])
    return list(ids)


def _enrolment(patient: int) -> dict[str, object]:
    days = {"starts_on": NOON.date(), "ends_on": NOON.date() + 10 * DAY}
    return {"clinic_id": 1, "patient_id": patient, "programme": "postpartum", "ask_at": [], **days}


def _consent(patient: int) -> dict[str, object]:
    word = {"topic": "reminders", "channel": "any", "given": True, "text_version": "reminders-1"}
    return {"clinic_id": 1, "patient_id": patient, "language": "en", "by": "import", "at": NOON, **word}


def _sent(clinic: Clinic, status: str = "due") -> list[int]:
    return [row.patient_id for row in clinic.rows(OutboxRow) if row.status == status]


def test_what_is_looked_at_says_who_is_reached_how(clinic: Clinic) -> None:
    for name in ("rosa", "james", "lucia"):
        clinic.enrol(name)
    clinic.word("rosa", "reminders")
    clinic.word("james", "reminders")
    one = _draft(clinic)
    with clinic.database.reading() as connection:
        row = connection.execute(select(BulkSend.__table__)).one()
        seen = bulk.preview(connection, row, clinic.now)
    assert dict(seen.ways) == {("es", "text"): 1, ("en", "call"): 1}, "James has a landline"
    assert dict(seen.not_by_machine) == {"no consent": 1}
    assert (seen.people, row.people, row.state) == (3, 3, "drafted")
    assert clinic.rows(OutboxRow) == [], "nothing goes out because it was looked at"
    assert clinic.rows(AuditEntry, "did", "about")[-1] == ("drafted_bulk_send", f"bulk:{one}")


def test_nobody_is_written_to_where_there_is_nobody(clinic: Clinic) -> None:
    with clinic.database.writing() as connection:
        assert bulk.draft(_act(clinic, connection), "please_call", PROGRAMME) is None
    assert clinic.rows(BulkSend) == []


def test_few_need_one_person_and_many_a_second(clinic: Clinic) -> None:
    _crowd(clinic, 20)
    few = _draft(clinic)
    _agree(clinic, few, "nurse")
    clinic.enrol("rosa")
    many = _draft(clinic)
    for same in ("nurse", "NURSE"):
        with pytest.raises(NotAllowed, match="Somebody else"):
            _agree(clinic, many, same)
    _agree(clinic, many, "doctor")
    with pytest.raises(NotAllowed, match="under way"):
        _agree(clinic, many, "doctor")
    assert clinic.rows(BulkSend, "state", "people", "made_by", "agreed_by") == [
        ("sending", 20, "nurse", "nurse"),
        ("sending", 21, "nurse", "doctor"),
    ]


def test_everybody_gets_one_and_the_rest_are_for_a_person(clinic: Clinic) -> None:
    crowd = _crowd(clinic, 3)
    clinic.enrol("rosa", consented=False)
    clinic.enrol("james", consented=False)
    clinic.word("james", "reminders")
    with clinic.database.writing() as connection:
        james = PatientNumber.patient_id == clinic.patients["james"]
        connection.execute(delete(PatientNumber).where(james))
    one = _draft(clinic)
    _agree(clinic, one, "nurse")
    assert bulk.go_on(clinic.database, clinic.now) == 3
    assert bulk.go_on(clinic.database, clinic.now) == 0
    assert bulk.go_on(clinic.database, clinic.now) == 0
    assert sorted(_sent(clinic)) == crowd
    assert clinic.row(f"bulk:{one}:{crowd[0]}").facts == {"bulk": one}
    assert clinic.rows(Task, "reason", "patient_id") == [("bulk_by_person", clinic.patients["james"])]
    assert clinic.rows(BulkSend, "state", "written") == [("done", 3)]


def _visit(clinic: Clinic, name: str, **differs: object) -> None:
    values = {
        "clinic_id": 1, "patient_id": clinic.patients[name], "clinician_id": 1, "visit_kind": "audio",
        "reason": "check_up", "starts_at": NOON + DAY, "ends_at": NOON + DAY, "timezone": "America/New_York",
        "state": "booked", "booked_by": "nurse", "created_at": NOON, "changed_at": NOON,
    } | differs  # fmt: skip
    with clinic.database.writing() as connection:
        connection.execute(insert(Appointment).values(**values))


def test_those_with_a_visit_and_only_those(clinic: Clinic) -> None:
    zone = {"clinic_id": 1, "languages": ["en"], "states": ["MA"], "timezone": "America/New_York"}
    with clinic.database.writing() as connection:
        connection.execute(insert(Clinician), [{"id": n, "name": f"Dr. {n}", **zone} for n in (1, 2)])
    _visit(clinic, "rosa")
    _visit(clinic, "rosa", starts_at=NOON + DAY + timedelta(hours=1))
    _visit(clinic, "james", clinician_id=2)
    _visit(clinic, "lucia", state="called_off")
    _visit(clinic, "mateo", starts_at=NOON + 2 * DAY)
    span = Audience(visits_from=NOON + DAY, visits_until=NOON + 2 * DAY)
    assert Audience.from_json(span.to_json()) == span
    _draft(clinic, span)
    _draft(clinic, Audience(visits_from=NOON + DAY, visits_until=NOON + 2 * DAY, clinician=2))
    people = clinic.rows(BulkPerson, "bulk_id", "patient_id")
    rosa, james = clinic.patients["rosa"], clinic.patients["james"]
    assert people == [(1, rosa), (1, james), (2, james)]


def test_what_changed_since_it_was_looked_at(clinic: Clinic) -> None:
    """Nobody is added to it, and whoever is not meant any more gets nothing."""
    first, second = _crowd(clinic, 2)
    one = _draft(clinic)
    clinic.enrol("rosa", consented=False)
    clinic.word("rosa", "reminders")
    with clinic.database.writing() as connection:
        connection.execute(delete(Enrolment).where(Enrolment.patient_id == second))
    _agree(clinic, one, "nurse")
    bulk.go_on(clinic.database, clinic.now)
    assert _sent(clinic) == [first]


def test_a_stop_in_the_middle(clinic: Clinic) -> None:
    """What has begun to be sent is out; nothing else goes, written already or not, and the send does not go on."""
    size = rules.batch()
    _crowd(clinic, size + 2)
    one = _draft(clinic)
    _agree(clinic, one, "doctor")
    assert bulk.go_on(clinic.database, clinic.now) == size
    [under_way, claimed] = clinic.claim(most=2)
    with clinic.database.writing() as connection:
        assert outbox.begin(connection, under_way, clinic.now)
    assert _stop(clinic, one) == size - 1
    assert bulk.go_on(clinic.database, clinic.now) == 0
    assert clinic.row(under_way.key).status == "sending"
    assert clinic.row(claimed.key).status == "dropped"
    assert _sent(clinic) == []
    with clinic.database.reading() as connection:
        assert bulk.not_wanted(connection, [claimed], clinic.now) == {claimed.id: "stopped by staff"}
    with pytest.raises(NotAllowed, match="over"):
        _stop(clinic, one)


def test_another_clinic_has_nothing_to_say(clinic: Clinic) -> None:
    clinic.enrol("rosa")
    one = _draft(clinic)
    with clinic.database.writing() as connection:
        other = Act(clinic.database, connection, 2, "eve", "Eve", clinic.now)
        for act in (bulk.agree, bulk.stop):
            with pytest.raises(NotAllowed):
                act(other, one)


class _Killed(BaseException):
    """The process is gone in the middle of a batch."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=some.lists(some.sampled_from(("batch", "killed", "agree", "stop")), max_size=14))
def test_whatever_happens_each_gets_one_at_most_and_none_after_the_stop(
    clinic: Clinic, steps: Sequence[str]
) -> None:
    with clinic.database.writing() as connection:
        for table in (OutboxRow, BulkPerson, BulkSend, Consent, Enrolment):
            connection.execute(delete(table))
        connection.execute(delete(PatientNumber).where(PatientNumber.patient_id > 4))
        connection.execute(delete(Patient).where(Patient.id > 4))
    crowd = _crowd(clinic, 5)
    one, stopped_with = _draft(clinic), None
    for step in steps:
        with suppress(NotAllowed, _Killed):
            if step == "batch":
                bulk.go_on(clinic.database, clinic.now)
            elif step == "killed":
                with clinic.database.writing() as connection:
                    row = connection.execute(select(BulkSend.__table__).where(BulkSend.id == one)).one()
                    if row.state == "sending":
                        bulk.write(clinic.database, connection, row, crowd[:2], clinic.now)
                        raise _Killed
            elif step == "agree":
                _agree(clinic, one, "doctor")
            elif step == "stop":
                _stop(clinic, one)
                stopped_with = len(clinic.rows(OutboxRow))
    written = [row.patient_id for row in clinic.rows(OutboxRow)]
    assert len(set(written)) == len(written)
    if stopped_with is not None:
        assert len(written) == stopped_with
        assert _sent(clinic) == []
    elif "agree" in steps and "batch" in steps[steps.index("agree") :]:
        assert sorted(written) == crowd
