"""A person's row: what its cells mean together. The same rules for a CSV file, the console and the sample clinic.

The columns are documented in docs/people.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from care.rules.patient_cells import Terms, written
from care.rules.patient_row import (
    CONSENT,
    NUMBER,
    PLAIN,
    PROGRAMME,
    PROXY,
    SAFE,
    NotUnderstood,
    Problem,
    Reading,
    Row,
    joined,
    of_kind,
)

__all__ = ["Fields", "NotUnderstood", "Problem", "read_fields"]

NEEDED = ("name", "birth_date", "language")
LATEST_START = 5
"""Years ahead: a programme that begins later was mistyped."""
FLAGS = ("never_text", "never_call", "no_voicemail")
LISTS = ("other_languages", "own_topics")
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Fields:
    """What a row says of a person. What it does not speak of is absent, or None."""

    values: Mapping[str, Any]
    """Columns of the table of patients, and `pin` as digits."""
    numbers: tuple[Mapping[str, Any], ...] | None = None
    proxies: tuple[Mapping[str, Any], ...] | None = None
    enrolment: Mapping[str, Any] | None = None
    consents: tuple[Mapping[str, Any], ...] = ()


def read_fields(row: Row, terms: Terms, known: Mapping[str, Any] | None = None) -> Fields:
    """What `row` (column → text) says. Raises NotUnderstood with everything that is wrong in it.

    Without `known` it is a whole row. With it (`birth_date`, `language`, `numbers`) it holds changes to somebody:
    an empty cell takes away what was known.
    """
    whole = known is None
    reading = Reading(row, terms, known or NOTHING)
    values = {column: reading.cell(column, read) for column, read in PLAIN.items() if column in row}
    for column in NEEDED:
        if (whole or column in row) and values.get(column) is None:
            reading.wrong(column, "This is needed and empty: write it.")
    born = values.get("birth_date") or reading.known.get("birth_date")
    language = values.get("language") or reading.known.get("language")
    numbers, proxies = _numbers(reading), _proxies(reading, born, language)
    if whole and not numbers and not proxies:
        reading.wrong(
            "number", "Write a number at which she, or somebody who speaks for her, can be reached."
        )
    if SAFE.keys() & row.keys():
        values["safe_contact"] = _safe_contact(reading, numbers)
    _check_pin(reading, values.get("pin"), born)
    enrolment, consents = _enrolment(reading), _consents(reading, language)
    if reading.problems:
        raise NotUnderstood(reading.problems)
    if "time_zone" in values:
        values["timezone"] = values.pop("time_zone") or terms.timezone
    values |= {column: [] for column in LISTS if column in values and values[column] is None}
    return Fields(values, numbers, proxies, enrolment, consents)


def _numbers(reading: Reading) -> tuple[Mapping[str, Any], ...] | None:
    prefixes = of_kind(reading.row, "number")
    found: dict[str, Mapping[str, Any]] = {}
    for prefix in prefixes:
        cell = reading.group(NUMBER, prefix)
        if reading.is_empty(prefix):
            if any(value is not None for value in cell.values()):
                reading.wrong(prefix, "Write the number, or empty the cells that belong to it.")
            continue
        kind = cell["kind"] or "mobile"
        if cell["text_only"] and kind != "mobile":
            reading.wrong(
                f"{prefix}_text_only", "Only a mobile takes texts: write no, or mobile as its kind."
            )
        if cell[""] in found:
            reading.wrong(prefix, "This number stands in the row twice: empty one of the two.")
        if cell[""]:
            flags = {"shared": bool(cell["shared"]), "text_only": bool(cell["text_only"])}
            found[cell[""]] = {"number": cell[""], "kind": kind, **flags, "rank": len(found)}
    return tuple(found.values()) if prefixes else None


def _proxies(
    reading: Reading, born: str | None, language: str | None
) -> tuple[Mapping[str, Any], ...] | None:
    prefixes = of_kind(reading.row, "proxy")
    found = []
    for prefix in prefixes:
        if all(reading.is_empty(joined(prefix, part)) for part in PROXY):
            continue
        cell = reading.group(PROXY, prefix)
        for part in ("", "relation", "birth_date", "number", "topics"):
            if cell[part] is None:
                reading.wrong(joined(prefix, part), "Whoever speaks for her needs this: write it.")
        found.append(
            {
                "name": cell[""],
                **{part: cell[part] for part in ("relation", "birth_date", "number", "topics")},
                "language": cell["language"] or language,
                "ends_on": cell["until"] or _of_age(cell["relation"], born, reading.terms.today),
            }
        )
    return tuple(found) if prefixes else None


def _of_age(relation: str | None, born: str | None, today: date) -> date | None:
    """The last day on which a parent speaks for a child; none for a patient who is grown."""
    if relation not in ("parent", "guardian") or not born:
        return None
    birth = date.fromisoformat(born)
    leap_day = (birth.month, birth.day) == (2, 29)
    birthday = date(birth.year + written()["of_age"], birth.month, 28 if leap_day else birth.day)
    return birthday - timedelta(days=1) if birthday > today else None


def _safe_contact(
    reading: Reading, numbers: tuple[Mapping[str, Any], ...] | None
) -> Mapping[str, Any] | None:
    cell = reading.group(SAFE)
    hers = reading.known.get("numbers", ()) if numbers is None else [one["number"] for one in numbers]
    if cell["safe_number"] and cell["safe_number"] not in hers:
        reading.wrong("safe_number", "Write the same number among her numbers too.")
    found = {
        "windows": cell["safe_hours"],
        "number": cell["safe_number"],
        "name": cell["safe_name"],
        **{flag: cell[flag] for flag in FLAGS},
    }
    return {key: value for key, value in found.items() if value} or None


def _check_pin(reading: Reading, pin: str | None, born: str | None) -> None:
    """Her birth date is no secret, and so no PIN."""
    if pin and born:
        year, month, day = born.split("-")
        orders = [(month, day), (day, month), (month, day, year), (day, month, year), (year, month, day)]
        dates = {year, *map("".join, orders), month + day + year[2:], day + month + year[2:]}
        if pin in dates:
            reading.wrong("pin", "This PIN is her date of birth: let her choose another.")


def _enrolment(reading: Reading) -> Mapping[str, Any] | None:
    if all(reading.is_empty(column) for column in PROGRAMME):
        return None
    cell, known = reading.group(PROGRAMME), written()["programmes"]
    if cell["programme"] not in known:
        reading.wrong("programme", f"Write one of {', '.join(known)}.")
        return None
    if cell["programme_starts"] is None:
        reading.wrong("programme_starts", "Write the day on which the programme starts.")
        return None
    if cell["programme_starts"].year > reading.terms.today.year + LATEST_START:
        reading.wrong(
            "programme_starts", "This day is years ahead: write the day on which the programme starts."
        )
        return None
    usual = known[cell["programme"]]
    return {
        "programme": cell["programme"],
        "starts_on": cell["programme_starts"],
        "ends_on": cell["programme_starts"] + timedelta(days=cell["programme_days"] or usual["days"]),
        "ask_at": usual["ask_at"] if cell["ask_at"] is None else cell["ask_at"],
    }


def _consents(reading: Reading, language: str | None) -> tuple[Mapping[str, Any], ...]:
    if all(reading.is_empty(column) for column in CONSENT):
        return ()
    cell = reading.group(CONSENT)
    for column in ("consent_topics", "consent_date", "consent_text"):
        if cell[column] is None:
            reading.wrong(
                column, "A consent needs its topics, its day and the version of its text: write it."
            )
    if cell["consent_date"] and cell["consent_date"] > reading.terms.today:
        reading.wrong("consent_date", "This day has not come yet: write the day on which she agreed.")
    return tuple(
        {
            "topic": topic,
            "channel": channel,
            "on": cell["consent_date"],
            "text_version": cell["consent_text"],
            "language": cell["consent_language"] or language,
        }
        for topic in cell["consent_topics"] or ()
        for channel in cell["consent_channels"] or ["any"]
    )
