"""Clinicians and places come in from a file: new ones, and what is another of those who are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from care import audit, patients
from care.rules.name_words import folded
from care.rules.patient_row import Problem
from care.scheduling.importing_known import Named, named
from care.scheduling.importing_off import refresh_starts
from care.scheduling.importing_rows import Hours, SetUp, clinicians_of, places_of
from records import Database
from records.base import table_of
from records.scheduling import Clinician, Place, WorkingHours

_clinicians, _places, _hours = map(table_of, (Clinician, Place, WorkingHours))
OnProblem = Callable[[str, Problem], None]


@dataclass
class SetUpReport:
    """What an import of clinicians or places did, or would do."""

    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0


def import_places(
    database: Database, *, clinic_id: int, path: Path, by: str, now: datetime, apply: bool = False,
    on_problem: OnProblem = lambda where, problem: None,
) -> SetUpReport:  # fmt: skip
    """A place is known by its name. What a row does not say stays. Raises FileProblem."""
    report, refuse = _refusing(on_problem)
    with database.reading() as connection:
        terms = patients.terms_of(connection, clinic_id, now)
        of = named(connection, clinic_id)
    rows = places_of(path, terms, refuse)
    wanted = [(of.place(row.values["name"]), _renamed(row.values)) for row in rows]
    new = [
        {"clinic_id": clinic_id, **_EMPTY_PLACE, "timezone": of.timezone, **values}
        for old, values in wanted
        if not old
    ]
    changed = [(old, values) for old, values in wanted if old and _differs(old, values)]
    _count(report, len(new), len(changed), len(wanted))
    if apply:
        with database.writing() as connection:
            _write(connection, _places, new, changed)
            _note(database, connection, "imported_places", clinic_id, by, now, report)
    return report


def import_clinicians(
    database: Database, *, clinic_id: int, path: Path, by: str, now: datetime, apply: bool = False,
    on_problem: OnProblem = lambda where, problem: None,
) -> SetUpReport:  # fmt: skip
    """A clinician is known by her outside id, else by her name. Hours that a file says take the place of hers from
    today, or from the day that it says. Raises FileProblem."""
    report, refuse = _refusing(on_problem)
    with database.reading() as connection:
        terms = patients.terms_of(connection, clinic_id, now)
        of = named(connection, clinic_id)
        rows = [row for row in clinicians_of(path, terms, refuse) if _is_known(of, row, refuse)]
        known = connection.execute(
            select(_hours).where(_hours.c.clinician_id.in_([one.id for one in of.clinicians.values()]))
        ).all()
    wanted = [(row, _clinician(of, row), _renamed(row.values)) for row in rows]
    new = [
        {"clinic_id": clinic_id, **_EMPTY_CLINICIAN, "timezone": of.timezone, **values}
        for _, old, values in wanted
        if old is None
    ]
    changed = [(old, values) for _, old, values in wanted if old is not None and _differs(old, values)]
    other_hours = [
        row
        for row, old, _ in wanted
        if row.hours is not None and _hours_differ(of, row, old, known, terms.today)
    ]
    touched = {
        old.id
        for row, old, values in wanted
        if old is not None and (row in other_hours or _differs(old, values))
    }
    _count(report, len(new), len(touched), len(wanted))
    if apply:
        with database.writing() as connection:
            _write(connection, _clinicians, new, changed)
            of = named(connection, clinic_id)
            for row in other_hours:
                _write_hours(connection, of, row, terms.today)
            _note(database, connection, "imported_clinicians", clinic_id, by, now, report)
        refresh_starts(database, {_clinician(of, row).id for row, _, _ in wanted}, now)
    return report


_EMPTY_PLACE = {"address": None, "number": None, "state": None, "active": True}
_EMPTY_CLINICIAN = {"languages": [], "states": [], "active": True, "outside_id": None}


def _refusing(on_problem: OnProblem) -> tuple[SetUpReport, OnProblem]:
    report, refused = SetUpReport(), set[str]()

    def refuse(where: str, problem: Problem) -> None:
        refused.add(where)
        report.refused = len(refused)
        on_problem(where, problem)

    return report, refuse


def _clinician(of: Named, row: SetUp) -> Any:
    outside = row.values.get("outside_id")
    if outside and (found := of.clinicians.get(f"id:{outside}")):
        return found
    found = of.clinicians.get(folded(row.values["name"]))
    return None if found is not None and outside and found.outside_id not in (None, outside) else found


def _is_known(of: Named, row: SetUp, refuse: OnProblem) -> bool:
    """Is each room of her hours one of the clinic's?"""
    rooms = {hours.room for hours in row.hours or () if hours.room}
    if all((place := of.place(room)) is not None and place.kind == "room" for room in rooms):
        return True
    refuse(row.where, Problem("room", "There is no such room: take places in first, or empty this."))
    return False


def _renamed(values: dict[str, Any]) -> dict[str, Any]:
    return {"timezone" if name == "time_zone" else name: value for name, value in values.items()}


def _differs(old: Any, values: dict[str, Any]) -> bool:
    return any(old._mapping[name] != value for name, value in values.items())


def _hours_differ(of: Named, row: SetUp, old: Any, known: Sequence[Any], today: Any) -> bool:
    day = row.from_on or today
    hers = {
        (one.weekday, one.starts, one.ends, one.step_minutes, tuple(one.visit_kinds), one.place_id)
        for one in known
        if old is not None
        and one.clinician_id == old.id
        and one.from_on <= day
        and (one.until_on is None or one.until_on >= day)
    }
    later = any(old is not None and one.clinician_id == old.id and one.from_on > day for one in known)
    return later or hers != {_said(of, hours) for hours in row.hours or ()}


def _said(of: Named, hours: Hours) -> tuple[Any, ...]:
    place = of.place(hours.room) if hours.room else None
    kinds = tuple(hours.visit_kinds)
    return (hours.weekday, hours.starts, hours.ends, hours.step_minutes, kinds, place.id if place else None)


def _write_hours(connection: Connection, of: Named, row: SetUp, today: Any) -> None:
    """Those of before end on the day before; those that would have begun later go."""
    clinician, day = _clinician(of, row).id, row.from_on or today
    hers = _hours.c.clinician_id == clinician
    connection.execute(delete(_hours).where(hers, _hours.c.from_on >= day))
    connection.execute(
        update(_hours)
        .where(hers, (_hours.c.until_on.is_(None)) | (_hours.c.until_on >= day))
        .values(until_on=day - timedelta(days=1))
    )
    names = ("weekday", "starts", "ends", "step_minutes", "visit_kinds", "place_id")
    rows = [
        {
            "clinician_id": clinician,
            **dict(zip(names, _said(of, hours), strict=True)),
            "visit_kinds": list(hours.visit_kinds),
            "from_on": day,
            "until_on": None,
        }
        for hours in row.hours or ()
    ]
    if rows:
        connection.execute(_hours.insert(), rows)


def _write(
    connection: Connection, table: Any, new: Sequence[Any], changed: Sequence[tuple[Any, Any]]
) -> None:
    if new:
        connection.execute(table.insert(), new)
    if not changed:
        return
    names = [column.name for column in table.c if column.name not in ("id", "clinic_id")]
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    connection.execute(
        table.update().where(table.c.id == bindparam("row")).values(values),
        [
            {"row": old.id, **{f"new_{name}": said.get(name, old._mapping[name]) for name in names}}
            for old, said in changed
        ],
    )


def _count(report: SetUpReport, new: int, changed: int, of_all: int) -> None:
    report.new, report.changed, report.same = new, changed, of_all - new - changed


def _note(
    database: Database,
    connection: Connection,
    did: str,
    clinic_id: int,
    by: str,
    now: datetime,
    report: SetUpReport,
) -> None:
    if report.new or report.changed:
        audit.note(
            database, connection, by=by, did=did, now=now, clinic_id=clinic_id,
            about=f"new:{report.new},changed:{report.changed}",
        )  # fmt: skip
