"""Cells of a file about the schedule that are not those of people: times, kinds of visits, hours of work.

Each reads text as somebody wrote it, and says what to write instead; no sentence repeats the cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from care.rules import patient_cells
from care.rules.name_words import folded
from care.rules.patient_cells import Terms, Unreadable, several
from care.rules.visit_reasons import reasons

VISIT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "audio": "audio", "phone": "audio", "telephone": "audio", "call": "audio",
        "video": "video",
        "in_person": "in_person", "in person": "in_person", "office": "in_person",
    }
)  # fmt: skip
STATES: Mapping[str, str] = MappingProxyType(
    {
        "booked": "booked", "scheduled": "booked", "confirmed": "confirmed", "called_off": "called_off",
        "called off": "called_off", "cancelled": "called_off", "canceled": "called_off", "missed": "missed",
        "no show": "missed", "done": "done", "completed": "done",
    }
)  # fmt: skip
WHEN = re.compile(
    r"(.+?)[T ]+(\d{1,2}):(\d{2})(?::00(?:\.0+)?)?\s*([AaPp])?\.?[Mm]?\.?\s*(Z|[+-]\d{2}:?\d{2})?"
)
SPAN = re.compile(r"(\d{1,2}:\d{2}) ?- ?(\d{1,2}:\d{2})")
LONGEST = 12 * 60
STEPS = (5, 10, 15, 20, 25, 30, 40, 45, 50, 60, 75, 80, 90, 120)


def visit_kind(text: str, terms: Terms) -> str:
    if kind := VISIT_KINDS.get(folded(text.strip()).replace("-", " ")) or VISIT_KINDS.get(text.strip()):
        return kind
    raise Unreadable("Write audio, video or in_person.")


def visit_kinds(text: str, terms: Terms) -> list[str]:
    found = {visit_kind(one, terms) for one in several(text)}
    return [kind for kind in ("audio", "video", "in_person") if kind in found]


def reason(text: str, terms: Terms) -> str:
    word = folded(text.strip()).replace(" ", "_").replace("-", "_")
    if word in reasons():
        return word
    raise Unreadable(f"Write one of {', '.join(reasons())}.")


def state(text: str, terms: Terms) -> str:
    if word := STATES.get(folded(text.strip()).replace("-", " ")):
        return word
    raise Unreadable("Write booked, confirmed, called_off, missed or done.")


def minutes(text: str, terms: Terms) -> int:
    if text.strip().isdecimal() and 1 <= int(text.strip()[:6]) <= LONGEST:
        return int(text)
    raise Unreadable(f"Write how many minutes it takes, from 1 to {LONGEST}.")


def step(text: str, terms: Terms) -> int:
    if text.strip().isdecimal() and int(text.strip()[:6]) in STEPS:
        return int(text)
    raise Unreadable(f"A visit may begin every so many minutes: write one of {', '.join(map(str, STEPS))}.")


def sequence(text: str, terms: Terms) -> int:
    if text.strip().isdecimal() and len(text.strip()) < 9:
        return int(text)
    raise Unreadable("Write a whole number: how often the visit was changed.")


def moment(text: str, terms: Terms, zone: ZoneInfo) -> datetime:
    """UTC. "2026-12-01 09:00" on the zone's clock, or with its distance from UTC: "2026-12-01T09:00-05:00".

    A time that comes twice when clocks go back is its first; one that clocks skip is as long after as it says.
    """
    found = WHEN.fullmatch(text.strip())
    if found is None:
        raise Unreadable("Write day and time, like 2026-12-01 14:30.")
    day = patient_cells.day(found[1], terms)
    hour, minute = int(found[2]), int(found[3])
    if found[4]:
        if not 1 <= hour <= 12:
            raise Unreadable("Write day and time, like 2026-12-01 14:30.")
        hour = hour % 12 + (12 if found[4] in "Pp" else 0)
    if hour > 23 or minute > 59 or not 1970 <= day.year <= 2200:
        raise Unreadable("Write a time of day from 0:00 to 23:59, on a day with its year in four digits.")
    wall = datetime.combine(day, time(hour, minute), zone)
    if found[5]:
        wall = datetime.fromisoformat(f"{wall:%Y-%m-%dT%H:%M}{_offset(found[5])}")
    return wall.astimezone(UTC)


def hours(text: str, terms: Terms) -> list[tuple[int, str, str]]:
    """ "Mon-Fri 08:00-12:00 13:00-17:00; Sat 09:00-12:00" as (weekday, starts, ends); "none" is no hours at all."""
    if folded(text.strip()) == "none":
        return []
    found = sorted({each for part in re.split("[,;]", text) if part.strip() for each in _hours(part)})
    for before, after in pairwise(found):
        if before[0] == after[0] and after[1] < before[2]:
            raise Unreadable("Two of these spans are at the same time: write each hour once.")
    return found


def _hours(part: str) -> list[tuple[int, str, str]]:
    written = folded(part.replace("–", "-").strip())
    spans = [*SPAN.finditer(written)]
    days = patient_cells.days_of_week(SPAN.sub("", written))
    if not spans or not days:
        raise Unreadable("Write days and hours, like Mon-Fri 08:00-12:00 13:00-17:00; Sat 09:00-12:00.")
    found = []
    for span in spans:
        begins, ends = patient_cells.time_of_day(span[1]), patient_cells.time_of_day(span[2])
        if begins >= ends:
            raise Unreadable("Write each span with its earlier hour first, like 9:00-17:00.")
        found += [(patient_cells.DAYS.index(day), begins, ends) for day in days]
    return found


def _offset(written: str) -> str:
    return "+00:00" if written == "Z" else f"{written[:3]}:{written[-2:]}"
