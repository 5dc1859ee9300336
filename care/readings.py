"""Readings: kept from the moment they are given, whoever gave them, confirmed or not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import desc, insert, select, update

from care import alerts, tasks
from care.occasion import Occasion
from records.readings import Reading


def note(on: Occasion, reading: dict[str, Any], level: str) -> None:
    """Keep a reading that was heard and is not yet read back."""
    on.connection.execute(
        insert(Reading).values(
            clinic_id=on.clinic_id,
            patient_id=on.patient_id,
            conversation_id=on.conversation_id,
            value=reading,
            level=level,
            confirmed=False,
            at=on.now,
        )
    )


def confirm(on: Occasion) -> None:
    """She said that the last reading is right."""
    _change_last(on, confirmed=True)
    if on.patient_id is None:
        tasks.make_in_turn(on, "reading_without_a_person", True)


def note_warning_signs(on: Occasion, warning_signs: str) -> None:
    _change_last(on, warning_signs=warning_signs)


def left_unconfirmed(on: Occasion) -> None:
    """She is gone in the middle: a severe reading goes to a nurse now, anything unfinished to a person."""
    last = on.connection.execute(
        select(Reading.value, Reading.level, Reading.confirmed, Reading.warning_signs)
        .where(Reading.conversation_id == on.conversation_id)
        .order_by(desc(Reading.id))
        .limit(1)
    ).first()
    if last is None:
        return
    if last.level == "severe":
        alerts.raise_alert(on, "severe_reading", "emergency", last.value)
    elif not last.confirmed or last.warning_signs is None:
        tasks.make_in_turn(on, "check_in_not_finished", True)


def _change_last(on: Occasion, **values: Any) -> None:
    last = (
        select(Reading.id)
        .where(Reading.conversation_id == on.conversation_id)
        .order_by(desc(Reading.id))
        .limit(1)
        .scalar_subquery()
    )
    on.connection.execute(update(Reading).where(Reading.id == last).values(**values))
