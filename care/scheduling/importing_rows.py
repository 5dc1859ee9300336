"""Set-up files: clinicians with their hours, and places, from CSV. A row with a mistake is left out and named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from care.importing_file import FileProblem, as_cells, open_sheet, people_rows
from care.rules import patient_cells
from care.rules.patient_cells import Terms, Unreadable
from care.rules.patient_row import Problem, Read, Reading
from care.scheduling import schedule_cells as cells
from care.scheduling.schedule_rows import columns_named, without_quote

MOST_ROWS = 10_000
DEFAULT_STEP = 15


def _states(text: str, terms: Terms) -> list[str]:
    return list(dict.fromkeys(patient_cells.state(one, terms) for one in patient_cells.several(text)))


def _place_kind(text: str, terms: Terms) -> str:
    if (word := text.strip().casefold()) in ("room", "hub"):
        return word
    raise Unreadable("Write room, or hub for a private phone elsewhere.")


CLINICIAN: Mapping[str, Read] = MappingProxyType(
    {
        "name": patient_cells.name,
        "outside_id": patient_cells.words,
        "languages": patient_cells.any_languages,
        "states": _states,
        "time_zone": patient_cells.time_zone,
        "active": patient_cells.yes_or_no,
        "hours": cells.hours,
        "kinds": cells.visit_kinds,
        "step": cells.step,
        "room": patient_cells.words,
        "from": patient_cells.day,
    }
)
PLACE: Mapping[str, Read] = MappingProxyType(
    {
        "name": patient_cells.name,
        "kind": _place_kind,
        "time_zone": patient_cells.time_zone,
        "address": patient_cells.words,
        "number": patient_cells.number,
        "state": patient_cells.state,
        "active": patient_cells.yes_or_no,
    }
)
CLINICIAN_COLUMNS = columns_named([*CLINICIAN], ("from",), "clinician")
PLACE_COLUMNS = columns_named([*PLACE], (), "place")


@dataclass(frozen=True)
class Hours:
    """Hours of one week: what a row says of them."""

    weekday: int
    starts: str
    ends: str
    step_minutes: int
    visit_kinds: tuple[str, ...]
    room: str | None


@dataclass
class SetUp:
    """A row, read: its values by column, without those that were empty."""

    where: str
    values: dict[str, Any]
    hours: list[Hours] | None = None
    from_on: date | None = None


Refuse = Callable[[str, Problem], None]


def clinicians_of(path: Path, terms: Terms, refuse: Refuse) -> list[SetUp]:
    """One for each clinician; more rows with her name are more of her hours. Raises FileProblem."""
    found: dict[str, SetUp] = {}
    spoilt: set[str] = set()
    for where, row in _rows(path, terms, CLINICIAN_COLUMNS):
        reading = Reading(row, _terms_of(row, terms), {})
        said = {column: value for column, value in reading.group(CLINICIAN).items() if value is not None}
        key = str(said.get("outside_id") or said.get("name") or where).casefold()
        if "name" not in said:
            reading.wrong("name", "This is needed and empty: write it.")
        if said.get("hours") and "kinds" not in said:
            reading.wrong("kinds", "Write which visits she has in these hours: audio, video, in_person.")
        if reading.problems or key in spoilt:
            spoilt.add(key)
            for problem in reading.problems:
                refuse(where, problem)
            if not reading.problems:
                refuse(where, Problem("name", "Another row of her has a mistake: none of her rows comes in."))
            found.pop(key, None)
            continue
        one = found.setdefault(key, SetUp(where, {}))
        one.values |= {
            column: said[column]
            for column in said
            if column not in ("hours", "kinds", "step", "room", "from")
        }
        one.from_on = said.get("from") or one.from_on
        if "hours" in said:
            one.hours = [*(one.hours or []), *_hours_of(said)]
    return [one for one in found.values() if _is_whole(one, refuse)]


def places_of(path: Path, terms: Terms, refuse: Refuse) -> list[SetUp]:
    """Raises FileProblem."""
    found: dict[str, SetUp] = {}
    for where, row in _rows(path, terms, PLACE_COLUMNS):
        reading = Reading(row, terms, {})
        said = {column: value for column, value in reading.group(PLACE).items() if value is not None}
        for column in ("name", "kind"):
            if column not in said:
                reading.wrong(column, "This is needed and empty: write it.")
        if said.get("kind") == "hub":
            if "number" not in said:
                reading.wrong("number", "A hub is called at its own phone: write its number.")
            if "state" not in said:
                reading.wrong(
                    "state", "Whoever sits there is in a state, which decides who may see her: write it."
                )
        if (before := found.get(str(said.get("name")).casefold())) and not reading.problems:
            reading.wrong("name", f"{before.where} is about the same place: keep one of the two.")
        for problem in reading.problems:
            refuse(where, problem)
        if not reading.problems:
            found[said["name"].casefold()] = SetUp(where, said)
    return [*found.values()]


def _rows(path: Path, terms: Terms, columns: Any) -> Any:
    sheet = open_sheet(path, columns)
    if sheet.rows > MOST_ROWS:
        raise FileProblem(f"The file has more than {MOST_ROWS:,} rows: cut it into several.")
    for row in people_rows(sheet):
        yield f"Row {row.place}", without_quote(as_cells(sheet, row)) | {"": str(sheet.day_first_row or "")}


def _terms_of(row: Mapping[str, str], terms: Terms) -> Terms:
    return replace(terms, day_first_row=int(row[""])) if row.get("") else terms


def _hours_of(said: Mapping[str, Any]) -> list[Hours]:
    kinds, step = tuple(said.get("kinds", ())), said.get("step", DEFAULT_STEP)
    return [
        Hours(weekday, starts, ends, step, kinds, said.get("room")) for weekday, starts, ends in said["hours"]
    ]


def _is_whole(one: SetUp, refuse: Refuse) -> bool:
    """Do her hours leave each hour to one row?"""
    hours = sorted(one.hours or [], key=lambda each: (each.weekday, each.starts))
    for before, after in pairwise(hours):
        if before.weekday == after.weekday and after.starts < before.ends:
            refuse(one.where, Problem("hours", "Two of her rows have the same hour: write each hour once."))
            return False
    return True
