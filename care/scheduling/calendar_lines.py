"""An iCalendar file cut into its events and time zones, a line at a time, so that no file is too large to be read.

The library reads one component at a time from what is cut here, and each keeps the number of the line on which it
began. Lines that were folded (RFC 5545, 3.1) are put together again: a fold may stand within a letter of UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from care.importing_file import FileProblem

LONGEST = 200_000
"""Bytes of one event. One with a year of exceptions has some 10,000."""
MOST_EVENTS = 100_000
CUT = (b"BEGIN:VEVENT", b"BEGIN:VTIMEZONE")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
NOT_ICALENDAR = (
    "This is no iCalendar file, which begins with BEGIN:VCALENDAR: export it again from the clinic's schedule"
    " as iCalendar (.ics)."
)
NOT_UTF8 = "It is not text in UTF-8: export it again as iCalendar (.ics) in UTF-8."


@dataclass(frozen=True)
class Component:
    """A VEVENT or VTIMEZONE, unfolded. `trouble` is a sentence where it can't be read: then its text is for its UID."""

    kind: str
    line: int
    text: str = ""
    trouble: str | None = None


@dataclass
class _Open:
    """A component of which the end was not seen yet."""

    kind: str
    line: int
    lines: list[bytes] = field(default_factory=list)
    within: list[bytes] = field(default_factory=list)
    size: int = 0

    def take(self, raw: bytes) -> None:
        self.size += len(raw) + 2
        if self.size <= LONGEST:
            self.lines.append(raw)


def components(path: Path) -> Iterator[Component]:
    """Every event and time zone of the file, in order. Raises FileProblem."""
    _check(path)
    events = 0
    now: _Open | None = None
    for number, raw in _lines(path):
        name = raw.strip().upper()
        if name in CUT and (now is None or name == CUT[0]):
            if now:
                yield Component(now.kind, now.line, trouble="It has no end before the next event begins.")
            now = _Open(name[6:].decode(), number)
            events += name == CUT[0]
            if events > MOST_EVENTS:
                raise FileProblem(f"The file has more than {MOST_EVENTS:,} events: cut it into several.")
        if now is None:
            continue
        now.take(raw)
        if name.startswith(b"BEGIN:"):
            now.within.append(name[6:])
        elif name.startswith(b"END:"):
            now.within.pop()
            if not now.within:
                yield _closed(now)
                now = None
    if now:
        yield Component(now.kind, now.line, trouble="It has no end: the file breaks off in it.")


def _closed(now: _Open) -> Component:
    if now.size > LONGEST:
        says = f"It is longer than {LONGEST:,} bytes: make several events of it."
        return Component(now.kind, now.line, trouble=says)
    unfolded = re.sub(rb"\r\n[ \t]", b"", b"\r\n".join(now.lines) + b"\r\n")
    try:
        text = unfolded.decode("utf-8")
    except UnicodeDecodeError:
        return Component(now.kind, now.line, unfolded.decode("utf-8", "replace"), NOT_UTF8)
    if CONTROL.search(text):
        plain = CONTROL.sub("", text)
        return Component(now.kind, now.line, plain, "It holds control characters: take them out.")
    return Component(now.kind, now.line, text)


def _check(path: Path) -> None:
    if not path.is_file():
        raise FileProblem("There is no such file: give the path of an iCalendar file.")
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileProblem("The file" + NOT_UTF8[2:])
    if not start.removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(b"BEGIN:VCALENDAR"):
        raise FileProblem(NOT_ICALENDAR)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line; of one that is longer than an event may be, only the beginning."""
    with path.open("rb") as file:
        number, whole = 0, True
        while raw := file.readline(LONGEST + 1):
            if whole:
                number += 1
                yield number, raw.rstrip(b"\r\n")
            whole = raw.endswith(b"\n")
