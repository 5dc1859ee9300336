"""Whom a number may belong to, what is remembered of it, and who was confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, exists, null, or_, select, type_coerce
from sqlalchemy import Date as DateType
from sqlalchemy.sql.expression import ColumnElement

from care import tasks
from care.occasion import Occasion, Overtaken
from care.rules import identity
from records.base import table_of
from records.conversations import Conversation
from records.patients import Contact, Enrolment, IdentityLock, IdentityTry, Patient, PatientNumber, Proxy
from records.prepared import Prepared
from records.sealing import hashed

_patients, _numbers, _proxies, _enrolments, _contacts, _tries, _locks = map(
    table_of, (Patient, PatientNumber, Proxy, Enrolment, Contact, IdentityTry, IdentityLock)
)
_TODAY = bindparam("today", type_=DateType())
_LOCK_OF_CALLER = (
    _locks.c.clinic_id == bindparam("clinic"),
    _locks.c.number_hash == bindparam("caller"),
    _locks.c.lifted_at.is_(None),
    _locks.c.ends_at > bindparam("now", type_=_locks.c.ends_at.type),
)
_THE_CALLER_IS_LOCKED = exists().where(*_LOCK_OF_CALLER)


def _candidates(named_by: Any, *columns: ColumnElement[Any]) -> Select[Any]:
    """Patients whom a row of `named_by` (a number of hers, a proxy's number) makes candidates there."""
    return (
        select(
            _patients.c.id,
            _patients.c.name,
            _patients.c.pin_hash,
            _patients.c.own_topics,
            or_(
                exists().where(_locks.c.patient_id == _patients.c.id, _locks.c.lifted_at.is_(None)),
                _THE_CALLER_IS_LOCKED,
            ).label("locked"),
            _enrolments.c.programme,
            _enrolments.c.limits,
            *columns,
        )
        .select_from(named_by)
        .join(_patients, _patients.c.id == named_by.c.patient_id)
        .join(
            _enrolments,
            and_(
                _enrolments.c.patient_id == _patients.c.id,
                _enrolments.c.starts_on <= _TODAY,
                _enrolments.c.ends_on >= _TODAY,
            ),
            isouter=True,
        )
        .where(
            named_by.c.clinic_id == bindparam("clinic"),
            named_by.c.number_hash == bindparam("number_hash"),
            _patients.c.status == "active",
            ~_of_another_person(named_by.c),
        )
    )


def _of_another_person(named_by: Any) -> ColumnElement[bool]:
    """Did somebody say that this number is not theirs whom we look for?"""
    return exists().where(
        _contacts.c.clinic_id == named_by.clinic_id,
        _contacts.c.number_hash == named_by.number_hash,
        _contacts.c.wrong_person_at.is_not(None),
    )


PEOPLE = Prepared(
    _candidates(
        _numbers,
        _patients.c.birth_date,
        type_coerce(null(), _proxies.c.id.type).label("proxy"),
        type_coerce(null(), _proxies.c.topics.type).label("topics"),
        type_coerce(null(), _patients.c.birth_date.type).label("her_birth_date"),
    ).union_all(
        _candidates(
            _proxies,
            _proxies.c.birth_date,
            _proxies.c.id.label("proxy"),
            _proxies.c.topics,
            _patients.c.birth_date.label("her_birth_date"),
        ).where(_proxies.c.ends_on.is_(None) | (_proxies.c.ends_on >= _TODAY))
    )
)
CONTACT = Prepared(
    select(
        _contacts.c.language, _contacts.c.opted_out_at, _contacts.c.blocked_at, _contacts.c.wrong_person_at
    ).where(_contacts.c.clinic_id == bindparam("clinic"), _contacts.c.number_hash == bindparam("number_hash"))
)
NUMBER_LOCK = Prepared(
    select(_locks.c.id).where(
        _locks.c.clinic_id == bindparam("clinic"),
        _locks.c.number_hash == bindparam("number_hash"),
        _locks.c.lifted_at.is_(None),
        _locks.c.ends_at > bindparam("now"),
    )
)
HOLD_HER = Prepared(select(_patients.c.id).where(_patients.c.id == bindparam("patient")).with_for_update())
MAY_BE_CONFIRMED = Prepared(
    select(_patients.c.id).where(
        _patients.c.id == bindparam("patient"),
        _patients.c.clinic_id == bindparam("clinic"),
        _patients.c.status == "active",
        ~exists().where(_locks.c.patient_id == _patients.c.id, _locks.c.lifted_at.is_(None)),
        ~_THE_CALLER_IS_LOCKED,
    )
)
CONFIRM = Prepared(
    table_of(Conversation)
    .update()
    .where(table_of(Conversation).c.id == bindparam("conversation"))
    .values(patient_id=bindparam("patient"), proxy_id=bindparam("proxy"))
)
NOTE_TRY = Prepared(_tries.insert().inline())
"""Made once: building a statement costs more than running it."""
TRIES_REMEMBERED = timedelta(days=365)


def people_at(
    connection: Connection, clinic_id: int, number_hash: str, now: datetime, caller: str | None = None
) -> list[dict[str, Any]]:
    """Everyone whom a number may be, as `identity.Person`, with the programme she is in today. One query.

    Nobody where the number was said to be another person's. `caller` is the number that she calls from, where it
    is another one or may be locked: from a locked number everybody is locked.
    """
    rows = PEOPLE.all(
        connection,
        {
            "clinic": clinic_id,
            "number_hash": number_hash,
            "today": now.date(),
            "caller": caller,
            "now": now,
        },
    )
    return [row._asdict() for row in rows]


def contact(connection: Connection, clinic_id: int, number_hash: str) -> Any:
    """The language, stop and wrong-person marks of a number, or None where nothing is remembered."""
    return CONTACT.first(connection, {"clinic": clinic_id, "number_hash": number_hash})


def language_at(connection: Connection, clinic_id: int, number_hash: str) -> str | None:
    """The one language that everyone registered at a number has, or None; also where it is another person's."""
    spoken = connection.scalars(
        select(Patient.language)
        .join(PatientNumber, PatientNumber.patient_id == Patient.id)
        .where(PatientNumber.clinic_id == clinic_id, PatientNumber.number_hash == number_hash)
        .where(Patient.status == "active", ~_of_another_person(PatientNumber))
        .distinct()
    ).all()
    return spoken[0] if len(spoken) == 1 else None


def remember(on: Occasion, **values: Any) -> None:
    """Set what is remembered of this number. Of a withheld one nothing is: many people call with it."""
    if not on.number:
        return
    key = {"clinic_id": on.clinic_id, "number_hash": on.number_hash}
    on.database.put(on.connection, Contact, key, values)


def confirm(on: Occasion, match: dict[str, Any]) -> None:
    """From here on this conversation is hers, and of whoever speaks for her (a match of `identity.match_person`).

    Raises Overtaken where a lock fell on her or on this number since the answer was read, or where she was
    closed, merged or deleted.
    """
    patient, proxy = match["patient"], match["proxy"]
    of = {"patient": patient, "clinic": on.clinic_id, "caller": on.number_hash if on.number else None}
    HOLD_HER.first(on.connection, of)
    # Asked when she is held: only then does it see what whoever held her before has written.
    if MAY_BE_CONFIRMED.first(on.connection, {**of, "now": on.now}) is None:
        raise Overtaken
    on.patient_id, on.proxy_id = patient, proxy
    CONFIRM.change(on.connection, {"conversation": on.conversation_id, "patient": patient, "proxy": proxy})
    _note_tries(on, [patient], succeeded=True)


def note_wrong(on: Occasion, other_number: Any = None) -> None:
    """A wrong try counts for the number and for every candidate it was tried against; too many lock either."""
    here = hashed(other_number["e164"]) if other_number else on.number_hash
    candidates = candidates_at(on.connection, on.clinic_id, here)
    locked = _hold(on, candidates)
    _note_tries(on, candidates, succeeded=False)
    _lock_patients(on, [patient for patient in candidates if patient not in locked])
    if on.number:
        _lock_number(on)


def candidates_at(connection: Connection, clinic_id: int, number_hash: str) -> list[int]:
    """Everyone whom a number names, as a patient or by a proxy: who it may be, for a nurse and for counting tries."""
    named = [
        select(table.c.patient_id).where(table.c.clinic_id == clinic_id, table.c.number_hash == number_hash)
        for table in (_numbers, _proxies)
    ]
    return sorted(set(connection.scalars(named[0].union(named[1]))))


def is_locked(connection: Connection, clinic_id: int, number_hash: str, now: datetime) -> bool:
    """Is a lock on this number that has not ended and that nobody has lifted?"""
    here = {"clinic": clinic_id, "number_hash": number_hash, "now": now}
    return NUMBER_LOCK.first(connection, here) is not None


def note_changed_number(on: Occasion, other_number: dict[str, Any], birth_date: Any) -> None:
    """She calls from a number that is not hers in our records: a person registers it, or calls her back."""
    born = birth_date["iso"] if birth_date else None
    tasks.make_in_turn(on, "changed_number", True, other_number=other_number["e164"], birth_date=born)


def _hold(on: Occasion, patients: list[int]) -> set[int]:
    """Which of them are locked; until this write is over nobody else's try counts against any of them."""
    on.connection.execute(
        select(_patients.c.id).where(_patients.c.id.in_(patients)).order_by(_patients.c.id).with_for_update()
    )
    return set(
        on.connection.scalars(
            select(_locks.c.patient_id).where(_locks.c.patient_id.in_(patients), _locks.c.lifted_at.is_(None))
        )
    )


def _lock_patients(on: Occasion, patients: list[int]) -> None:
    tries = on.connection.execute(
        select(_tries.c.patient_id, _tries.c.at, _tries.c.succeeded)
        .where(_tries.c.patient_id.in_(patients), _tries.c.at > on.now - TRIES_REMEMBERED)
        .order_by(_tries.c.at)
    ).all()
    lifted: dict[int, datetime] = {
        row.patient_id: row.lifted_at
        for row in on.connection.execute(
            select(_locks.c.patient_id, _locks.c.lifted_at)
            .where(_locks.c.patient_id.in_(patients), _locks.c.lifted_at.is_not(None))
            .order_by(_locks.c.lifted_at)
        )
    }
    for patient in patients:
        hers = [(row.at, row.succeeded) for row in tries if row.patient_id == patient]
        if identity.patient_is_locked_by(hers, lifted.get(patient), on.now):
            lock = _lock(on, patient_id=patient)
            _tell_of_lock(on, lock, patient)


def _lock_number(on: Occasion) -> None:
    here = (_tries.c.clinic_id == on.clinic_id, _tries.c.number_hash == on.number_hash)
    last_lift = select(_locks.c.lifted_at).where(
        _locks.c.clinic_id == on.clinic_id, _locks.c.number_hash == on.number_hash
    )
    lifted = max(filter(None, on.connection.scalars(last_lift)), default=None)
    tries = on.connection.execute(
        select(_tries.c.at, _tries.c.succeeded).where(
            *here, _tries.c.patient_id.is_(None), _tries.c.at > on.now - TRIES_REMEMBERED
        )
    ).all()
    counted = [(row.at, row.succeeded) for row in tries if lifted is None or row.at > lifted]
    if identity.number_is_locked_by(counted, on.now) and not is_locked(
        on.connection, on.clinic_id, on.number_hash, on.now
    ):
        lock = _lock(on, number_hash=on.number_hash, ends_at=identity.number_lock_ends(on.now))
        _tell_of_lock(on, lock, None)


def _lock(on: Occasion, **of: Any) -> int:
    made = on.connection.execute(_locks.insert().values(clinic_id=on.clinic_id, locked_at=on.now, **of))
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def _tell_of_lock(on: Occasion, lock: int, patient: int | None) -> None:
    tasks.make(
        on.database,
        on.connection,
        key=f"identity_locked:{lock}",
        clinic_id=on.clinic_id,
        reason="identity_locked",
        same_day=True,
        now=on.now,
        patient_id=patient,
        conversation_id=on.conversation_id,
        details={"number": on.number, "lock": lock},
    )


def _note_tries(on: Occasion, patients: list[int], *, succeeded: bool) -> None:
    """One row for each patient; a wrong one has a row for the number itself besides."""
    whom: list[int | None] = [*patients] if succeeded else [None, *patients]
    NOTE_TRY.change(
        on.connection,
        *(
            {
                "clinic_id": on.clinic_id,
                "number_hash": on.number_hash,
                "patient_id": patient,
                "succeeded": succeeded,
                "at": on.now,
            }
            for patient in whom
        ),
    )
