"""A file of visits comes in: read, compared with what is known, and written in batches of short commits.

A first run says what would happen and writes nothing; `apply` does it. Each visit that comes in, moves or is called
off is noted in the audit. The same file again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from care import patients
from care.rules.patient_row import Problem
from care.scheduling.importing_absent import Absent, Scope, absent
from care.scheduling.importing_known import named, schedule
from care.scheduling.importing_off import OffPlan, bring_up, plan_off, write_off
from care.scheduling.importing_plan import Planning, plan_visits, settle
from care.scheduling.importing_writes import Writes
from care.scheduling.schedule_entries import Entries
from care.scheduling.schedule_reading import read_days_off, read_schedule
from records import Database

BATCH = 250
"""Visits of one commit: on SQLite everybody else's turn waits for it."""


@dataclass
class VisitReport:
    """What an import did, or would do."""

    read: int = 0
    new: int = 0
    moved: int = 0
    called_off: int = 0
    same: int = 0
    newer_here: int = 0
    not_ours: int = 0
    clashes: int = 0
    undecided: int = 0
    refused: int = 0
    off: int = 0
    off_gone: int = 0
    off_same: int = 0
    visits_in_time_off: int = 0
    free: int = 0
    floating: int = 0
    too_many: int = 0
    """So many visits are missing that none was called off."""
    kept: int = 0
    master: str = ""
    timezone: str = ""


def import_visits(
    database: Database,
    *,
    clinic_id: int,
    path: Path,
    by: str,
    now: datetime,
    apply: bool = False,
    clinician: str | None = None,
    scope: Scope | None = None,
    on_problem: Callable[[str, Problem], None] = lambda where, problem: None,
    on_progress: Callable[[int, int], None] = lambda done, of_all: None,
) -> VisitReport:
    """Take in the visits, and the time off, of an iCalendar or CSV file. Raises FileProblem, or Taken where somebody
    booked one of these times meanwhile: what was written until then stays, and the import can be done again."""
    with database.reading() as connection:
        entries = read_schedule(path, patients.terms_of(connection, clinic_id, now), now, clinician)
    return _take_in(database, clinic_id, entries, by, now, apply, scope or Scope(), on_problem, on_progress)


def import_days_off(
    database: Database,
    *,
    clinic_id: int,
    path: Path,
    by: str,
    now: datetime,
    apply: bool = False,
    clinician: str | None = None,
    scope: Scope | None = None,
    on_problem: Callable[[str, Problem], None] = lambda where, problem: None,
) -> VisitReport:
    """Take in time off alone, from CSV or a calendar (whose visits are left out). Raises as `import_visits`."""
    with database.reading() as connection:
        entries = read_days_off(path, patients.terms_of(connection, clinic_id, now), now, clinician)
    return _take_in(
        database, clinic_id, entries, by, now, apply, scope or Scope(), on_problem, lambda *_: None
    )


def _take_in(
    database: Database,
    clinic_id: int,
    entries: Entries,
    by: str,
    now: datetime,
    apply: bool,
    scope: Scope,
    on_problem: Callable[[str, Problem], None],
    on_progress: Callable[[int, int], None],
) -> VisitReport:
    with database.reading() as connection:
        of = named(connection, clinic_id)
        first = min([now, *(entry.starts_at for entry in entries.visits)])
        run = plan_visits(of, schedule(connection, of, first - timedelta(days=1)), entries, now)
        gone = absent(run, scope) if run.is_followed and entries.visits else Absent([], False, 0)
        if not gone.too_many:
            run.plan.called_off += gone.visits
        settle(run)
        off = plan_off(connection, run, scope)
    for where, problem in [*entries.problems, *run.plan.problems, *off.problems]:
        on_problem(where, problem)
    if apply:
        _write(database, run, off, by, on_progress)
    return _report(run, gone, off)


def _write(
    database: Database, run: Planning, off: OffPlan, by: str, on_progress: Callable[[int, int], None]
) -> None:
    plan = run.plan
    writes = Writes(database, run.named.clinic_id, by, run.now)
    new = sorted(plan.new, key=lambda one: (one.starts_at, one.clinician_id))
    steps: list[tuple[Callable[[Any, Any], None], Sequence[Any]]] = [
        (writes.call_off, plan.called_off),
        (writes.move, plan.moved),
        (writes.adopt, plan.adopted),
        (writes.add, new),
        (writes.add_past, plan.past),
        (writes.ask, [*plan.clashes, *plan.undecided]),
    ]
    done, of_all = 0, sum(len(rows) for _, rows in steps)
    for write, rows in steps:
        # A move may need the time that another one leaves: those go in one commit.
        size = len(rows) if write == writes.move else BATCH
        for at in range(0, len(rows), max(size, 1)):
            batch = rows[at : at + size]
            with database.writing() as connection:
                write(connection, batch)
            done += len(batch)
            on_progress(done, of_all)
    with database.writing() as connection:
        write_off(database, connection, run, off, by)
    bring_up(database, run.named, off, run.now)


def _report(run: Planning, gone: Absent, off: OffPlan) -> VisitReport:
    plan, entries = run.plan, run.entries
    return VisitReport(
        read=entries.read,
        new=len(plan.new) + len(plan.past),
        moved=len(plan.moved),
        called_off=len(plan.called_off),
        same=plan.same,
        newer_here=plan.newer_here,
        not_ours=plan.not_ours,
        clashes=len(plan.clashes),
        undecided=len(plan.undecided),
        refused=len({where for where, _ in [*entries.problems, *plan.problems, *off.problems]}),
        off=len(off.new),
        off_gone=len(off.gone),
        off_same=off.same,
        visits_in_time_off=off.visits,
        free=entries.free,
        floating=entries.floating,
        too_many=len(gone.visits) if gone.too_many else 0,
        kept=gone.kept,
        master=run.named.master,
        timezone=run.named.timezone,
    )
