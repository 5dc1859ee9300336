"""What she answers to a reminder: she comes, she wants another time, or she wants to be called."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from care import audit, outbox, tasks
from care.occasion import Occasion, Overtaken
from care.reminders import in_flight
from care.scheduling import book_for
from records.appointments import Appointment
from records.base import table_of
from records.outbox import OutboxRow

_visits = table_of(Appointment)
WAITS = ("due", "sending")
STANDS, MOVED, CALLED_OFF, OVER = "yes", "moved", "called off", "over"
IN_FLOWS = {in_flight.MOVED: MOVED, in_flight.CALLED_OFF: CALLED_OFF, in_flight.OVER: OVER}


def how_it_stands(connection: Connection, outbox_id: int | None, now: datetime) -> dict[str, Any] | None:
    """The visit of which a row reminds: `stands` (yes, moved, called off, over) and `at`, its time now.

    None where the row is about no visit.
    """
    row = outbox.get(connection, outbox_id)
    if row is None or "visit_at" not in row.facts:
        return None
    visit = _visit(connection, row.facts["reminded_visit"])
    why = in_flight.why_not(visit, in_flight.told_time(row.facts), now)
    at = None
    if visit is not None:
        at = {"kind": "visit_time", "at": visit.starts_at.isoformat(), "zone": visit.timezone}
    return {"stands": IN_FLOWS[why] if why else STANDS, "at": at}


def confirm(on: Occasion) -> None:
    """She comes, at the time of which she was told. Raises Overtaken where it is another meanwhile."""
    row = outbox.get(on.connection, on.outbox_id)
    assert row is not None
    try:
        book_for.confirm(
            on.database,
            on.connection,
            clinic_id=on.clinic_id,
            visit=row.facts["reminded_visit"],
            patient_id=row.patient_id,
            by=audit.by_whom(on),
            now=on.now,
        )
    except book_for.NotComing:
        raise Overtaken from None
    visit = _visit(on.connection, row.facts["reminded_visit"])
    if in_flight.why_not(visit, in_flight.told_time(row.facts), on.now) is not None:
        raise Overtaken
    answered(on)


def ask_for_call(on: Occasion, reason: str) -> None:
    """A person calls her about this visit: to find another time, or because she asked for it."""
    row = outbox.get(on.connection, on.outbox_id)
    assert row is not None
    tasks.make(
        on.database,
        on.connection,
        key=f"{reason}:{on.conversation_id}",
        clinic_id=on.clinic_id,
        reason=reason,
        same_day=True,
        now=on.now,
        patient_id=on.patient_id or row.patient_id,
        conversation_id=on.conversation_id,
        details={"number": on.number, "language": on.language, **tasks.spoken_by(on)},
    )
    _by_whoever_holds_the_number(on, row, "made_task")
    answered(on)


def answered(on: Occasion) -> None:
    """The same reminder by the other channel is no longer needed."""
    row = outbox.get(on.connection, on.outbox_id)
    if row is None or "reminder" not in row.facts:
        return
    outbox.cancel(
        on.connection,
        "answered already",
        OutboxRow.kind == row.kind,
        OutboxRow.patient_id == row.patient_id,
        OutboxRow.key.startswith(row.facts["reminder"], autoescape=True),
        OutboxRow.id != row.id,
    )


def _by_whoever_holds_the_number(on: Occasion, row: Any, did: str) -> None:
    """Her history says it too where nobody was asked who she is."""
    if on.patient_id is None:
        audit.note(
            on.database,
            on.connection,
            by="caller",
            did=did,
            now=on.now,
            clinic_id=on.clinic_id,
            patient_id=row.patient_id,
            about=f"visit:{row.facts['reminded_visit']}",
        )


def _visit(connection: Connection, visit: int) -> Any:
    return connection.execute(select(_visits).where(_visits.c.id == visit)).first()
