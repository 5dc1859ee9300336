"""The columns of a person's row, and a row on its way to being read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from care.rules import patient_cells as cells
from care.rules.patient_cells import Terms, Unreadable

Row = Mapping[str, str]
Read = Callable[[str, Terms], Any]
PLAIN: Mapping[str, Read] = {
    "record_number": cells.words,
    "name": cells.name,
    "birth_date": cells.birth_date,
    "language": cells.language,
    "other_languages": cells.any_languages,
    "interpreter": cells.any_language,
    "time_zone": cells.time_zone,
    "state": cells.state,
    "address": cells.words,
    "pin": cells.pin,
    "own_topics": cells.topics,
}
NUMBER: Mapping[str, Read] = {
    "": cells.number,
    "kind": cells.number_kind,
    "shared": cells.yes_or_no,
    "text_only": cells.yes_or_no,
}
PROXY: Mapping[str, Read] = {
    "": cells.name,
    "relation": cells.relation,
    "birth_date": cells.birth_date,
    "number": cells.number,
    "language": cells.language,
    "topics": cells.topics,
    "until": cells.day,
}
SAFE: Mapping[str, Read] = {
    "safe_hours": cells.windows,
    "safe_number": cells.number,
    "safe_name": cells.safe_name,
    "never_text": cells.yes_or_no,
    "never_call": cells.yes_or_no,
    "no_voicemail": cells.yes_or_no,
}
PROGRAMME: Mapping[str, Read] = {
    "programme": cells.words,
    "programme_starts": cells.day,
    "programme_days": cells.days,
    "ask_at": cells.times,
}
CONSENT: Mapping[str, Read] = {
    "consent_topics": cells.topics,
    "consent_channels": cells.channels,
    "consent_date": cells.day,
    "consent_text": cells.words,
    "consent_language": cells.any_language,
}
SINGLE = {**PLAIN, **SAFE, **PROGRAMME, **CONSENT}
NUMBERED = re.compile(r"(number|proxy)(?:_([2-9]))?(?:_([a-z_]+))?")
DATES = ("birth_date", "until", "starts", "date")
"""How the columns that hold dates end."""


@dataclass(frozen=True)
class Problem:
    """`says` what to write instead into `column`; never what stands there."""

    column: str
    says: str


class NotUnderstood(ValueError):
    """What was given about a person can't be taken as it is."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{one.column}: {one.says}" for one in self.problems))


@dataclass
class Reading:
    """Cells on their way; problems are gathered, so that one look mends a whole row."""

    row: Row
    terms: Terms
    known: Mapping[str, Any]
    """What is known of her besides: her birth date, her language, her numbers."""
    problems: list[Problem] = field(default_factory=list)

    def cell(self, column: str, read: Read) -> Any:
        """Its value; None where it is empty or has a problem."""
        if self.is_empty(column):
            return None
        try:
            return read(self.row[column], self.terms)
        except Unreadable as error:
            self.problems.append(Problem(column, str(error)))
            return None

    def group(self, columns: Mapping[str, Read], prefix: str = "") -> dict[str, Any]:
        return {part: self.cell(joined(prefix, part), read) for part, read in columns.items()}

    def is_empty(self, column: str) -> bool:
        return not self.row.get(column, "").strip()

    def wrong(self, column: str, says: str) -> None:
        """One sentence for a column is enough: the first."""
        if all(problem.column != column for problem in self.problems):
            self.problems.append(Problem(column, says))


def is_column(name: str) -> bool:
    found = NUMBERED.fullmatch(name)
    return name in SINGLE or bool(found and (found[3] or "") in {"number": NUMBER, "proxy": PROXY}[found[1]])


def columns() -> list[str]:
    """Every column, with one number and one proxy."""
    numbers, proxies = (
        [joined(kind, part) for part in parts] for kind, parts in (("number", NUMBER), ("proxy", PROXY))
    )
    return [*PLAIN, *numbers, *proxies, *SAFE, *PROGRAMME, *CONSENT]


def is_date(column: str) -> bool:
    return column.endswith(DATES)


def joined(prefix: str, part: str) -> str:
    """The column of a part: `number_2_kind`; of the thing itself: `number_2`."""
    return f"{prefix}_{part}" if part and prefix else prefix or part


def of_kind(row: Row, kind: str) -> list[str]:
    """The prefixes of numbers or proxies in the row, in order: `number`, `number_2`."""
    found = (NUMBERED.fullmatch(column) for column in row)
    return [
        joined(kind, place) for place in sorted({one[2] or "" for one in found if one and one[1] == kind})
    ]
