"""Visits as iCalendar (RFC 5545): times in UTC with the zone that was meant beside them, an event at a time.

RFC 5545, 3.8.7.4: whoever reads it knows by SEQUENCE which of two is later, and by STATUS:CANCELLED what is off.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import IO, Any

from icalendar import Event, vText

PRODUCT = "-//Careline//Schedule//EN"
OF_SERIES = re.compile(r"(.+)#(\d{8}(?:T\d{6}Z)?)", re.DOTALL)
"""How one time of a series is called here: its UID, and its RECURRENCE-ID."""


class CalendarWriter:
    def __init__(self, file: IO[str], clinic: str, now: datetime) -> None:
        self._file, self._now = file, now
        name = vText(clinic).to_ical().decode()
        for line in (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            f"PRODID:{PRODUCT}",
            "METHOD:PUBLISH",
            f"X-WR-CALNAME:{name}",
        ):
            self._line(line)

    def visit(self, one: Any, name: str | None) -> None:
        row, event = one.row, Event()
        found = OF_SERIES.fullmatch(one.uid)
        event.add("uid", found[1] if found else one.uid)
        if found:
            event.add("recurrence-id", _occurrence(found[2]))
        event.add("dtstamp", self._now.astimezone(UTC))
        event.add("last-modified", row.changed_at)
        event.add("sequence", row.sequence)
        event.add("dtstart", row.starts_at)
        event.add("dtend", row.ends_at)
        event.add("status", "CANCELLED" if row.state == "called_off" else "CONFIRMED")
        event.add("class", "PRIVATE")
        reason = row.reason.replace("_", " ").capitalize()
        event.add("summary", f"{reason}: {name}" if name else reason)
        if row.place_name:
            event.add("location", row.place_name)
        for word, value in (
            ("record-number", row.record_number or ""),
            ("clinician", one.clinician),
            ("visit-kind", row.visit_kind),
            ("reason", row.reason),
            ("state", row.state),
            ("time-zone", one.timezone),
            ("interpreter", row.interpreter),
            ("series", row.series),
        ):
            if value is not None:
                event.add(f"x-careline-{word}", vText(value))
        self._file.write(event.to_ical().decode())

    def end(self) -> None:
        self._line("END:VCALENDAR")

    def _line(self, text: str) -> None:
        self._file.write(text + "\r\n")


def _occurrence(written: str) -> date | datetime:
    if "T" in written:
        return datetime.strptime(written, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return datetime.strptime(written, "%Y%m%d").replace(tzinfo=UTC).date()
