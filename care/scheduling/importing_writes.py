"""Visits that come in from the clinic's schedule, written many at a time: a few statements for each commit.

Locks: patients, visits, then the clinic's schedule, each in order of their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from care import audit, tasks
from care.scheduling import changes, free_time, occupying
from care.scheduling.importing_known import OPEN, Visit
from care.scheduling.importing_plan import Wanted
from records import Database
from records.appointments import Appointment
from records.base import table_of
from records.database import Taken
from records.patients import Patient
from records.scheduling import Occupied, unit_after, unit_of

_visits, _patients, _occupied = map(table_of, (Appointment, Patient, Occupied))
ADD = _visits.insert().returning(_visits.c.id, sort_by_parameter_order=True)
CHANGED = (
    "clinician_id", "place_id", "visit_kind", "reason", "starts_at", "ends_at", "timezone", "state", "interpreter",
    "sequence", "outside_uid", "changed_at",
)  # fmt: skip
CHANGE = (
    _visits.update()
    .where(_visits.c.id == bindparam("visit"))
    .values({name: bindparam(f"new_{name}", type_=_visits.c[name].type) for name in CHANGED})
)


class ChangedMeanwhile(Taken):
    """What the plan was made on is no longer so: import the file again."""

    def __init__(self) -> None:
        super().__init__("changed meanwhile", None, Exception("changed meanwhile"))


@dataclass(frozen=True)
class Writes:
    """Each takes the connection of a write, and rows of a plan."""

    database: Database
    clinic_id: int
    by: str
    now: datetime

    def add(self, connection: Connection, new: Sequence[Wanted]) -> None:
        """Visits that are to come, and take their time."""
        self._hold_patients(connection, new)
        occupying.hold(self.database, connection, self.clinic_id)
        ids = list(connection.scalars(ADD, [self._row(one, one.entry.state or "booked") for one in new]))
        self._take(connection, list(zip(ids, new, strict=True)))
        _refresh(connection, new)
        self._note(connection, "imported_visit", list(zip(ids, (one.patient_id for one in new), strict=True)))

    def add_past(self, connection: Connection, past: Sequence[Wanted]) -> None:
        """Visits that are over: for the history, without time."""
        self._hold_patients(connection, past)
        rows = [self._row(one, one.entry.state or "done") for one in past]
        ids = list(connection.scalars(ADD, rows))
        self._note(
            connection, "imported_visit", list(zip(ids, (one.patient_id for one in past), strict=True))
        )

    def move(self, connection: Connection, moved: Sequence[tuple[Visit, Wanted]]) -> None:
        """All of them leave their time before any takes its new one: two may have changed places."""
        self._hold_patients(connection, [one for _, one in moved])
        before = self._held(connection, [visit for visit, _ in moved])
        occupying.hold(self.database, connection, self.clinic_id)
        connection.execute(delete(_occupied).where(_occupied.c.appointment_id.in_(before)))
        connection.execute(
            CHANGE, [_changes(before[visit.id], self.now, **self._moved(visit, one)) for visit, one in moved]
        )
        after = self._rows(connection, list(before))
        self._take(connection, [(visit.id, after[visit.id]) for visit, _ in moved])
        self._tell(connection, before, after)
        self._note(connection, "moved_by_schedule", [(visit.id, visit.patient_id) for visit, _ in moved])

    def call_off(self, connection: Connection, visits: Sequence[Visit]) -> None:
        before = self._held(connection, visits)
        occupying.hold(self.database, connection, self.clinic_id)
        connection.execute(delete(_occupied).where(_occupied.c.appointment_id.in_(before)))
        connection.execute(
            CHANGE,
            [
                _changes(row, self.now, state="called_off", sequence=row.sequence + 1)
                for row in before.values()
            ],
        )
        self._tell(connection, before, self._rows(connection, list(before)))
        self._note(connection, "called_off_by_schedule", [(visit.id, visit.patient_id) for visit in visits])

    def adopt(self, connection: Connection, adopted: Sequence[tuple[Visit, Wanted]]) -> None:
        """The clinic's schedule has it now: its UID and how often it was changed there. Nothing else is another."""
        before = self._held(connection, [visit for visit, _ in adopted])
        connection.execute(
            CHANGE,
            [
                _changes(
                    before[visit.id],
                    before[visit.id].changed_at,
                    outside_uid=before[visit.id].outside_uid or one.entry.uid,
                    sequence=max(visit.sequence, one.entry.sequence),
                )
                for visit, one in adopted
            ],
        )
        self._note(connection, "matched_visit", [(visit.id, visit.patient_id) for visit, _ in adopted])

    def ask(self, connection: Connection, pairs: Sequence[tuple[Any, Any]]) -> None:
        """Tasks for a person: two visits that want one time, or one that was changed in both schedules."""
        for one, other in pairs:
            clash = isinstance(one, Wanted)
            visit, wanted = (other, one) if clash else (one, other)
            reason = "schedule_clash" if clash else "schedule_differs"
            about = f"{wanted.entry.uid}:{wanted.starts_at.isoformat()}" if wanted else "called_off"
            tasks.make(
                self.database,
                connection,
                key=f"{reason}:{visit.id}:{visit.sequence}:{about}",
                clinic_id=self.clinic_id,
                reason=reason,
                same_day=visit.starts_at < self.now + timedelta(days=2),
                now=self.now,
                patient_id=visit.patient_id,
                details={"visit": visit.id, "at": visit.starts_at.isoformat(), **_theirs(wanted)},
            )

    def _row(self, one: Wanted, state: str) -> dict[str, Any]:
        return {
            "clinic_id": self.clinic_id,
            "patient_id": one.patient_id,
            **_time_of(one),
            "words": None,
            "state": state,
            "series": one.entry.series,
            "outside_uid": one.entry.uid,
            "sequence": one.entry.sequence,
            "booked_by": "import",
            "created_at": self.now,
            "changed_at": self.now,
        }

    def _moved(self, visit: Visit, one: Wanted) -> dict[str, Any]:
        """What the file does not say stays. A visit at another time is to be confirmed anew."""
        new = _time_of(one)
        for name in ("place_id", "interpreter"):
            new[name] = visit._mapping[name] if new[name] is None else new[name]
        new["sequence"] = max(visit.sequence, one.entry.sequence)
        new["outside_uid"] = visit.outside_uid or one.entry.uid
        new["state"] = one.entry.state if one.entry.state in OPEN else visit.state
        if one.starts_at != visit.starts_at and one.entry.state is None:
            new["state"] = "booked"
        return new

    def _hold_patients(self, connection: Connection, wanted: Sequence[Wanted]) -> None:
        """Raises ChangedMeanwhile where one of them was closed, merged or deleted since."""
        ids = sorted({one.patient_id for one in wanted})
        held = connection.execute(
            select(_patients.c.id)
            .where(
                _patients.c.id.in_(ids),
                _patients.c.clinic_id == self.clinic_id,
                _patients.c.status == "active",
            )
            .order_by(_patients.c.id)
            .with_for_update()
        ).all()
        if len(held) != len(ids):
            raise ChangedMeanwhile

    def _held(self, connection: Connection, visits: Sequence[Visit]) -> dict[int, Any]:
        """As they are now, and nobody else changes them. Raises ChangedMeanwhile where somebody has."""
        planned = {visit.id: visit for visit in visits}
        found = connection.execute(
            select(_visits)
            .where(_visits.c.id.in_(planned), _visits.c.clinic_id == self.clinic_id)
            .order_by(_visits.c.id)
            .with_for_update()
        ).all()
        same = [row for row in found if _version(row) == _version(planned[row.id])]
        if len(same) != len(planned):
            raise ChangedMeanwhile
        return {row.id: row for row in found}

    def _rows(self, connection: Connection, ids: Sequence[int]) -> dict[int, Any]:
        return {row.id: row for row in connection.execute(select(_visits).where(_visits.c.id.in_(ids)))}

    def _take(self, connection: Connection, visits: Sequence[tuple[int, Any]]) -> None:
        rows = [
            row
            for visit, one in visits
            for row in occupying.units_of(
                visit,
                occupying.resources(one.clinician_id, one.place_id, one.patient_id),
                one.starts_at,
                one.ends_at,
            )
        ]
        occupying.take_all(connection, sorted(rows, key=lambda row: (row["resource"], row["unit"])))

    def _tell(self, connection: Connection, before: dict[int, Any], after: dict[int, Any]) -> None:
        for visit in sorted(before):
            changes.changed(self.database, connection, before[visit], after[visit], self.now)

    def _note(self, connection: Connection, did: str, visits: Sequence[tuple[int, int]]) -> None:
        for visit, patient in visits:
            audit.note(
                self.database, connection, by=self.by, did=did, now=self.now, clinic_id=self.clinic_id,
                patient_id=patient, about=f"visit:{visit}",
            )  # fmt: skip


def _refresh(connection: Connection, new: Sequence[Wanted]) -> None:
    """Nothing hangs yet on visits that were not there: only their time is to be taken from the openings."""
    clinicians = sorted({one.clinician_id for one in new})
    places = sorted({one.place_id for one in new if one.place_id is not None})
    first = min(unit_of(one.starts_at) for one in new)
    free_time.refresh(connection, clinicians, places, first, max(unit_after(one.ends_at) for one in new))


def _time_of(one: Wanted) -> dict[str, Any]:
    names = (
        "clinician_id",
        "place_id",
        "visit_kind",
        "reason",
        "starts_at",
        "ends_at",
        "timezone",
        "interpreter",
    )
    return {name: getattr(one, name) for name in names}


def _changes(row: Any, at: datetime, **new: Any) -> dict[str, Any]:
    now = {**row._mapping, **new, "changed_at": at}
    return {"visit": row.id, **{f"new_{name}": now[name] for name in CHANGED}}


def _version(row: Any) -> tuple[Any, ...]:
    return (row.state in OPEN, row.sequence, row.starts_at, row.clinician_id, row.patient_id)


def _theirs(wanted: Wanted | None) -> dict[str, Any]:
    """What the other schedule says: ids and times."""
    if wanted is None:
        return {"theirs": "called_off"}
    return {
        "theirs": wanted.starts_at.isoformat(),
        "their_patient": wanted.patient_id,
        "their_clinician": wanted.clinician_id,
        "uid": wanted.entry.uid,
    }
