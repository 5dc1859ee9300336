"""The wait list: a time that becomes free is offered to those who wait for one, and the first yes has it.

A freed time is a row of the outbox (work of our own) until it is taken or nobody is left to ask: each time that it is
due it looks at what is true then. So it may be done twice, or go on in another process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from care import outbox
from care.occasion import Occasion
from care.rules import gate, wait_list
from care.rules.eligibility import may_see
from care.rules.visit_reasons import VISIT_KINDS, reasons
from care.rules.wait_list import Freed, Wish
from care.scheduling import slot_offers
from records import Database
from records.appointments import Appointment, SlotOffer, Waiting
from records.base import table_of
from records.clinics import Clinic
from records.outbox import OutboxRow
from records.patients import Patient
from records.scheduling import Clinician, Opening, unit_after, unit_of

QUEUE = "schedule"
BATCH = 20
_waiting, _offers, _openings, _clinicians = map(table_of, (Waiting, SlotOffer, Opening, Clinician))
_patients, _visits, _clinics = map(table_of, (Patient, Appointment, Clinic))
WISHES = (
    select(
        _waiting.c.id,
        _waiting.c.patient_id,
        _waiting.c.clinician_id,
        _waiting.c.visit_kind,
        _waiting.c.minutes,
        _waiting.c.until_on,
        _waiting.c.since,
        _waiting.c.appointment_id.label("visit_id"),
        _visits.c.starts_at.label("visit_at"),
        _patients.c.language,
        _patients.c.interpreter,
        _patients.c.state.label("lives_in"),
    )
    .join(_patients, _patients.c.id == _waiting.c.patient_id)
    .join(_visits, _visits.c.id == _waiting.c.appointment_id, isouter=True)
    .where(
        _waiting.c.clinic_id == bindparam("clinic"),
        _waiting.c.state == "waiting",
        _patients.c.status == "active",
        or_(_waiting.c.clinician_id.is_(None), _waiting.c.clinician_id == bindparam("clinician")),
    )
)
FREE_START = (
    select(
        _openings,
        _clinicians.c.name.label("clinician_name"),
        _clinicians.c.languages,
        _clinicians.c.states,
        _clinicians.c.timezone,
    )
    .join(_clinicians, _clinicians.c.id == _openings.c.clinician_id)
    .where(
        _openings.c.clinician_id == bindparam("clinician"),
        _openings.c.unit >= bindparam("first"),
        _openings.c.unit < bindparam("end"),
        _openings.c.free_minutes > 0,
        _clinicians.c.active,
    )
    .order_by(_openings.c.unit)
    .limit(1)
)
OFFERED = select(_offers.c.waiting_id, _offers.c.state, _offers.c.ends_at).where(
    _offers.c.clinician_id == bindparam("clinician"), _offers.c.starts_at == bindparam("starts_at")
)
"""Made once: building a statement costs more than running it."""


def wait(
    on: Occasion,
    reason: str,
    visit_kind: str,
    clinician: int | None = None,
    visit: Mapping[str, Any] | None = None,
) -> None:
    """She waits, from now on; `visit` is one that she has and would move. Asking again keeps her place."""
    assert on.patient_id is not None
    appointment = visit["id"] if isinstance(visit, Mapping) else None
    zone = on.connection.scalars(select(_clinics.c.timezone).where(_clinics.c.id == on.clinic_id)).one()
    values = {
        "clinician_id": clinician,
        "appointment_id": appointment,
        "visit_kind": visit_kind,
        "minutes": reasons()[reason].minutes,
        "until_on": _last_day(on.now, zone),
    }
    hers = (Waiting.patient_id == on.patient_id, Waiting.reason == reason, Waiting.state == "waiting")
    known = on.connection.execute(update(Waiting).where(*hers).values(**values))
    if known.rowcount == 0:
        on.connection.execute(
            insert(Waiting).values(
                clinic_id=on.clinic_id,
                patient_id=on.patient_id,
                reason=reason,
                state="waiting",
                since=on.now,
                **values,
            )
        )


def offer_freed_times(database: Database, now: datetime) -> int:
    """Go on with every freed time that is due. Returns how many offers were made."""
    rows = outbox.claim(database, QUEUE, now, BATCH)
    return sum(_go_on(database, row, now) for row in rows)


def leave_those_too_late(database: Database, now: datetime) -> int:
    """Whoever waited until her last day waits no more. Returns how many."""
    with database.writing() as connection:
        yesterday = (now - timedelta(days=1)).date()
        late = update(Waiting).where(Waiting.state == "waiting", Waiting.until_on < yesterday)
        return connection.execute(late.values(state="left")).rowcount


def _go_on(database: Database, row: Any, now: datetime) -> int:
    """One step with a freed time: over, or waiting for an answer, or offered to the next."""
    clinician = row.facts["clinician"]
    begins, ends = (datetime.fromisoformat(row.facts[name]) for name in ("from", "until"))
    with database.writing() as connection:
        about = {"clinician": clinician, "first": unit_of(begins), "end": unit_after(ends)}
        start = connection.execute(FREE_START, about).first()
        clinic = connection.execute(select(Clinic.__table__).where(Clinic.id == row.clinic_id)).one()
        if start is None or start.starts_at <= now:
            _settle(connection, row, "dropped", "time is taken")
            return 0
        if quiet := gate.end_of_quiet(now, clinic.timezone):  # her time to answer would run while she sleeps
            _settle(connection, row, "due", "quiet hours", quiet)
            return 0
        where = {"clinician": clinician, "starts_at": start.starts_at}
        before = connection.execute(OFFERED, where).all()
        considering = [one.ends_at for one in before if one.state == "open" and one.ends_at > now]
        if considering and clinic.wait_list == wait_list.ONE_BY_ONE:
            _settle(connection, row, "due", "somebody was asked", min(considering))
            return 0
        slot_offers.close_late(connection, clinician, start.starts_at, now)
        freed_time = _freed(start)
        wishes = _wishes(connection, row.clinic_id, start)
        chosen = wait_list.asked_now(
            freed_time, wishes, {one.waiting_id for one in before}, clinic.wait_list, now
        )
        until = wait_list.answer_until(freed_time, now)
        if not chosen or until is None:
            _settle(connection, row, "delivered")
            return 0
        slot_offers.make(database, connection, clinic.id, start, chosen, until, now)
        _settle(connection, row, "due", "somebody was asked", until)
    return len(chosen)


def _settle(
    connection: Connection, row: Any, status: str, reason: str | None = None, due_at: datetime | None = None
) -> None:
    """Where the step ended; unless the time was freed anew meanwhile (`wishes.freed`): then it stays due."""
    ours = (OutboxRow.id == row.id, OutboxRow.status == "sending", OutboxRow.leased_until == row.leased_until)
    values = {"status": status, "reason": reason, "leased_until": None, "due_at": due_at or row.due_at}
    connection.execute(update(OutboxRow).where(*ours).values(attempts=0, **values))


def _freed(start: Row[Any]) -> Freed:
    kinds = frozenset(kind for kind in VISIT_KINDS if getattr(start, kind))
    if start.room_minutes < start.free_minutes:
        kinds -= {"in_person"}  # another visit needs the room sooner
    return Freed(start.clinician_id, start.starts_at, start.free_minutes, kinds, start.timezone)


def _wishes(connection: Connection, clinic_id: int, start: Row[Any]) -> Sequence[Wish]:
    """Those whom this clinician may see."""
    rows = connection.execute(WISHES, {"clinic": clinic_id, "clinician": start.clinician_id})
    return [
        Wish(
            row.id,
            row.patient_id,
            row.clinician_id,
            row.visit_kind,
            row.minutes,
            row.until_on,
            row.since,
            row.visit_id,
            row.visit_at,
            interpreter,
        )
        for row in rows
        for sees, interpreter in [
            may_see(start, row.visit_kind, row.interpreter or row.language, True, row.lives_in)
        ]
        if sees
    ]


def _last_day(now: datetime, zone: str) -> date:
    return wait_list.last_day(now.astimezone(ZoneInfo(zone)).date())
