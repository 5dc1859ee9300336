"""A day off is added: who has a visit then is shown first, for nothing is called off by itself. And taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from care.rules import patient_cells as cells
from care.scheduling import days_off
from care.scheduling.days_off import LONGEST, Off
from clinic.correcting import patient_rules
from clinic.filling import Filled, filled_with
from clinic.finding import clinicians, visits
from clinic.finding.audited import listed
from clinic.finding.slices import Slice
from clinic.here import act, cursor, house, note, staff, today
from clinic.pages.hours import wall_time

NOT_TWO = "Give both times, or none for whole days."


def show_new() -> ResponseReturnValue:
    with house().database.reading() as connection:
        first = {"clinician": str(cursor("clinician") or ""), "from_on": today()}
        return _page(connection, filled_with(first))


def add() -> ResponseReturnValue:
    """Saved where nobody has a visit then, or those who have one were seen (`seen`: ids of their visits)."""
    filled = Filled(request.form)
    with house().database.writing() as connection:
        off = _read(connection, filled)
        if off is None:
            return _page(connection, filled), 422
        days_off.hold(act(connection))
        found = _visits_on(connection, off)
        if not {str(row.id) for row in found.rows} <= set(filled["seen"].split(",")):
            patients = sorted({row.patient_id for row in found.rows})
            note(
                connection,
                "saw_visits_on_day_off",
                patients[0] if len(patients) == 1 else None,
                "" if len(patients) == 1 else listed(patients),
            )
            return _page(connection, filled, found)
        days_off.add(act(connection), off)
    flash(
        "Saved. The visits stand as before: call them off, or move them, one by one."
        if found.rows
        else "Saved. Nothing can be booked then any more."
    )
    return redirect(url_for("console.clinicians"), 303)


def remove(day_off_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        clinicians.day_off(connection, staff().clinic_id, day_off_id) or abort(404)
        days_off.remove(act(connection), day_off_id)
    flash("Taken away: the hours hold again.")
    return redirect(url_for("console.clinicians"), 303)


def _visits_on(connection: Connection, off: Off) -> Slice:
    """Coming visits of whoever is off, each by the clock of where she works."""
    everybody = clinicians.clinicians(connection, staff().clinic_id)
    by_zone: dict[str, list[int]] = {}
    for one in everybody:
        if off.clinician_id in (None, one.id):
            by_zone.setdefault(one.timezone, []).append(one.id)
    when: Sequence[tuple[list[int], Sequence[tuple[datetime, datetime]]]] = [
        (ids, off.spans(zone)) for zone, ids in by_zone.items()
    ]
    return visits.during(connection, staff().clinic_id, when, house().now())


def _read(connection: Connection, filled: Filled) -> Off | None:
    terms = patient_rules(connection)
    clinician = filled["clinician"].strip()
    if clinician and clinician not in _names(connection):
        filled.refuse("clinician", "Choose one that there is, or the whole clinic.")
    first = _day(filled, "from_on", "Choose the first day.")
    last = _day(filled, "until_on", "") if filled["until_on"].strip() else first
    if first and last and not 0 <= (last - first).days < LONGEST:
        filled.refuse("until_on", f"The last day is the first or a later one, within {LONGEST} days.")
    if last and last < today():
        filled.refuse("until_on" if filled["until_on"].strip() else "from_on", "That day is past.")
    starts, ends = (wall_time(filled, name) if filled[name].strip() else None for name in ("starts", "ends"))
    if bool(filled["starts"].strip()) != bool(filled["ends"].strip()):
        filled.refuse("ends", NOT_TWO)
    if starts and ends and ends <= starts:
        filled.refuse("ends", "The end comes after the beginning, on the same day.")
    name = filled.cell("name", cells.words, terms, "Say in a word what it is: a holiday, a course.")
    if filled.wrong or first is None or last is None or name is None:
        return None
    return Off(int(clinician) if clinician else None, first, last, starts, ends, name)


def _day(filled: Filled, name: str, needed: str) -> date | None:
    try:
        return date.fromisoformat(filled[name].strip())
    except ValueError:
        filled.refuse(name, needed or "There is no such day.")
        return None


def _names(connection: Connection) -> dict[str, str]:
    everybody = clinicians.clinicians(connection, staff().clinic_id)
    return {str(one.id): one.name for one in everybody if one.active}


def _page(connection: Connection, filled: Filled, found: Slice | None = None) -> str:
    rows: Sequence[Any] = found.rows if found else []
    return render_template(
        "console/day_off.html",
        filled=filled,
        everybody=_names(connection),
        found=found,
        seen=",".join(str(row.id) for row in rows),
    )
