"""Check-ins that a programme asks for: each is asked once, and silence is followed up until a person knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy import Date as DateType

from care import audit, outbox, reach, tasks
from care.occasion import Occasion
from care.rules.check_in_times import ANSWER_WITHIN, due_times
from care.rules.kinds import kinds
from care.rules.reaching import ByAPerson, Person, Way, way_to
from carriers import Meaning
from records import Database
from records.base import table_of
from records.patients import Enrolment, Patient, PatientNumber
from records.prepared import Prepared
from records.readings import CheckIn

LOOK_BACK = timedelta(minutes=30)
"""How late a check-in may still begin: after a restart the last half hour is made good, not last night."""
TOPIC = kinds()["check_in"].topic or ""
TEXT_FIRST, BY_CALL = ("text", "call"), ("call",)
FLOWS = {"text": "check_in_text", "call": "check_in_call"}
STATES = {"text": "asked", "call": "called"}
WAITING = ("asked", "called")
LEFT_TO_SILENCE = ("expired", "daily cap", "weekly cap", "country not allowed")
"""Why a question did not go out, where the follow-up of silence takes care."""
BY_CALL_INSTEAD = frozenset(
    {
        Meaning.OPTED_OUT,
        Meaning.LANDLINE,
        Meaning.NOT_A_MOBILE,
        Meaning.UNREACHABLE,
        Meaning.UNKNOWN_HANDSET,
    }
)
Asked = Literal["asked", "waiting", "in no programme", "not to be asked"]

_enrolments, _patients = table_of(Enrolment), table_of(Patient)
ENROLLED = (
    select(
        _enrolments.c.id,
        _enrolments.c.clinic_id,
        _enrolments.c.patient_id,
        _enrolments.c.starts_on,
        _enrolments.c.ends_on,
        _enrolments.c.ask_at,
        _patients.c.timezone,
    )
    .join(_patients, _patients.c.id == _enrolments.c.patient_id)
    .where(
        _enrolments.c.ends_on >= bindparam("yesterday", type_=DateType()),
        _enrolments.c.starts_on <= bindparam("tomorrow", type_=DateType()),
        _patients.c.status == "active",
    )
    .order_by(_enrolments.c.id)
)
"""Everyone in a programme about now. Made once: building a statement costs more than running it."""
_check_ins = table_of(CheckIn)
ANSWERED = Prepared(
    _check_ins.update()
    .where(
        _check_ins.c.patient_id == bindparam("patient"),
        or_(*(_check_ins.c.state == waiting for waiting in WAITING)),
    )
    .values(state="answered")
)


def ask_those_due(database: Database, now: datetime) -> int:
    """Put a question in the outbox for every check-in that is due. Returns how many were new."""
    with database.reading() as connection:
        rows = connection.execute(ENROLLED, _about(now)).all()
        due = [(row, key, moment) for row in rows for key, moment in _due(row, now)]
        people = reach.people(connection, {row.patient_id for row, _, _ in due}, now) if due else {}
    if not due:
        return 0
    with database.writing() as connection:
        return sum(
            _ask(database, connection, row, people[row.patient_id], key, moment, now)
            for row, key, moment in due
        )


def ask_now(database: Database, number_hash: str, now: datetime, by: str = "worker") -> int:
    """Ask everyone in a programme at a number, at this moment; `by` says who wants it. Returns how many were asked."""
    here = select(PatientNumber.patient_id).where(PatientNumber.number_hash == number_hash)
    return _ask_at_once(database, now, by, _patients.c.id.in_(here))


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
    where = (_patients.c.clinic_id == clinic_id, _patients.c.id == patient_id)
    if _ask_at_once(database, now, by, *where):
        return "asked"
    with database.reading() as connection:
        enrolled = connection.execute(ENROLLED.where(*where), _about(now)).first()
    return "not to be asked" if enrolled else "in no programme"


def _ask_at_once(database: Database, now: datetime, by: str, *where: Any) -> int:
    with database.reading() as connection:
        rows = connection.execute(ENROLLED.where(*where), _about(now)).all()
        people = reach.people(connection, {row.patient_id for row in rows}, now) if rows else {}
    when = now.isoformat(timespec="seconds")
    with database.writing() as connection:
        asked_now = [
            row
            for row in rows
            if _ask(
                database,
                connection,
                row,
                people[row.patient_id],
                f"{row.id}:{when}",
                now,
                now,
                "check_in_now",
            )
        ]
        for row in asked_now:
            audit.note(
                database,
                connection,
                by=by,
                did="asked_for_check_in",
                now=now,
                clinic_id=row.clinic_id,
                patient_id=row.patient_id,
                about=f"check_in:{row.id}:{when}",
            )
    return len(asked_now)


def follow_up_silence(database: Database, now: datetime) -> int:
    """A question with no answer in time: a text becomes a call, a call becomes a task for a person."""
    silent = (
        select(CheckIn.__table__)
        .where(CheckIn.state.in_(WAITING), CheckIn.follow_up_at <= now)
        .order_by(CheckIn.key)
        .with_for_update(skip_locked=database.skips_locked)
    )
    with database.writing() as connection:
        rows = connection.execute(silent).all()
        people = reach.people(connection, {row.patient_id for row in rows}, now) if rows else {}
        for row in rows:
            follow_up = _call if row.state == "asked" else _missed
            follow_up(database, connection, row.key, people[row.patient_id], now)
    return len(rows)


def asked(connection: Connection, key: str, now: datetime) -> None:
    """The question went out only now (hours or rates held it): she has her time from here on."""
    connection.execute(
        update(CheckIn)
        .where(CheckIn.key == key, CheckIn.state.in_(WAITING))
        .values(follow_up_at=now + ANSWER_WITHIN)
    )


def call_instead(database: Database, connection: Connection, key: str, row: Any, now: datetime) -> None:
    """The text could not reach her (a landline, a dead handset, a block): the same question by call, now."""
    her = reach.people(connection, [row.patient_id], now)[row.patient_id]
    _call(database, connection, key, her, now)


def not_by_machine(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    """What was on its way may not go out any more: nobody waits for an answer, and a person asks where one must."""
    her = reach.people(connection, [row.patient_id], now)[row.patient_id]
    _leave_to_a_person(database, connection, row.facts["check_in"], her, ByAPerson(why), now)


def not_wanted(connection: Connection, rows: Sequence[Any], now: datetime) -> Mapping[int, str]:
    """Of rows of the outbox those whose question is answered, by id, with the reason."""
    keys = {row.facts["check_in"] for row in rows}
    waiting = connection.scalars(
        select(CheckIn.key).where(CheckIn.key.in_(keys), CheckIn.state.in_(WAITING))
    ).all()
    return {row.id: "answered already" for row in rows if row.facts["check_in"] not in waiting}


def was_sent(connection: Connection, row: Any, now: datetime) -> None:
    asked(connection, row.facts["check_in"], now)


def another_way(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> bool:
    """A text that can't reach her becomes a call."""
    if row.channel != "text" or why not in BY_CALL_INSTEAD:
        return False
    call_instead(database, connection, row.facts["check_in"], row, now)
    return True


def not_let_through(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    """Where she may be reached by call, or by a person, she is."""
    if why in LEFT_TO_SILENCE:
        return
    if row.channel == "text" and not ByAPerson(why).quiet:
        call_instead(database, connection, row.facts["check_in"], row, now)
    else:
        not_by_machine(database, connection, row, why, now)


def finish(on: Occasion) -> None:
    """Her reading answers every question of today that is still open, whichever way she gave it."""
    if on.patient_id is None:
        return
    ANSWERED.change(on.connection, {"patient": on.patient_id})


def _about(now: datetime) -> dict[str, Any]:
    a_day = timedelta(days=1)
    return {"yesterday": (now - a_day).date(), "tomorrow": (now + a_day).date()}


def _due(row: Any, now: datetime) -> Iterator[tuple[str, datetime]]:
    times = due_times(
        row.starts_on, row.ends_on, row.ask_at, row.timezone, now - LOOK_BACK, now + timedelta(seconds=1)
    )
    return ((f"{row.id}:{when}", moment) for when, moment in times)


def _ask(
    database: Database,
    connection: Connection,
    row: Any,
    her: Person,
    key: str,
    moment: datetime,
    now: datetime,
    kind: str = "check_in",
) -> bool:
    """True where it is new. Who wants no check-ins is asked nothing, and is not missed."""
    way = way_to(her, TOPIC, TEXT_FIRST, now)
    if isinstance(way, ByAPerson) and way.quiet:
        return False
    new = connection.execute(
        database.insert_once(CheckIn).values(
            key=key,
            clinic_id=row.clinic_id,
            enrolment_id=row.id,
            patient_id=row.patient_id,
            state="by_person" if isinstance(way, ByAPerson) else STATES[way.channel],
            due_at=moment,
            follow_up_at=moment + ANSWER_WITHIN,
        )
    )
    if new.rowcount != 1:
        return False
    if isinstance(way, ByAPerson):
        _tell_staff(database, connection, "reach_by_person", key, her, now, why=way.reason)
        return True
    return _put(database, connection, f"check_in:{key}", key, her, way, now, kind=kind, due_at=moment)


def _call(database: Database, connection: Connection, key: str, her: Person, now: datetime) -> None:
    way = way_to(her, TOPIC, BY_CALL, now)
    if isinstance(way, ByAPerson):
        _leave_to_a_person(database, connection, key, her, way, now)
        return
    called = connection.execute(
        update(CheckIn)
        .where(CheckIn.key == key, CheckIn.state == "asked")
        .values(state="called", follow_up_at=now + ANSWER_WITHIN)
    )
    if called.rowcount == 1:
        _put(database, connection, f"check_in:{key}:call", key, her, way, now, kind="check_in", due_at=now)


def _put(
    database: Database,
    connection: Connection,
    row_key: str,
    key: str,
    her: Person,
    way: Way,
    now: datetime,
    *,
    kind: str,
    due_at: datetime,
) -> bool:
    row = outbox.row_to(
        way,
        her.patient,
        flows=FLOWS,
        clinic_id=her.clinic,
        key=row_key,
        kind=kind,
        now=now,
        due_at=due_at,
        facts={"check_in": key},
    )
    return outbox.put_all(database, connection, [row]) == 1


def _leave_to_a_person(
    database: Database, connection: Connection, key: str, her: Person, why: ByAPerson, now: datetime
) -> None:
    left = connection.execute(
        update(CheckIn)
        .where(CheckIn.key == key, CheckIn.state.in_(WAITING))
        .values(state="stopped" if why.quiet else "by_person")
    )
    if left.rowcount == 1 and not why.quiet:
        _tell_staff(database, connection, "reach_by_person", key, her, now, why=why.reason)


def _missed(database: Database, connection: Connection, key: str, her: Person, now: datetime) -> None:
    connection.execute(update(CheckIn).where(CheckIn.key == key).values(state="missed"))
    audit.note(
        database,
        connection,
        by="worker",
        did="check_in_missed",
        now=now,
        clinic_id=her.clinic,
        patient_id=her.patient,
        about=f"check_in:{key}",
    )
    _tell_staff(database, connection, "check_in_missed", key, her, now)


def _tell_staff(
    database: Database,
    connection: Connection,
    reason: str,
    key: str,
    her: Person,
    now: datetime,
    **details: str,
) -> None:
    tasks.make_about(
        database, connection, her, key=f"{reason}:{key}", reason=reason, same_day=True, now=now, **details
    )
