"""When a clinic, or a patient, wishes to be reminded. Where nobody has said so, the default of the rule holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from care import audit
from care.rules import reminder_times
from care.rules.reminder_times import Setting
from records import Database
from records.base import table_of
from records.reminders import ReminderSetting

_settings = table_of(ReminderSetting)
IN_USE = select(_settings.c.offsets).distinct()
CHANNELS = ("text", "call", "both")


def setting_of(row: Any) -> Setting:
    """From a row with the patient's `offsets`, `channels` and the clinic's `clinic_offsets`, `clinic_channels`."""
    if row.offsets is not None:
        return Setting(reminder_times.offsets_of(row.offsets), row.channels)
    if row.clinic_offsets is not None:
        return Setting(reminder_times.offsets_of(row.clinic_offsets), row.clinic_channels)
    return reminder_times.default()


def in_use(connection: Connection) -> frozenset[reminder_times.Offset]:
    """Every time before a visit at which anybody is reminded."""
    written = connection.scalars(IN_USE).all()
    return frozenset(reminder_times.default().offsets).union(*map(reminder_times.offsets_of, written))


def write(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    patient_id: int | None,
    offsets: str,
    channels: str,
    by: str,
    now: datetime,
) -> None:
    """A clinic's setting, or one patient's. Raises ValueError with a sentence; no offsets end her reminders."""
    wanted = reminder_times.written(reminder_times.offsets_of(offsets))
    if channels not in CHANNELS:
        raise ValueError("reminders go by text, call or both")
    connection.execute(_one(clinic_id, patient_id))
    connection.execute(
        _settings.insert().values(
            clinic_id=clinic_id,
            patient_id=patient_id,
            offsets=wanted,
            channels=channels,
            by=by,
            changed_at=now,
        )
    )
    if patient_id is not None:
        audit.note(
            database,
            connection,
            by=by,
            did="set_reminders",
            now=now,
            clinic_id=clinic_id,
            patient_id=patient_id,
            about=f"{wanted or 'none'}:{channels}",
        )


def remove(connection: Connection, clinic_id: int, patient_id: int | None) -> None:
    """The clinic's setting, or the default, holds again."""
    connection.execute(_one(clinic_id, patient_id))


def of_patient(connection: Connection, clinic_id: int, patient_id: int) -> Setting:
    """What holds for her now."""
    rows: Sequence[Any] = connection.execute(
        select(_settings.c.patient_id, _settings.c.offsets, _settings.c.channels).where(
            _settings.c.clinic_id == clinic_id,
            (_settings.c.patient_id == patient_id) | _settings.c.patient_id.is_(None),
        )
    ).all()
    for row in sorted(rows, key=lambda row: row.patient_id is None):
        return Setting(reminder_times.offsets_of(row.offsets), row.channels)
    return reminder_times.default()


def is_her_own(connection: Connection, clinic_id: int, patient_id: int) -> bool:
    """Was it set for her, rather than for everybody?"""
    hers = select(_settings.c.id).where(
        _settings.c.clinic_id == clinic_id, _settings.c.patient_id == patient_id
    )
    return connection.execute(hers).first() is not None


def of_clinic(connection: Connection, clinic_id: int) -> Setting:
    """What holds for whoever has no setting of her own."""
    row = connection.execute(
        select(_settings.c.offsets, _settings.c.channels).where(
            _settings.c.clinic_id == clinic_id, _settings.c.patient_id.is_(None)
        )
    ).first()
    return Setting(reminder_times.offsets_of(row.offsets), row.channels) if row else reminder_times.default()


def bring_together(connection: Connection, keep: int, gone: int) -> None:
    """Two records became one: what was set for the one that is kept goes before."""
    kept = select(_settings.c.id).where(_settings.c.patient_id == keep)
    connection.execute(delete(_settings).where(_settings.c.patient_id == gone, kept.exists()))
    connection.execute(_settings.update().where(_settings.c.patient_id == gone).values(patient_id=keep))


def _one(clinic_id: int, patient_id: int | None) -> Any:
    whose = _settings.c.patient_id.is_(None) if patient_id is None else _settings.c.patient_id == patient_id
    return delete(_settings).where(_settings.c.clinic_id == clinic_id, whose)
