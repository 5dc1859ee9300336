"""Messages to the clinic: a written one is ready at once, a spoken one is fetched and put into words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from care import outbox, tasks
from care.occasion import Occasion
from records.messages import Message


def is_kept(on: Occasion, recording: str) -> bool:
    """Was this recording handed in before?"""
    return on.connection.scalar(select(Message.id).where(Message.recording == recording)) is not None


def keep(on: Occasion, message: dict[str, Any]) -> None:
    """Keep what she left, `{"text": …}` or `{"recording": …, "seconds": …}`, and make sure a person sees it."""
    tasks.make_in_turn(on, "message", False, message=_store(on, message))


def keep_of_a_stranger(
    on: Occasion, message: dict[str, Any], caller_name: dict[str, Any] | None, callback_number: Any
) -> None:
    """Keep what somebody unknown left, with her name (said or written) and the number to call: one task for all."""
    details: dict[str, Any] = {"message": _store(on, message)}
    if caller_name is not None:
        details["name"] = _store(on, caller_name)
    if callback_number:
        details["callback_number"] = callback_number["e164"]
    tasks.make_in_turn(on, "unknown_caller", True, **details)


def _store(on: Occasion, message: dict[str, Any]) -> int:
    recording = message.get("recording") or None
    result = on.connection.execute(
        insert(Message).values(
            clinic_id=on.clinic_id,
            conversation_id=on.conversation_id,
            patient_id=on.patient_id,
            number=on.number,
            language=on.language,
            text=message.get("text"),
            recording=recording,
            seconds=message.get("seconds", 0),
            state="recorded" if recording else "ready",
            at=on.now,
        )
    )
    assert result.inserted_primary_key is not None
    stored = int(result.inserted_primary_key[0])
    if recording:
        outbox.put(
            on.database,
            on.connection,
            key=f"recording:{recording}:fetch",
            kind="recording",
            channel="fetch",
            clinic_id=on.clinic_id,
            now=on.now,
            facts={"message": stored, "recording": recording},
        )
    return stored
