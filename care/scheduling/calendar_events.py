"""One event of an iCalendar file (RFC 5545, 3.6.1), as the library reads it: its times, and the cells it holds for us.

docs/schedule.md lists the properties. The library keeps what it can't read beside the rest; each becomes a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Any

from icalendar import Event

from care.importing_file import FileProblem
from care.rules.patient_row import Problem
from care.scheduling.calendar_lines import Component
from care.scheduling.calendar_zones import Zones

OURS = "X-CARELINE-"
CELLS: Mapping[str, str] = MappingProxyType(
    {
        f"{OURS}RECORD-NUMBER": "record_number",
        f"{OURS}CLINICIAN": "clinician",
        f"{OURS}VISIT-KIND": "kind",
        f"{OURS}REASON": "reason",
        f"{OURS}INTERPRETER": "interpreter",
        f"{OURS}STATE": "state",
        f"{OURS}SERIES": "series",
        f"{OURS}TIME-ZONE": "time_zone",
        "LOCATION": "place",
        "SUMMARY": "name",
    }
)
NO_START = "It has no DTSTART: write when it begins."
ENDS_FIRST = "The event ends before it begins, or at once: mend DTSTART, DTEND or DURATION."
LONGEST_DAYS = 366


class EventProblem(ValueError):
    """An event can't be taken in; `column` is the property, the message a sentence."""

    def __init__(self, column: str, says: str) -> None:
        super().__init__(says)
        self.problem = Problem(column, says)


@dataclass(frozen=True)
class ReadEvent:
    """An event before its rule is worked out. `start` and `end` are aware, or days where it is a whole day's."""

    line: int
    uid: str
    occurrence: date | datetime | None
    """Of which time of a series it speaks: its RECURRENCE-ID."""
    sequence: int
    start: date | datetime
    end: date | datetime
    zone: tzinfo
    floating: bool
    cancelled: bool
    transparent: bool
    rule: Mapping[str, Any] | None
    more: tuple[date | datetime, ...]
    but: tuple[date | datetime, ...]
    cells: Mapping[str, str]

    @property
    def where(self) -> str:
        return where(self.uid, self.line)


def where(uid: str | None, line: int) -> str:
    """ "Event A-17, line 40". A long UID is cut, so that a line of a terminal holds it."""
    named = f"Event {uid[:80]}" if uid else "The event"
    return f"{named}, line {line}"


def uid_of(text: str) -> str | None:
    """The UID of an event that can't be read further."""
    line = next((line for line in text.splitlines() if line.upper().startswith(("UID:", "UID;"))), "")
    return line.partition(":")[2].strip() or None


def read_event(component: Component, zones: Zones) -> ReadEvent:
    """Raises EventProblem."""
    try:
        event = Event.from_ical(component.text)
    except FileProblem:
        raise
    except Exception:  # the library says in many ways that it can't read one
        raise EventProblem("event", "It can't be read: export it again from the schedule.") from None
    if not isinstance(event, Event):
        raise EventProblem("event", "It can't be read: export it again from the schedule.")
    for name, _ in event.errors:
        raise EventProblem(name or "event", _unread(name, event))
    uid = _one(event, "UID")
    if uid is None or not str(uid).strip() or len(str(uid)) > 300:
        raise EventProblem("UID", "It needs a UID of no more than 300 letters, which names it in every file.")
    start, zone, floating = _start(event, zones)
    end = _end(event, start, zones)
    rule = _one(event, "RRULE")
    return ReadEvent(
        component.line,
        str(uid).strip(),
        _occurrence(event, zones),
        max(0, int(_one(event, "SEQUENCE") or 0)),
        start,
        end,
        zone,
        floating,
        str(_one(event, "STATUS") or "").upper() == "CANCELLED",
        str(_one(event, "TRANSP") or "").upper() == "TRANSPARENT",
        _rule(rule, zone) if rule is not None else None,
        tuple(_dates(event, "RDATE", zones)),
        tuple(_dates(event, "EXDATE", zones)),
        {
            column: _plain(str(value)) if name.startswith(OURS) else str(value)
            for name, column in CELLS.items()
            if (value := _one(event, name)) is not None
        },
    )


def _plain(text: str) -> str:
    """Without the backslashes of RFC 5545, 3.3.11, which the library leaves in properties that it does not know."""
    return re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], text)


def _unread(name: str | None, event: Event) -> str:
    if name in ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"):
        return "There is no such day or time: write it like 20261201T090000, and a day that the month has."
    if name == "DURATION":
        return "This is no length of time: write it like PT30M."
    if name == "RRULE":
        return "This rule can't be understood: write it like FREQ=WEEKLY;BYDAY=TU;UNTIL=20270301T000000Z."
    if name == "SEQUENCE":
        return "Write SEQUENCE as a whole number."
    if name:
        return "It can't be read: write it as RFC 5545 has it."
    return "A line of it is no property (NAME:value): export it again from the schedule."


def _one(event: Event, name: str) -> Any:
    found = event.get(name)
    if isinstance(found, list):
        raise EventProblem(name, f"{name} stands in it twice: keep one.")
    return found


def _start(event: Event, zones: Zones) -> tuple[date | datetime, tzinfo, bool]:
    found = _one(event, "DTSTART")
    if found is None:
        raise EventProblem("DTSTART", NO_START)
    start = _moment(found.dt, found.params.get("TZID"), zones, "DTSTART")
    if not isinstance(start, datetime):
        return start, zones.clinic, False
    assert start.tzinfo is not None
    return start, start.tzinfo, isinstance(found.dt, datetime) and not _has_zone(found.dt, found.params)


def _end(event: Event, start: date | datetime, zones: Zones) -> date | datetime:
    ends, lasts = _one(event, "DTEND"), _one(event, "DURATION")
    if ends is not None:
        end = _moment(ends.dt, ends.params.get("TZID"), zones, "DTEND")
    elif lasts is not None:
        if not isinstance(lasts.dt, timedelta):
            raise EventProblem("DURATION", _unread("DURATION", event))
        end = _after(start, lasts.dt)
    elif isinstance(start, datetime):
        raise EventProblem("DTEND", "It says not how long it is: write DTEND or DURATION.")
    else:
        end = start + timedelta(days=1)
    if isinstance(end, datetime) != isinstance(start, datetime):
        raise EventProblem("DTEND", "DTSTART and DTEND must both be days, or both have a time of day.")
    if end <= start if not isinstance(start, datetime) else _utc(end) <= _utc(start):
        raise EventProblem("DTEND", ENDS_FIRST)
    if (_utc(end) - _utc(start)).days > LONGEST_DAYS:
        raise EventProblem("DTEND", "It is longer than a year: make several events of it.")
    return end


def _after(start: date | datetime, length: timedelta) -> date | datetime:
    """Days of a duration are days of the calendar, its hours are hours that go by (RFC 5545, 3.3.6)."""
    try:
        days = start + timedelta(days=length.days)
        if not isinstance(days, datetime):
            return days
        return (days.astimezone(UTC) + timedelta(seconds=length.seconds)).astimezone(days.tzinfo)
    except OverflowError:
        raise EventProblem("DURATION", "It is longer than a year: make several events of it.") from None


def _occurrence(event: Event, zones: Zones) -> date | datetime | None:
    found = _one(event, "RECURRENCE-ID")
    if found is None:
        return None
    if "RANGE" in found.params:
        raise EventProblem(
            "RECURRENCE-ID", "It changes all that come after: write each of the changed times as an event."
        )
    return _moment(found.dt, found.params.get("TZID"), zones, "RECURRENCE-ID")


def _dates(event: Event, name: str, zones: Zones) -> Iterator[date | datetime]:
    found = event.get(name)
    for several in found if isinstance(found, list) else [found] if found is not None else []:
        for one in several.dts:
            if isinstance(one.dt, tuple):
                raise EventProblem(name, "Periods are not read: write each of these times as an event.")
            yield _moment(one.dt, several.params.get("TZID") or one.params.get("TZID"), zones, name)


def _moment(at: Any, name: str | None, zones: Zones, column: str) -> date | datetime:
    """Aware, or a day. A time without a zone (floating) is the clinic's."""
    if not isinstance(at, date):
        raise EventProblem(column, "Write a day and a time, like 20261201T090000.")
    if not 1970 <= at.year <= 2200:
        raise EventProblem(column, "The year is not between 1970 and 2200: write it with all its digits.")
    if not isinstance(at, datetime):
        return at
    if name is None:
        return at if at.tzinfo else at.replace(tzinfo=zones.clinic)
    zone = zones.zone(name)
    if zone is None:
        raise EventProblem(
            column, "Nobody knows its time zone (TZID): write one like America/New_York, or its VTIMEZONE."
        )
    return at.replace(tzinfo=zone)


def _has_zone(at: datetime, params: Mapping[str, Any]) -> bool:
    return at.tzinfo is not None or "TZID" in params


def _rule(rule: Any, zone: tzinfo) -> Mapping[str, Any]:
    """With its UNTIL, which stands in UTC, as the event's own clock shows it."""
    found = dict(rule)
    if "UNTIL" in found:
        found["UNTIL"] = [
            one.astimezone(zone).replace(tzinfo=None) if isinstance(one, datetime) and one.tzinfo else one
            for one in found["UNTIL"]
        ]
    return found


def _utc(at: date | datetime) -> datetime:
    return at.astimezone(UTC) if isinstance(at, datetime) else datetime(at.year, at.month, at.day, tzinfo=UTC)
