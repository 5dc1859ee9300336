"""Calendars as clinics' schedules write them, and what is read of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from care.rules.patient_cells import Terms
from care.scheduling.calendar_reading import read_calendar
from care.scheduling.schedule_entries import Entries

FILES = Path(__file__).parent / "files"
NOW = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
TERMS = Terms(
    "US", "America/New_York", date(2026, 11, 21), {"english": "en", "en": "en"}, {"km": "km"}, frozenset()
)
VISIT = (
    "X-CARELINE-RECORD-NUMBER:M-1001",
    "X-CARELINE-CLINICIAN:S1",
    "X-CARELINE-VISIT-KIND:audio",
    "X-CARELINE-REASON:problem",
)
HALF_AN_HOUR = "DURATION:PT30M"


def event(*lines: str, uid: str = "e1") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def visit(*lines: str, uid: str = "e1") -> str:
    return event(*lines, *VISIT, uid=uid)


def calendar(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""]).encode()


def written(folder: Path, content: bytes, name: str = "schedule.ics") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def read(folder: Path, *events: str, clinician: str | None = None) -> Entries:
    return read_calendar(written(folder, calendar(*events)), TERMS, NOW, clinician)


def sentences(entries: Entries) -> list[str]:
    return [f"{where}, {problem.column}: {problem.says}" for where, problem in entries.problems]
