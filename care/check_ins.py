"""Check-ins that a programme asks for: each is asked once, and silence is followed up until a person knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, select, update
from sqlalchemy.engine import Row

from care import audit, outbox, tasks
from care.occasion import Occasion
from care.rules.check_in_times import ANSWER_WITHIN, due_times
from records import Database
from records.patients import Contact, Enrolment, Patient, PatientNumber
from records.readings import CheckIn

LOOK_BACK = timedelta(minutes=30)
"""How late a check-in may still begin: after a restart the last half hour is made good, not last night."""
ASK = {"mobile": "text", "landline": "call"}
FLOWS = {"text": "check_in_text", "call": "check_in_call"}
WAITING = ("asked", "called")
Asked = Literal["asked", "waiting", "in no programme"]


def ask_those_due(database: Database, now: datetime) -> int:
    """Put a question in the outbox for every check-in that is due. Returns how many were new."""
    with database.reading() as connection:
        rows = connection.execute(_enrolled(now)).all()
    due = [(row, key, moment) for row in _first_numbers(rows) for key, moment in _due(row, now)]
    if not due:
        return 0
    with database.writing() as connection:
        return sum(_ask(database, connection, row, key, moment, now) for row, key, moment in due)


def ask_now(database: Database, number_hash: str, now: datetime, by: str = "worker") -> int:
    """Ask everyone in a programme at a number, at this moment; `by` says who wants it. Returns how many were asked."""
    return _ask_at_once(database, now, by, PatientNumber.number_hash == number_hash)


def ask_patient_now(
    database: Database, clinic_id: int, patient_id: int, now: datetime, by: str = "worker"
) -> Asked:
    """Ask one patient of a clinic, at this moment; not again while a question of the last two hours waits."""
    waiting = select(CheckIn.key).where(
        CheckIn.clinic_id == clinic_id,
        CheckIn.patient_id == patient_id,
        CheckIn.state.in_(WAITING),
        CheckIn.due_at > now - ANSWER_WITHIN,
    )
    with database.reading() as connection:
        if connection.execute(waiting.limit(1)).first():
            return "waiting"
    asked = _ask_at_once(database, now, by, Patient.clinic_id == clinic_id, Patient.id == patient_id)
    return "asked" if asked else "in no programme"


def _ask_at_once(database: Database, now: datetime, by: str, *where: Any) -> int:
    with database.reading() as connection:
        rows = connection.execute(_enrolled(now).where(*where)).all()
    when = now.isoformat(timespec="seconds")
    with database.writing() as connection:
        asked = [
            row
            for row in _first_numbers(rows)
            if _ask(database, connection, row, f"{row.id}:{when}", now, now, kind="check_in_now")
        ]
        for row in asked:
            _note(database, connection, row, "asked_for_check_in", f"{row.id}:{when}", now, by)
    return len(asked)


def _note(
    database: Database,
    connection: Connection,
    row: Any,
    did: str,
    key: str,
    now: datetime,
    by: str = "worker",
) -> None:
    audit.note(
        database,
        connection,
        by=by,
        did=did,
        now=now,
        clinic_id=row.clinic_id,
        patient_id=row.patient_id,
        about=f"check_in:{key}",
    )


def follow_up_silence(database: Database, now: datetime) -> int:
    """A question with no answer in time: a text becomes a call, a call becomes a task for a person."""
    silent = (
        select(CheckIn.__table__, PatientNumber.number, PatientNumber.number_hash, Patient.language)
        .join(Patient, Patient.id == CheckIn.patient_id)
        .join(PatientNumber, PatientNumber.patient_id == Patient.id)
        .where(CheckIn.state.in_(WAITING), CheckIn.follow_up_at <= now)
        .order_by(CheckIn.key, PatientNumber.id)
    )
    with database.writing() as connection:
        rows = connection.execute(silent).all()
        seen: set[str] = set()
        for row in rows:
            if row.key not in seen:
                seen.add(row.key)
                _follow_up(database, connection, row, now)
    return len(seen)


def asked(connection: Connection, key: str, now: datetime) -> None:
    """The question went out only now (hours or rates held it): she has her time from here on."""
    connection.execute(
        update(CheckIn)
        .where(CheckIn.key == key, CheckIn.state.in_(WAITING))
        .values(follow_up_at=now + ANSWER_WITHIN)
    )


def call_instead(database: Database, connection: Connection, key: str, row: Any, now: datetime) -> None:
    """The text could not reach her (a landline, a dead handset): the same question by call, now."""
    called = connection.execute(
        update(CheckIn)
        .where(CheckIn.key == key, CheckIn.state == "asked")
        .values(state="called", follow_up_at=now + ANSWER_WITHIN)
    )
    if called.rowcount == 0:
        return
    outbox.put(
        database,
        connection,
        key=f"check_in:{key}:call",
        kind="check_in",
        channel="call",
        clinic_id=row.clinic_id,
        now=now,
        patient_id=row.patient_id,
        number=row.number,
        number_hash=row.number_hash,
        flow=FLOWS["call"],
        language=row.language,
        facts={"check_in": key},
    )


def is_waiting(connection: Connection, key: str) -> bool:
    """Is it still to be answered?"""
    return connection.scalar(select(CheckIn.state).where(CheckIn.key == key)) in WAITING


def finish(on: Occasion) -> None:
    """Her reading answers every question of today that is still open, whichever way she gave it."""
    if on.patient_id is None:
        return
    on.connection.execute(
        update(CheckIn)
        .where(CheckIn.patient_id == on.patient_id, CheckIn.state.in_(WAITING))
        .values(state="answered")
    )


def _enrolled(now: datetime) -> Any:
    """Everyone in a programme about now, who consented, with her numbers: one query, mobiles first."""
    a_day = timedelta(days=1)
    return (
        select(
            Enrolment.id,
            Enrolment.clinic_id,
            Enrolment.patient_id,
            Enrolment.starts_on,
            Enrolment.ends_on,
            Enrolment.ask_at,
            Patient.timezone,
            Patient.language,
            PatientNumber.number,
            PatientNumber.number_hash,
            PatientNumber.kind,
        )
        .join(Patient, Patient.id == Enrolment.patient_id)
        .join(PatientNumber, PatientNumber.patient_id == Patient.id)
        .join(
            Contact,
            (Contact.clinic_id == Enrolment.clinic_id) & (Contact.number_hash == PatientNumber.number_hash),
            isouter=True,
        )
        .where(
            # A number that said stop, or that is not hers, is asked nothing, and is not missed.
            Contact.opted_out_at.is_(None),
            Contact.wrong_person_at.is_(None),
            Enrolment.ends_on >= (now - a_day).date(),
            Enrolment.starts_on <= (now + a_day).date(),
            Enrolment.consented_at.is_not(None),
        )
        .order_by(Enrolment.id, PatientNumber.kind.desc(), PatientNumber.id)
    )


def _first_numbers(rows: Any) -> Iterator[Row[Any]]:
    last = None
    for row in rows:
        if row.id != last:
            last = row.id
            yield row


def _due(row: Any, now: datetime) -> Iterator[tuple[str, datetime]]:
    times = due_times(
        row.starts_on, row.ends_on, row.ask_at, row.timezone, now - LOOK_BACK, now + timedelta(seconds=1)
    )
    return ((f"{row.id}:{when}", moment) for when, moment in times)


def _ask(
    database: Database,
    connection: Connection,
    row: Any,
    key: str,
    moment: datetime,
    now: datetime,
    kind: str = "check_in",
) -> bool:
    channel = ASK[row.kind]
    new = connection.execute(
        database.insert_once(CheckIn).values(
            key=key,
            clinic_id=row.clinic_id,
            enrolment_id=row.id,
            patient_id=row.patient_id,
            state="asked" if channel == "text" else "called",
            due_at=moment,
            follow_up_at=moment + ANSWER_WITHIN,
        )
    )
    if new.rowcount != 1:
        return False
    return outbox.put(
        database,
        connection,
        key=f"check_in:{key}",
        kind=kind,
        channel=channel,
        clinic_id=row.clinic_id,
        now=now,
        due_at=moment,
        patient_id=row.patient_id,
        number=row.number,
        number_hash=row.number_hash,
        flow=FLOWS[channel],
        language=row.language,
        facts={"check_in": key},
    )


def _follow_up(database: Database, connection: Connection, row: Any, now: datetime) -> None:
    if row.state == "asked":
        call_instead(database, connection, row.key, row, now)
        return
    connection.execute(update(CheckIn).where(CheckIn.key == row.key).values(state="missed"))
    _note(database, connection, row, "check_in_missed", row.key, now)
    tasks.make(
        database,
        connection,
        key=f"check_in_missed:{row.key}",
        clinic_id=row.clinic_id,
        reason="check_in_missed",
        same_day=True,
        now=now,
        patient_id=row.patient_id,
        details={"number": row.number},
    )
