"""What a file would change of the clinic's visits, compared with what is known. Nothing is written here.

docs/schedule.md says what holds where Careline, or the clinic's own schedule, is the master.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from care.rules.patient_row import Problem
from care.scheduling.importing_known import OPEN, Named, Schedule, Visit
from care.scheduling.importing_units import Units
from care.scheduling.schedule_entries import Entries, VisitEntry, is_in_doubt

NO_PATIENT = {
    None: "No patient has this record number: register her first.",
    "merged": "This record went into another: write the number of the one that was kept.",
    "closed": "This patient is no longer with the clinic: open her record again first.",
}
FIELDS = ("clinician_id", "visit_kind", "reason", "starts_at", "ends_at")
IF_SAID = ("place_id", "interpreter")


@dataclass(frozen=True, eq=False)
class Wanted:
    """A visit of the file whose people and places are known."""

    entry: VisitEntry
    patient_id: int
    clinician_id: int
    place_id: int | None
    timezone: str
    visit_kind: str
    reason: str
    interpreter: str | None
    starts_at: datetime
    ends_at: datetime


@dataclass
class Plan:
    """What would be written, and what is only said."""

    new: list[Wanted] = field(default_factory=list)
    past: list[Wanted] = field(default_factory=list)
    """New to us and over already."""
    moved: list[tuple[Visit, Wanted]] = field(default_factory=list)
    adopted: list[tuple[Visit, Wanted]] = field(default_factory=list)
    """The same visit, of which the outside schedule's UID or sequence is news."""
    called_off: list[Visit] = field(default_factory=list)
    clashes: list[tuple[Wanted, Visit]] = field(default_factory=list)
    """With a visit that Careline booked and the master does not know."""
    undecided: list[tuple[Visit, Wanted | None]] = field(default_factory=list)
    """Changed here and there, and nobody can say which came later."""
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    same: int = 0
    newer_here: int = 0
    not_ours: int = 0
    """Called off in the file, and never known here."""


@dataclass
class Planning:
    """One file against one clinic."""

    named: Named
    schedule: Schedule
    entries: Entries
    now: datetime
    plan: Plan = field(default_factory=Plan)
    seen: set[int] = field(default_factory=set)
    """Visits of ours that the file speaks of."""

    @property
    def is_followed(self) -> bool:
        """Is the outside schedule the master?"""
        return self.named.master == "outside"

    def refuse(self, entry: VisitEntry, column: str, says: str) -> None:
        self.entries.in_doubt.add(entry.uid)
        self.plan.problems.append((entry.where, Problem(column, says)))


def plan_visits(named: Named, schedule: Schedule, entries: Entries, now: datetime) -> Planning:
    """Compare every visit of the file. What the file no longer has is `importing_absent`'s."""
    run = Planning(named, schedule, entries, now)
    first: dict[str, str] = {}
    wanted: list[Wanted] = []
    for entry in entries.visits:
        if entry.uid in first:
            run.refuse(entry, "uid", f"{first[entry.uid]} has the same UID: keep one of the two.")
            continue
        first[entry.uid] = entry.where
        if is_in_doubt(entries, entry.uid, None):
            continue
        known = schedule.with_uid(entry.uid)
        if known:
            run.seen.add(known.id)
        if entry.state == "called_off":
            _called_off(run, entry, known)
        elif one := _resolved(run, entry):
            if known is None and (known := schedule.same(one.patient_id, one.clinician_id, one.starts_at)):
                if known.id in run.seen:
                    run.refuse(
                        entry, "uid", "Another entry of the file is the same visit: keep one of the two."
                    )
                    continue
                run.seen.add(known.id)
            if known:
                _compare(run, known, one)
            else:
                wanted.append(one)
    run.plan.new = wanted
    return run


def _called_off(run: Planning, entry: VisitEntry, known: Visit | None) -> None:
    if known is None:
        run.plan.not_ours += 1
    elif known.state not in OPEN:
        run.plan.same += 1
    elif entry.sequence < known.sequence:
        run.plan.newer_here += 1
    elif run.is_followed:
        run.plan.called_off.append(known)
    else:
        run.refuse(entry, "state", "Careline is the master and has this visit: call it off in the console.")


def _resolved(run: Planning, entry: VisitEntry) -> Wanted | None:
    patient = run.named.patient(entry.record_number)
    clinician = run.named.clinician(entry.clinician)
    place = run.named.place(entry.place) if entry.place else None
    if patient is None or patient[1] != "active":
        run.refuse(entry, "record_number", NO_PATIENT[patient[1] if patient else None])
    elif clinician is None or not clinician.active:
        run.refuse(entry, "clinician", "No clinician has this name or outside id: take her in first.")
    elif run.named.is_doubtful(entry.clinician):
        run.refuse(entry, "clinician", "Two clinicians have this name: write her outside id.")
    elif entry.place and (place is None or not place.active):
        run.refuse(entry, "place", "There is no such room or hub: take it in first, or empty this.")
    else:
        return Wanted(
            entry,
            patient[0],
            clinician.id,
            place.id if place else None,
            entry.timezone or clinician.timezone,
            entry.visit_kind,
            entry.reason,
            entry.interpreter,
            entry.starts_at,
            entry.ends_at,
        )
    return None


def differs(known: Any, one: Wanted) -> list[str]:
    """Names of what is another in the file. What it does not say is not another."""
    said = [name for name in IF_SAID if getattr(one, name) is not None]
    return [name for name in (*FIELDS, *said) if getattr(known, name) != getattr(one, name)]


def _compare(run: Planning, known: Visit, one: Wanted) -> None:
    plan, sequence = run.plan, one.entry.sequence
    if known.patient_id != one.patient_id:
        return run.refuse(one.entry, "uid", "A visit of another patient has this UID: give each its own.")
    is_news = known.outside_uid is None and one.entry.uid != known.outside_uid
    changed = differs(known, one)
    if known.state not in OPEN:
        plan.same += known.state != "called_off" or sequence >= known.sequence
        plan.newer_here += known.state == "called_off" and sequence < known.sequence
    elif not changed:
        if (run.is_followed and is_news) or sequence > known.sequence:
            plan.adopted.append((known, one))
        plan.same += 1
    elif sequence < known.sequence:
        # A schedule that counts nothing can't say which change came later.
        if run.is_followed and sequence == 0:
            plan.undecided.append((known, one))
        else:
            plan.newer_here += 1
    elif run.is_followed:
        plan.moved.append((known, one))
    else:
        words = ", ".join(changed)
        return run.refuse(
            one.entry,
            "event",
            f"Careline is the master and has this visit otherwise ({words}): move it here or there.",
        )
    return None


def settle(run: Planning) -> None:
    """Of what is planned, keep what has its time for itself: no double booking beside the master."""
    plan, units = run.plan, Units()
    gone = {visit.id for visit in plan.called_off} | {visit.id for visit, _ in plan.moved}
    for visit in run.schedule.visits.values():
        if visit.state in OPEN and visit.id not in gone:
            units.take(visit, visit)
    plan.past = [one for one in plan.new if one.ends_at <= run.now]
    plan.new = [one for one in plan.new if one.ends_at > run.now]
    plan.moved = _movable(run, units)
    coming = []
    for one in plan.new:
        if owner := units.owner(one):
            _clash(run, one, owner)
        else:
            units.take(one, one)
            coming.append(one)
    plan.new = coming


def _movable(run: Planning, units: Units) -> list[tuple[Visit, Wanted]]:
    """Those that can have their new time; who can't stays, and who wanted that time can't either."""
    left: dict[int, tuple[Visit, Wanted]] = {}
    stay: list[tuple[Visit, Wanted, Any]] = []
    for visit, one in run.plan.moved:
        if owner := units.owner(one):
            stay.append((visit, one, owner))
        else:
            units.take(one, one)
            left[id(one)] = (visit, one)
    while stay:
        visit, one, owner = stay.pop()
        _clash(run, one, owner)
        for other in units.owners(visit):
            if pair := left.pop(id(other), None):
                units.release(other, other)
                stay.append((*pair, visit))
        units.take(visit, visit)
    return list(left.values())


def _clash(run: Planning, one: Wanted, owner: Any) -> None:
    if run.is_followed and not isinstance(owner, Wanted) and owner.outside_uid is None:
        run.plan.clashes.append((one, owner))
        says = "A visit that Careline booked is at this time: a task asks a person to decide between the two."
    elif isinstance(owner, Wanted):
        says = f"{owner.entry.where} is at the same time: {_whose(one, owner)}. One of the two must move."
    else:
        says = f"Another visit is at the same time: {_whose(one, owner)}. One of the two must move."
    run.refuse(one.entry, "starts", says)


def _whose(one: Wanted, owner: Any) -> str:
    shared: Sequence[str] = [
        word
        for name, word in (("clinician_id", "clinician"), ("patient_id", "patient"), ("place_id", "place"))
        if getattr(owner, name) is not None and getattr(owner, name) == getattr(one, name)
    ]
    return f"it has the same {' and '.join(shared)}"
