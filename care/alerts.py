"""Alerts: a finding reaches a person now, and again until somebody takes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from care import outbox, people
from care.occasion import Occasion
from records import Database
from records.alerts import Alert
from records.clinics import Clinic
from records.sealing import hashed

UNREACHABLE = "on_call_unreachable"
BRIDGE_FIRST = timedelta(seconds=90)
"""On a call she is being connected to the emergency number: our own call must not take that line first."""


def raise_alert(on: Occasion, reason: str, urgency: str, reading: Any, other_number: Any = None) -> None:
    """Write the alert and, in the same commit, the call that brings it to the emergency number.

    Where nobody is confirmed, everyone whom the number names, or the other one that she gave, stands on
    it as a candidate. One conversation raises an alert for a reason once, and again where the reading is
    another, or where somebody took the last one and she asks for help anew (a severe reading stays the
    same finding).
    """
    systolic_diastolic = f"{reading['systolic']}-{reading['diastolic']}" if reading else ""
    key = f"{reason}:{on.conversation_id}:{hashed(systolic_diastolic)}"
    known = on.connection.scalar(
        select(Alert.state).where(Alert.key.startswith(key)).order_by(Alert.id.desc()).limit(1)
    )
    if known == "open" or (known and reason == "severe_reading"):
        return
    key = f"{key}:{on.turn}" if known else key
    alert = on.connection.execute(
        insert(Alert).values(
            key=key,
            clinic_id=on.clinic_id,
            conversation_id=on.conversation_id,
            patient_id=on.patient_id,
            level=urgency,
            reason=reason,
            details={"number": on.number, "reading": reading, "candidates": _candidates(on, other_number)},
            state="open",
            raised_at=on.now,
        )
    ).inserted_primary_key
    assert alert is not None
    due_at = on.now + BRIDGE_FIRST if on.channel == "voice" else on.now
    facts = _facts(alert[0], reason, reading, on.number)
    _call(
        on.database,
        on.connection,
        f"alert:{alert[0]}",
        on.clinic_id,
        on.emergency_number,
        facts,
        on.now,
        due_at,
    )


def nobody_on_call(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    """The call for an alert (`row`) was refused for good: that is an alert itself, in the console at once.

    Both are called to the clinic's second number, where it has one; the first goes on being tried.
    One such alert stands open for a clinic at a time.
    """
    second = connection.scalar(select(Clinic.second_number).where(Clinic.id == row.clinic_id))
    if row.number == second:
        return
    about = connection.execute(select(Alert.__table__).where(Alert.id == row.facts["alert"])).one()
    if second:
        _call(database, connection, f"{row.key}:second", row.clinic_id, second, dict(row.facts), now)
    stands = select(Alert.id).where(
        Alert.clinic_id == row.clinic_id, Alert.reason == UNREACHABLE, Alert.state == "open"
    )
    if connection.execute(stands.limit(1)).first() is not None:
        return
    raised = connection.execute(
        database.insert_once(Alert).values(
            key=f"{UNREACHABLE}:{about.id}",
            clinic_id=row.clinic_id,
            conversation_id=about.conversation_id,
            level="emergency",
            reason=UNREACHABLE,
            details={"number": row.number, "reading": None, "candidates": [], "why": why},
            state="open",
            raised_at=now,
        )
    )
    if raised.rowcount == 1 and second:
        made = connection.scalars(select(Alert.id).where(Alert.key == f"{UNREACHABLE}:{about.id}")).one()
        facts = _facts(made, UNREACHABLE, None, row.number)
        _call(database, connection, f"alert:{made}", row.clinic_id, second, facts, now)


def take(on: Occasion, alert: int, by: str) -> None:
    """Somebody has it: the calls stop."""
    on.connection.execute(
        update(Alert)
        .where(Alert.id == alert, Alert.state == "open")
        .values(state="taken", taken_at=on.now, taken_by=by)
    )


def answered_by_bridge(connection: Connection, conversation: str, now: datetime) -> None:
    """A nurse pressed a key and is speaking with her: what this conversation raised is in good hands."""
    connection.execute(
        update(Alert)
        .where(Alert.conversation_id == conversation, Alert.state == "open")
        .values(state="taken", taken_at=now, taken_by="connected to the caller")
    )


def _facts(alert: int, reason: str, reading: Any, number: str) -> dict[str, Any]:
    """What the call about an alert tells."""
    return {
        "alert": alert,
        "alert_number": str(alert),
        "alert_reason": reason,
        "alert_reading": reading,
        "alert_phone": {"kind": "phone", "e164": number} if number else "",
    }


def _call(
    database: Database,
    connection: Connection,
    key: str,
    clinic: int,
    number: str,
    facts: dict[str, Any],
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    outbox.put(
        database,
        connection,
        key=key,
        kind="alert",
        channel="call",
        clinic_id=clinic,
        now=now,
        due_at=due_at,
        flow="alert_call",
        language="en",
        number=number,
        facts=facts,
    )


def _candidates(on: Occasion, other_number: Any) -> list[int]:
    if on.patient_id is not None:
        return []
    here = people.candidates_at(on.connection, on.clinic_id, on.number_hash) if on.number else []
    there = (
        people.candidates_at(on.connection, on.clinic_id, hashed(other_number["e164"]))
        if other_number
        else []
    )
    return sorted({*here, *there})
