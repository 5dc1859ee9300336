"""Tasks: what a person at the clinic looks at, today or when they can."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from care.occasion import Occasion
from care.rules.reaching import Person
from records import Database
from records.tasks import Task


def make(
    database: Database,
    connection: Connection,
    *,
    key: str,
    clinic_id: int,
    reason: str,
    same_day: bool,
    now: datetime,
    patient_id: int | None = None,
    conversation_id: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Write a task once: the same key again changes nothing."""
    connection.execute(
        database.insert_once(Task).values(
            key=key,
            clinic_id=clinic_id,
            reason=reason,
            same_day=same_day,
            patient_id=patient_id,
            conversation_id=conversation_id,
            details=details or {},
            state="open",
            created_at=now,
        )
    )


def make_about(
    database: Database,
    connection: Connection,
    her: Person,
    *,
    key: str,
    reason: str,
    same_day: bool,
    now: datetime,
    **details: Any,
) -> None:
    """A task about somebody whom we reach out to, with the number at which a person may call her."""
    number = {"number": her.numbers[0].number} if her.numbers else {}
    make(
        database,
        connection,
        key=key,
        clinic_id=her.clinic,
        reason=reason,
        same_day=same_day,
        now=now,
        patient_id=her.patient,
        details={**number, **details},
    )


def make_in_turn(on: Occasion, reason: str, same_day: bool, **details: Any) -> None:
    """One task for a reason in a conversation; where it is about a message, one for each message."""
    about = f":{details['message']}" if "message" in details else ""
    make(
        on.database,
        on.connection,
        key=f"{reason}:{on.conversation_id}{about}",
        clinic_id=on.clinic_id,
        reason=reason,
        same_day=same_day,
        now=on.now,
        patient_id=on.patient_id,
        conversation_id=on.conversation_id,
        details={"number": on.number, "language": on.language, **spoken_by(on), **details},
    )


def spoken_by(on: Occasion) -> dict[str, int]:
    """Who spoke for her, where somebody did."""
    return {"proxy": on.proxy_id} if on.proxy_id is not None else {}
