"""Alerts: a finding reaches a person now, and again until somebody takes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from care import outbox, people
from care.occasion import Occasion
from records.alerts import Alert
from records.sealing import hashed

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
    alert = on.connection.scalar(
        on.database.insert_once(Alert)
        .values(
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
        .returning(Alert.id)
    )
    if alert is None:  # another process has raised it at this very moment
        return
    outbox.put(
        on.database,
        on.connection,
        key=f"alert:{alert}",
        kind="alert",
        channel="call",
        clinic_id=on.clinic_id,
        now=on.now,
        due_at=on.now + BRIDGE_FIRST if on.channel == "voice" else on.now,
        flow="alert_call",
        language="en",
        number=on.emergency_number,
        facts={
            "alert": alert,
            "alert_number": str(alert),
            "alert_reason": reason,
            "alert_reading": reading,
            "alert_phone": {"kind": "phone", "e164": on.number} if on.number else "",
        },
    )


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
