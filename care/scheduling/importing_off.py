"""Time off that comes in from a file: as days, or hours of days, on the clock of the clinician or the clinic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, select

from care import audit
from care.rules.name_words import folded
from care.rules.patient_row import Problem
from care.scheduling import openings
from care.scheduling.importing_absent import Scope
from care.scheduling.importing_known import OPEN, Named
from care.scheduling.importing_plan import Planning
from care.scheduling.schedule_entries import EVERYBODY, OffEntry, is_in_doubt
from records import Database
from records.base import table_of
from records.scheduling import DayOff

_off = table_of(DayOff)
WRITTEN = ("clinician_id", "from_on", "until_on", "starts", "ends", "name")
BATCH = 5
"""Clinicians whose starts are made anew in one commit."""
END_OF_DAY = "24:00"
COUNTED_DAYS = 200_000


@dataclass(frozen=True, order=True)
class Span:
    """A row of days off, but for its name and UID."""

    clinician_id: int | None
    from_on: date
    until_on: date
    starts: str | None
    ends: str | None


@dataclass
class OffPlan:
    """What would change of days off."""

    new: list[tuple[Span, OffEntry]] = field(default_factory=list)
    gone: list[Any] = field(default_factory=list)
    same: int = 0
    visits: int = 0
    """Visits that stand in the new time off: they stay."""
    problems: list[tuple[str, Problem]] = field(default_factory=list)


def plan_off(connection: Connection, run: Planning, scope: Scope) -> OffPlan:
    """Compare the time off of a file with what is known. Days that are over are left out."""
    plan, today = OffPlan(), run.now.date() - timedelta(days=1)
    if not run.entries.off and not run.entries.called_off:
        return plan
    rows = connection.execute(
        select(_off).where(_off.c.clinic_id == run.named.clinic_id, _off.c.until_on >= today)
    ).all()
    with_uid: dict[str, list[Any]] = {}
    for row in rows:
        if row.outside_uid:
            with_uid.setdefault(row.outside_uid, []).append(row)
    spans = {_span(row) for row in rows}
    seen: set[str] = set()
    scoped: set[int | None] = set()
    for entry in run.entries.off:
        whose = _whose(run.named, entry, plan)
        if whose is None:
            if entry.uid:
                run.entries.in_doubt.add(entry.uid)
            continue
        scoped.add(whose[0])
        found = [span for span in _spans(entry, *whose) if span.until_on >= today]
        before = with_uid.get(entry.uid, []) if entry.uid and entry.uid not in seen else []
        seen.add(entry.uid or "")
        if found and all(span in spans for span in found) and len(before) in (0, len(found)):
            plan.same += 1
        elif before and not run.is_followed:
            says = "Careline is the master and has this time off otherwise: change it here or there."
            plan.problems.append((entry.where, Problem("uid", says)))
        else:
            plan.gone += before
            plan.new += [(span, entry) for span in found]
            spans.update(found)
    if run.is_followed:
        plan.gone += _absent(run, rows, seen, scoped, scope)
    plan.visits = _visits_in(run, plan)
    return plan


def write_off(database: Database, connection: Connection, run: Planning, plan: OffPlan, by: str) -> None:
    """Write the days; `bring_up` then makes the starts anew that they leave."""
    if not plan.new and not plan.gone:
        return
    if plan.gone:
        connection.execute(delete(_off).where(_off.c.id.in_([row.id for row in plan.gone])))
    rows = [
        {
            "clinic_id": run.named.clinic_id,
            **{name: getattr(span, name) for name in WRITTEN if name != "name"},
            "name": entry.name,
            "outside_uid": entry.uid,
        }
        for span, entry in plan.new
    ]
    if rows:
        connection.execute(_off.insert(), rows)
    audit.note(
        database, connection, by=by, did="imported_time_off", now=run.now, clinic_id=run.named.clinic_id,
        about=f"new:{len(plan.new)},gone:{len(plan.gone)}",
    )  # fmt: skip


def bring_up(database: Database, named: Named, plan: OffPlan, now: datetime) -> None:
    """Make the starts of whoever is concerned anew, some clinicians in each commit."""
    whose = {span.clinician_id for span, _ in plan.new} | {row.clinician_id for row in plan.gone}
    everyone = {row.id for row in named.clinicians.values() if row.active}
    refresh_starts(database, everyone if None in whose else {one for one in whose if one is not None}, now)


def refresh_starts(database: Database, clinicians: Iterable[int], now: datetime) -> None:
    ids = sorted(clinicians)
    for at in range(0, len(ids), BATCH):
        with database.writing() as connection:
            for clinician in ids[at : at + BATCH]:
                openings.refresh(database, connection, clinician, now, openings.horizon(now))


def _whose(named: Named, entry: OffEntry, plan: OffPlan) -> tuple[int | None, ZoneInfo] | None:
    if folded(entry.clinician.strip()) == EVERYBODY:
        return None, ZoneInfo(named.timezone)
    clinician = named.clinician(entry.clinician)
    if clinician is None:
        says = "No clinician has this name or outside id: take her in first, or write everybody."
        plan.problems.append((entry.where, Problem("clinician", says)))
        return None
    return clinician.id, ZoneInfo(clinician.timezone)


def _spans(entry: OffEntry, clinician: int | None, zone: ZoneInfo) -> Iterator[Span]:
    """Whole days are one span; moments are cut where days end."""
    if not isinstance(entry.begins, datetime) or not isinstance(entry.ends, datetime):
        yield Span(clinician, entry.begins, entry.ends, entry.starts, entry.until)
        return
    begins, ends = entry.begins.astimezone(zone), entry.ends.astimezone(zone)
    day = begins.date()
    while day <= ends.date():
        starts = f"{begins:%H:%M}" if day == begins.date() else "00:00"
        until = f"{ends:%H:%M}" if day == ends.date() else END_OF_DAY
        if until == "00:00":
            return
        if (starts, until) != ("00:00", END_OF_DAY):
            if starts < until:
                yield Span(clinician, day, day, starts, until)
            day += timedelta(days=1)
            continue
        last = ends.date() - timedelta(days=1)
        yield Span(clinician, day, last, None, None)
        day = last + timedelta(days=1)


def _span(row: Any) -> Span:
    return Span(row.clinician_id, row.from_on, row.until_on, row.starts, row.ends)


def _absent(
    run: Planning, rows: Iterable[Any], seen: set[str], scoped: set[int | None], scope: Scope
) -> list[Any]:
    """Time off with a UID that the file no longer has, of those of whom it has any; and what it calls off."""
    entries = run.entries
    days = [entry.begins for entry in entries.off]
    dates = [day.date() if isinstance(day, datetime) else day for day in days]
    first, last = scope.first or min(dates, default=None), scope.last or max(dates, default=None)
    gone = []
    for row in rows:
        uid = row.outside_uid
        if uid is None or uid in seen:
            continue
        missing = (
            first is not None
            and last is not None
            and not entries.nameless
            and not is_in_doubt(entries, uid, uid.rpartition("#")[0] or None)
            and (scope.everybody or row.clinician_id in scoped)
            and first <= row.from_on <= last
        )
        if missing or uid in entries.called_off or uid.rpartition("#")[0] in entries.called_off:
            gone.append(row)
    return gone


def _visits_in(run: Planning, plan: OffPlan) -> int:
    """How many visits that are to come stand in the time off that is new."""
    days: dict[tuple[int | None, date], list[tuple[str, str]]] = {}
    if sum((span.until_on - span.from_on).days + 1 for span, _ in plan.new) > COUNTED_DAYS:
        return 0
    for span, _ in plan.new:
        for number in range((span.until_on - span.from_on).days + 1):
            hours = (span.starts or "00:00", span.ends or END_OF_DAY)
            days.setdefault((span.clinician_id, span.from_on + timedelta(days=number)), []).append(hours)
    gone = {visit.id for visit in run.plan.called_off}
    coming = [
        visit
        for visit in run.schedule.visits.values()
        if visit.state in OPEN and visit.ends_at > run.now and visit.id not in gone
    ]
    zones = {row.id: ZoneInfo(row.timezone) for row in run.named.clinicians.values()}
    visits: list[Any] = [*coming, *run.plan.new]
    return sum(_is_off(visit, days, zones[visit.clinician_id]) for visit in visits)


def _is_off(visit: Any, days: dict[tuple[int | None, date], list[tuple[str, str]]], zone: ZoneInfo) -> bool:
    starts, ends = visit.starts_at.astimezone(zone), visit.ends_at.astimezone(zone)
    until = f"{ends:%H:%M}" if ends.date() == starts.date() and ends.time() > time() else END_OF_DAY
    return any(
        f"{starts:%H:%M}" < span[1] and span[0] < until
        for whose in (visit.clinician_id, None)
        for span in days.get((whose, starts.date()), ())
    )
