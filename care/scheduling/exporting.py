"""A clinic's visits go out to its own schedule, as iCalendar or CSV: all of them, those that were called off too.

Record numbers say whose a visit is; names stand in it only where they were asked for. What a patient said of why she
comes never goes out. The file can be read by its owner alone, and is there only once the audit has its entry.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from care import audit
from care.scheduling.exporting_csv import CsvWriter
from care.scheduling.exporting_ics import CalendarWriter
from care.scheduling.importing_known import NARROW, our_uid
from records import Database
from records.appointments import Appointment
from records.base import table_of
from records.clinics import Clinic
from records.patients import Patient
from records.scheduling import Clinician, Place

_visits, _patients, _clinicians, _places, _clinics = map(
    table_of, (Appointment, Patient, Clinician, Place, Clinic)
)


@dataclass
class ExportReport:
    visits: int = 0
    nameless: int = 0
    """Visits of patients without a record number: the other schedule can't know whose they are."""
    states: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Outgoing:
    """A visit on its way out."""

    uid: str
    row: Any
    clinician: str
    timezone: str


def export(
    database: Database,
    *,
    clinic_id: int,
    path: Path,
    kind: Literal["ics", "csv"],
    by: str,
    now: datetime,
    with_names: bool = False,
    first: date | None = None,
    last: date | None = None,
) -> ExportReport:
    """Write the file anew, mode 0600. Days are the clinic's; without them, every visit there is."""
    report = ExportReport()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            with database.reading() as connection:
                _write(connection, clinic_id, file, kind, now, with_names, (first, last), report)
            file.flush()
            os.fsync(file.fileno())
        with database.writing() as connection:
            about = f"{kind}{',with_names' if with_names else ''},visits:{report.visits}"
            audit.note(
                database,
                connection,
                by=by,
                did="exported_schedule",
                now=now,
                clinic_id=clinic_id,
                about=about,
            )
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return report


def _write(
    connection: Connection,
    clinic_id: int,
    file: IO[str],
    kind: str,
    now: datetime,
    with_names: bool,
    days: tuple[date | None, date | None],
    report: ExportReport,
) -> None:
    clinic = connection.execute(select(_clinics).where(_clinics.c.id == clinic_id)).one()
    writer = CalendarWriter(file, clinic.name, now) if kind == "ics" else CsvWriter(file)
    for row in _rows(connection, clinic, days):
        one = Outgoing(
            row.outside_uid or our_uid(clinic.line, row),
            row,
            row.outside_id or row.clinician_name,
            row.timezone,
        )
        writer.visit(one, row.patient_name if with_names else None)
        report.visits += 1
        report.nameless += not row.record_number
        report.states[row.state] = report.states.get(row.state, 0) + 1
    writer.end()


def _rows(connection: Connection, clinic: Any, days: tuple[date | None, date | None]) -> Iterator[Any]:
    zone, (first, last) = ZoneInfo(clinic.timezone), days
    asked = (
        select(
            *NARROW,
            _visits.c.changed_at,
            _clinicians.c.name.label("clinician_name"),
            _clinicians.c.outside_id,
            _places.c.name.label("place_name"),
            _patients.c.record_number,
            _patients.c.name.label("patient_name"),
        )
        .join(_clinicians, _clinicians.c.id == _visits.c.clinician_id)
        .join(_patients, _patients.c.id == _visits.c.patient_id)
        .outerjoin(_places, _places.c.id == _visits.c.place_id)
        .where(_visits.c.clinic_id == clinic.id)
        .order_by(_visits.c.starts_at, _visits.c.id)
    )
    if first:
        asked = asked.where(_visits.c.starts_at >= datetime.combine(first, time(), zone))
    if last:
        asked = asked.where(_visits.c.starts_at < datetime.combine(last + timedelta(days=1), time(), zone))
    yield from connection.execute(asked)
