"""A file of the clinic's schedule, whichever of the two ways it is written: iCalendar or CSV."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from care.importing_file import FileProblem, as_cells, open_sheet, people_rows
from care.rules.patient_cells import Terms
from care.rules.patient_row import NotUnderstood
from care.scheduling.calendar_reading import read_calendar
from care.scheduling.schedule_entries import Entries
from care.scheduling.schedule_rows import OFF_COLUMNS, VISIT_COLUMNS, read_off, read_visit

MOST_ROWS = 200_000
CALENDARS = (".ics", ".ical", ".ifb", ".icalendar")


def read_schedule(path: Path, terms: Terms, now: datetime, clinician: str | None = None) -> Entries:
    """Visits, and time off where it is a calendar. Raises FileProblem. `clinician`: whose it is where none is named."""
    if path.suffix.lower() in CALENDARS or _begins_as_calendar(path):
        return read_calendar(path, terms, now, clinician)
    sheet = open_sheet(path, VISIT_COLUMNS)
    _check_rows(sheet.rows)
    terms = replace(terms, day_first_row=sheet.day_first_row)
    entries = Entries()
    for row in people_rows(sheet):
        cells = as_cells(sheet, row)
        if clinician and "clinician" not in cells:
            cells["clinician"] = clinician
        entries.read += 1
        try:
            entries.visits.append(read_visit(cells, terms, now, f"Row {row.place}"))
        except NotUnderstood as error:
            entries.refuse(f"Row {row.place}", cells.get("uid"), error.problems)
    return entries


def read_days_off(path: Path, terms: Terms, now: datetime, clinician: str | None = None) -> Entries:
    """Time off alone, from a calendar or a CSV file. Raises FileProblem."""
    if path.suffix.lower() in CALENDARS or _begins_as_calendar(path):
        return replace(read_calendar(path, terms, now, clinician), visits=[])
    sheet = open_sheet(path, OFF_COLUMNS)
    _check_rows(sheet.rows)
    terms = replace(terms, day_first_row=sheet.day_first_row)
    entries = Entries()
    for row in people_rows(sheet):
        entries.read += 1
        cells = as_cells(sheet, row)
        if clinician and "clinician" not in cells:
            cells["clinician"] = clinician
        try:
            entries.off.append(read_off(cells, terms, f"Row {row.place}"))
        except NotUnderstood as error:
            entries.refuse(f"Row {row.place}", cells.get("uid"), error.problems)
    return entries


def _check_rows(rows: int) -> None:
    if rows > MOST_ROWS:
        raise FileProblem(f"The file has more than {MOST_ROWS:,} rows: cut it into several.")


def _begins_as_calendar(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(200).removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(b"BEGIN:VCALENDAR")
