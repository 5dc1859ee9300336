"""Readings: kept from the moment they are given, whoever gave them, confirmed or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, desc, select

from care import alerts, tasks
from care.occasion import Occasion
from records.base import table_of
from records.prepared import Prepared
from records.readings import Reading

_readings = table_of(Reading)
_last = (
    select(_readings.c.id)
    .where(_readings.c.conversation_id == bindparam("conversation"))
    .order_by(desc(_readings.c.id))
    .limit(1)
    .scalar_subquery()
)
LEVELS = Prepared(
    select(_readings.c.level)
    .where(_readings.c.conversation_id == bindparam("conversation"))
    .order_by(desc(_readings.c.id))
)
NOTE = Prepared(_readings.insert().inline())
CONFIRM_LAST = Prepared(_readings.update().where(_readings.c.id == _last).values(confirmed=True))
NOTE_SIGNS_ON_LAST = Prepared(
    _readings.update().where(_readings.c.id == _last).values(warning_signs=bindparam("signs"))
)
"""Made once: building a statement costs more than running it."""


def note(on: Occasion, reading: dict[str, Any], level: str) -> None:
    """Keep a reading that was heard and is not yet read back."""
    NOTE.change(
        on.connection,
        {
            "clinic_id": on.clinic_id,
            "patient_id": on.patient_id,
            "conversation_id": on.conversation_id,
            "value": reading,
            "level": level,
            "confirmed": False,
            "warning_signs": None,
            "at": on.now,
        },
    )


def confirm(on: Occasion) -> None:
    """She said that the last reading is right."""
    CONFIRM_LAST.change(on.connection, {"conversation": on.conversation_id})
    if _was_severe_before(on):
        tasks.make_in_turn(on, "severe_reading_corrected", True)
    if on.patient_id is None:
        tasks.make_in_turn(on, "reading_without_a_person", True)


def note_warning_signs(on: Occasion, warning_signs: str) -> None:
    NOTE_SIGNS_ON_LAST.change(on.connection, {"conversation": on.conversation_id, "signs": warning_signs})


def alert_if_severe(on: Occasion) -> bool:
    """Where her last reading in this conversation is severe, a nurse hears of it now."""
    last = _last_of(on)
    if last is None or last.level != "severe":
        return False
    on = replace(on, patient_id=on.patient_id or last.patient_id)
    alerts.raise_alert(on, "severe_reading", "emergency", last.value)
    return True


def left_unconfirmed(on: Occasion) -> None:
    """She is gone in the middle: a severe reading goes to a nurse now, anything unfinished to a person."""
    last = _last_of(on)
    if last is None or alert_if_severe(on):
        return
    if not last.confirmed or last.warning_signs is None:
        on = replace(on, patient_id=on.patient_id or last.patient_id)
        tasks.make_in_turn(on, "check_in_not_finished", True)


def _was_severe_before(on: Occasion) -> bool:
    """She took back a severe reading and gave another: a slip of the finger, or a second try; a person looks."""
    levels = [row.level for row in LEVELS.all(on.connection, {"conversation": on.conversation_id})]
    return bool(levels) and levels[0] != "severe" and "severe" in levels


def _last_of(on: Occasion) -> Any:
    return on.connection.execute(
        select(Reading.value, Reading.level, Reading.confirmed, Reading.warning_signs, Reading.patient_id)
        .where(Reading.conversation_id == on.conversation_id)
        .order_by(desc(Reading.id))
        .limit(1)
    ).first()
