"""A whole iCalendar file: events that come back become one entry for each time, changed times take the place of theirs.

An event with a record number is a visit; one without is time off, unless it keeps nobody busy (TRANSP:TRANSPARENT).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from care.importing_file import FileProblem
from care.rules.patient_cells import Terms
from care.rules.patient_row import NotUnderstood, Problem
from care.scheduling.calendar_events import EventProblem, ReadEvent, read_event, uid_of, where
from care.scheduling.calendar_lines import components
from care.scheduling.calendar_rules import RuleProblem, Work, wall_times
from care.scheduling.calendar_zones import Zones
from care.scheduling.schedule_entries import Entries, OffEntry
from care.scheduling.schedule_rows import Times, read_visit

AHEAD = timedelta(days=400)
"""How far what comes back is followed."""
BEHIND = timedelta(days=1)
MOST_ENTRIES = 200_000
NOBODY = Problem(
    "X-CARELINE-CLINICIAN",
    "Nobody is named: write whose time this is (everybody where the clinic is closed), or give --clinician.",
)
NO_PATIENT = Problem(
    "X-CARELINE-RECORD-NUMBER", "This is a visit and names no patient: write her record number."
)


@dataclass
class _Series:
    """Events with one UID: the one itself, and those that change single times of it."""

    main: ReadEvent | None = None
    changed: dict[str, ReadEvent] = field(default_factory=dict)


def read_calendar(path: Path, terms: Terms, now: datetime, clinician: str | None = None) -> Entries:
    """Everything that a file says from yesterday to AHEAD. Raises FileProblem where it can't be read at all."""
    entries, work = Entries(), Work()
    for uid, series in _grouped(path, terms, entries).items():
        try:
            for event in _times_of(uid, series, now, work, entries):
                _enter(event, terms, now, clinician, entries)
        except RuleProblem as error:
            main = series.main
            entries.refuse(main.where if main else uid, uid, [Problem("RRULE", str(error))])
        if len(entries.visits) + len(entries.off) > MOST_ENTRIES:
            raise FileProblem(f"The file has more than {MOST_ENTRIES:,} times: cut it into several.")
    return entries


def occurrence_uid(uid: str, at: date | datetime) -> str:
    """What one time of a series is called: UID and RECURRENCE-ID in one."""
    return f"{uid}#{_named(at)}"


def _named(at: date | datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" if isinstance(at, datetime) else f"{at:%Y%m%d}"


def _grouped(path: Path, terms: Terms, entries: Entries) -> dict[str, _Series]:
    zones = Zones(terms.timezone, (one for one in components(path) if one.kind == "VTIMEZONE"))
    found: dict[str, _Series] = {}
    for component in components(path):
        if component.kind != "VEVENT":
            continue
        entries.read += 1
        try:
            if component.trouble:
                raise EventProblem("event", component.trouble)
            event = read_event(component, zones)
        except EventProblem as error:
            uid = uid_of(component.text)
            entries.refuse(where(uid, component.line), uid, [error.problem])
            continue
        entries.floating += event.floating
        series = found.setdefault(event.uid, _Series())
        key = "" if event.occurrence is None else _named(event.occurrence)
        before = series.changed.get(key) if key else series.main
        if before and before.sequence == event.sequence:
            says = f"Line {before.line} has the same UID and SEQUENCE: keep one of the two."
            entries.refuse(event.where, event.uid, [Problem("UID", says)])
        elif before is None or event.sequence > before.sequence:
            if key:
                series.changed[key] = event
            else:
                series.main = event
    return found


def _times_of(uid: str, series: _Series, now: datetime, work: Work, entries: Entries) -> Iterator[ReadEvent]:
    """The event for each of its times, under a UID of its own where it comes back."""
    main = series.main
    if main and (main.rule or main.more) and not main.cancelled:
        but = {_named(one) for one in main.but}
        for start in _starts(main, now, work):
            name = _named(start)
            if name not in but and name not in series.changed:
                yield _at(main, start, uid)
    elif main and not main.rule and not main.more:
        yield main
    elif main and main.cancelled:
        entries.called_off.add(uid)
    for event in series.changed.values():
        assert event.occurrence is not None
        cells = {**(main.cells if main else {}), **event.cells, "series": event.cells.get("series") or uid}
        yield replace(event, uid=occurrence_uid(uid, event.occurrence), cells=cells)


def _starts(main: ReadEvent, now: datetime, work: Work) -> list[date | datetime]:
    whole_days = not isinstance(main.start, datetime)
    first = _wall(main.start)
    begins, ends = ((now + by).astimezone(main.zone).replace(tzinfo=None) for by in (-BEHIND, AHEAD))
    # DTSTART is the first time even where the rule does not give it (RFC 5545, 3.8.5.3).
    walls = {first, *(_wall(one if whole_days else _in(one, main)) for one in main.more)}
    if main.rule:
        walls |= {*wall_times(main.rule, first, begins, ends, work)}
    return [
        one.date() if whole_days else one.replace(tzinfo=main.zone)
        for one in sorted(walls)
        if begins <= one <= ends
    ]


def _at(main: ReadEvent, start: date | datetime, uid: str) -> ReadEvent:
    end: date | datetime
    if isinstance(start, datetime) and isinstance(main.start, datetime) and isinstance(main.end, datetime):
        lasts = main.end.astimezone(UTC) - main.start.astimezone(UTC)
        end = (start.astimezone(UTC) + lasts).astimezone(main.zone)
    else:
        end = start + timedelta(days=(_wall(main.end) - _wall(main.start)).days)
    cells = {**main.cells, "series": main.cells.get("series") or uid}
    return replace(main, uid=occurrence_uid(uid, start), start=start, end=end, cells=cells)


def _enter(event: ReadEvent, terms: Terms, now: datetime, clinician: str | None, entries: Entries) -> None:
    cells = {"clinician": clinician or "", **{key: cell for key, cell in event.cells.items() if cell.strip()}}
    if "record_number" not in cells:
        return _enter_off(event, cells, entries)
    if not isinstance(event.start, datetime) or not isinstance(event.end, datetime):
        says = "A visit needs a time of day: write DTSTART with one."
        return entries.refuse(event.where, event.uid, [Problem("DTSTART", says)])
    zone = None if getattr(event.zone, "key", None) in ("UTC", "Etc/UTC") else _zone_name(event, terms)
    times = Times(event.start.astimezone(UTC), event.end.astimezone(UTC), zone)
    try:
        entry = read_visit(
            cells, terms, now, event.where, uid=event.uid, sequence=event.sequence, times=times
        )
    except NotUnderstood as error:
        return entries.refuse(event.where, event.uid, error.problems)
    entries.visits.append(replace(entry, state="called_off") if event.cancelled else entry)
    return None


def _enter_off(event: ReadEvent, cells: dict[str, str], entries: Entries) -> None:
    if cells.keys() & {"kind", "reason"}:
        return entries.refuse(event.where, event.uid, [NO_PATIENT])
    if event.cancelled:
        entries.called_off.add(event.uid)
        return None
    if event.transparent:
        entries.free += 1
        return None
    if not cells["clinician"]:
        return entries.refuse(event.where, event.uid, [NOBODY])
    ends = event.end if isinstance(event.end, datetime) else event.end - timedelta(days=1)
    entries.off.append(
        OffEntry(event.where, event.uid, event.start, ends, cells["clinician"], cells.get("name", "")[:100])
    )
    return None


def _zone_name(event: ReadEvent, terms: Terms) -> str:
    return str(getattr(event.zone, "key", terms.timezone))


def _in(at: date | datetime, main: ReadEvent) -> date | datetime:
    return at.astimezone(main.zone) if isinstance(at, datetime) else at


def _wall(at: date | datetime) -> datetime:
    return at.replace(tzinfo=None) if isinstance(at, datetime) else datetime.combine(at, time())
