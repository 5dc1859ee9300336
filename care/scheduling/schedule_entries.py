"""What a file of the clinic's schedule says before it is compared: visits, time off, and what is wrong in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from care.rules.patient_row import Problem

EVERYBODY = "everybody"
"""Written in a clinician's place where time off is the whole clinic's."""


@dataclass(frozen=True)
class VisitEntry:
    """One visit. Whom and what it names is text as it was written; moments are UTC."""

    where: str
    """ "Row 12", or "Event A-17, line 40"."""
    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    timezone: str | None
    """The zone that was meant; None where the file says only UTC: then the clinician's."""
    record_number: str
    clinician: str
    place: str | None
    visit_kind: str
    reason: str
    state: str | None
    """booked, confirmed, called_off, missed, done; None where nothing is said."""
    interpreter: str | None
    series: str | None


@dataclass(frozen=True)
class OffEntry:
    """Time off: from and until which day (both days included), or moments."""

    where: str
    uid: str | None
    begins: date | datetime
    ends: date | datetime
    clinician: str
    name: str
    starts: str | None = None
    """Wall times on each of the days, HH:MM."""
    until: str | None = None


@dataclass
class Entries:
    """A file's entries, in its order."""

    visits: list[VisitEntry] = field(default_factory=list)
    off: list[OffEntry] = field(default_factory=list)
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    read: int = 0
    """Rows or events that were looked at."""
    free: int = 0
    """Events that keep nobody busy (TRANSP:TRANSPARENT)."""
    floating: int = 0
    """Events without a zone: read in the clinic's."""
    called_off: set[str] = field(default_factory=set)
    """UIDs of time off that its file calls off."""
    in_doubt: set[str] = field(default_factory=set)
    """UIDs, or those of series, that stand in the file with a mistake: nothing is said of them."""
    nameless: int = 0
    """Entries with a mistake of which not even the UID is known."""

    def refuse(self, where: str, uid: str | None, problems: Sequence[Problem]) -> None:
        self.problems += [(where, problem) for problem in problems]
        if uid:
            self.in_doubt.add(uid)
        else:
            self.nameless += 1


def is_in_doubt(entries: Entries, uid: str, series: str | None) -> bool:
    return uid in entries.in_doubt or (series is not None and series in entries.in_doubt)
