"""What the cells of a visit mean together, from a row of CSV or from the properties of a calendar's event.

The columns are documented in docs/schedule.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from care.importing_file import Columns
from care.rules import patient_cells
from care.rules.patient_cells import Terms
from care.rules.patient_row import NotUnderstood, Read, Reading
from care.scheduling import schedule_cells as cells
from care.scheduling.schedule_entries import OffEntry, VisitEntry

VISIT: Mapping[str, Read] = MappingProxyType(
    {
        "record_number": patient_cells.words,
        "clinician": patient_cells.words,
        "kind": cells.visit_kind,
        "reason": cells.reason,
        "place": patient_cells.words,
        "interpreter": patient_cells.any_language,
        "state": cells.state,
        "series": patient_cells.words,
        "time_zone": patient_cells.time_zone,
    }
)
TIMES: Mapping[str, Read] = MappingProxyType(
    {"uid": patient_cells.words, "sequence": cells.sequence, "minutes": cells.minutes}
)
NEEDED = ("record_number", "clinician", "kind", "reason")
MOST_AHEAD = timedelta(days=800)
OFF = ("uid", "clinician", "from", "until", "starts", "ends", "name")


def columns_named(names: Sequence[str], dates: Sequence[str], each: str) -> Columns:
    known = tuple(names)
    return Columns(known.__contains__, known, tuple(dates).__contains__, "docs/schedule.md", each)


VISIT_COLUMNS = columns_named([*TIMES, "starts", "ends", *VISIT, "name"], (), "visit")
OFF_COLUMNS = columns_named(OFF, ("from", "until"), "time off")


@dataclass(frozen=True)
class Times:
    """When an entry is, read already: UTC, and the zone that was meant where it is known."""

    starts_at: datetime
    ends_at: datetime
    timezone: str | None


def without_quote(row: Mapping[str, str]) -> dict[str, str]:
    """The quotation mark that keeps a spreadsheet from taking text for a formula says nothing."""
    return {
        column: cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA and len(cell) > 1 else cell
        for column, cell in row.items()
    }


FORMULA = ("=", "+", "-", "@", "\t")
"""A spreadsheet takes a cell that begins with one of these for something to work out (OWASP, CSV injection)."""


def read_visit(
    row: Mapping[str, str],
    terms: Terms,
    now: datetime,
    where: str,
    *,
    uid: str | None = None,
    sequence: int = 0,
    times: Times | None = None,
) -> VisitEntry:
    """A visit from its cells; a calendar's event brings its UID and times. Raises NotUnderstood."""
    reading = Reading(without_quote(row), terms, {})
    said = reading.group(VISIT)
    for column in NEEDED:
        if said[column] is None:
            reading.wrong(column, "This is needed and empty: write it.")
    if uid is None:
        uid, sequence = (
            reading.cell("uid", patient_cells.words),
            reading.cell("sequence", cells.sequence) or 0,
        )
        if uid is None:
            reading.wrong("uid", "This is needed and empty: write what your schedule calls this visit.")
    if times is None:
        times = _times(reading, said["time_zone"] or terms.timezone)
    if times is not None:
        _check(reading, times, now)
        if said["state"] in ("missed", "done") and times.starts_at > now:
            reading.wrong("state", "This visit is still to come: write booked, confirmed or called_off.")
    if reading.problems or times is None or uid is None:
        raise NotUnderstood(reading.problems)
    return VisitEntry(
        where=where,
        uid=uid,
        sequence=sequence,
        starts_at=times.starts_at,
        ends_at=times.ends_at,
        timezone=said["time_zone"] or times.timezone,
        record_number=said["record_number"],
        clinician=said["clinician"],
        place=said["place"],
        visit_kind=said["kind"],
        reason=said["reason"],
        state=said["state"],
        interpreter=said["interpreter"],
        series=said["series"],
    )


def read_off(row: Mapping[str, str], terms: Terms, where: str) -> OffEntry:
    """Time off from its cells. Raises NotUnderstood."""
    reading = Reading(without_quote(row), terms, {})
    said = {column: reading.cell(column, patient_cells.words) for column in ("uid", "clinician", "name")}
    said |= {column: reading.cell(column, patient_cells.day) for column in ("from", "until")}
    said |= {
        column: reading.cell(column, lambda text, _: patient_cells.time_of_day(text))
        for column in ("starts", "ends")
    }
    for column in ("clinician", "from"):
        if said[column] is None:
            reading.wrong(
                column,
                "This is needed and empty: write it; everybody where the clinic is closed."
                if column == "clinician"
                else "This is needed and empty: write the first day.",
            )
    until = said["until"] or said["from"]
    if until and said["from"] and until < said["from"]:
        reading.wrong("until", "It ends before it begins: write the last day.")
    if (said["starts"] is None) != (said["ends"] is None):
        reading.wrong("ends", "Write both hours, or none for whole days.")
    if said["starts"] and said["ends"] and said["ends"] <= said["starts"]:
        reading.wrong("ends", "It ends before it begins: write the later hour here.")
    if reading.problems:
        raise NotUnderstood(reading.problems)
    return OffEntry(
        where,
        said["uid"],
        said["from"],
        until,
        said["clinician"],
        said["name"] or "",
        said["starts"],
        said["ends"],
    )


def _times(reading: Reading, zone: str) -> Times | None:
    def at(text: str, terms: Terms) -> datetime:
        return cells.moment(text, terms, ZoneInfo(zone))

    starts, ends, lasts = (
        reading.cell("starts", at),
        reading.cell("ends", at),
        reading.cell("minutes", cells.minutes),
    )
    if starts is None:
        reading.wrong("starts", "This is needed and empty: write day and time, like 2026-12-01 14:30.")
        return None
    if ends is None and lasts is None:
        if reading.is_empty("ends") and reading.is_empty("minutes"):
            reading.wrong("ends", "Write when it ends, or how many minutes it takes.")
        return None
    if ends is not None and lasts is not None and ends - starts != timedelta(minutes=lasts):
        reading.wrong(
            "minutes", "These minutes are not those from its start to its end: empty one of the two."
        )
    return Times(starts, ends or starts + timedelta(minutes=lasts), zone)


def _check(reading: Reading, times: Times, now: datetime) -> None:
    if times.ends_at <= times.starts_at:
        reading.wrong("ends", "The visit ends before it begins, or at once: mend one of the two.")
    elif times.ends_at - times.starts_at > timedelta(minutes=cells.LONGEST):
        reading.wrong("ends", "The visit takes longer than 12 hours: mend its start or its end.")
    elif times.starts_at > now + MOST_AHEAD:
        reading.wrong("starts", "This is more than two years ahead: mend the year.")
    elif times.starts_at.second or times.ends_at.second:
        reading.wrong("starts", "Visits begin and end with a minute: take out the seconds.")
