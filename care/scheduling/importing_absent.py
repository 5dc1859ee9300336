"""Visits that the clinic's own schedule no longer has: called off where it is the master, and its file is whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from care.scheduling.importing_known import OPEN, Visit
from care.scheduling.importing_plan import Planning
from care.scheduling.schedule_entries import is_in_doubt

FEW, PART = 5, 0.2
"""More than this many, and more than this part of what is coming, is rather a wrong file than a schedule."""


@dataclass(frozen=True)
class Scope:
    """What the file is the truth of: days (both included), and everybody or those clinicians whom it names."""

    first: date | None = None
    last: date | None = None
    everybody: bool = False
    many: bool = False
    """Somebody has looked: however many may be called off."""


@dataclass(frozen=True)
class Absent:
    """Visits that are not in the file any more, and whether that is too many to be meant."""

    visits: list[Visit]
    too_many: bool
    kept: int
    """Left as they are, as nobody knows what a mistake in the file hides."""


def absent(run: Planning, scope: Scope) -> Absent:
    """Only what is still to come, was in that schedule before, and lies within the scope."""
    begins, ends = _span(run, scope)
    clinicians = {
        one.id for entry in run.entries.visits if (one := run.named.clinician(entry.clinician)) is not None
    }
    coming = [
        visit
        for visit in run.schedule.visits.values()
        if visit.state in OPEN
        and visit.outside_uid is not None
        and begins <= visit.starts_at < ends
        and (scope.everybody or visit.clinician_id in clinicians)
    ]
    gone = [visit for visit in coming if visit.id not in run.seen]
    sure = [
        visit
        for visit in gone
        if not run.entries.nameless and not is_in_doubt(run.entries, visit.outside_uid, visit.series)
    ]
    too_many = not scope.many and len(sure) > FEW and len(sure) > PART * len(coming)
    return Absent(sure, too_many, len(gone) - len(sure))


def _span(run: Planning, scope: Scope) -> tuple[datetime, datetime]:
    """From now on; where no days are said, those from the file's first visit to its last."""
    zone = ZoneInfo(run.named.timezone)
    days = [entry.starts_at.astimezone(zone).date() for entry in run.entries.visits]
    first = scope.first or min(days, default=None)
    last = scope.last or max(days, default=None)
    if first is None or last is None:
        return run.now, run.now
    return (
        max(run.now, datetime.combine(first, time(), zone)),
        datetime.combine(last + timedelta(days=1), time(), zone),
    )
