"""The hours of one clinician: added, changed from a day on, and ended."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from care.rules.patient_cells import Unreadable, time_of_day
from care.rules.visit_reasons import VISIT_KINDS
from care.scheduling import hours
from care.scheduling.hours import Hours
from clinic.filling import Filled, filled_with
from clinic.finding import clinicians
from clinic.here import act, house, staff, today
from clinic.pages.clinicians import of_this_clinic
from clinic.words import words

STEPS = ("5", "10", "15", "20", "30", "45", "60")
WEEKDAYS = tuple(map(str, range(7)))
STAY = "Visits that are booked stay: below you see which of them lie outside of the hours now."


def show_new(clinician_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        first = {"step_minutes": "15", "visit_kinds": ["audio"], "from_on": today()}
        return _page(connection, of_this_clinic(connection, clinician_id), None, filled_with(first))


def add(clinician_id: int) -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        clinician = of_this_clinic(connection, clinician_id)
        wanted = _read(connection, filled)
        if wanted is None:
            return _page(connection, clinician, None, filled), 422
        hours.add(act(connection), clinician_id, wanted)
    flash("The hours are added: they can be booked from now on.")
    return redirect(url_for("console.clinicians"), 303)


def show_one(clinician_id: int, hours_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        clinician, row = _hers(connection, clinician_id, hours_id)
        kept = {
            **row._mapping,
            "weekdays": [row.weekday],
            "step_minutes": str(row.step_minutes),
            "place": str(row.place_id or ""),
            "from_on": max(row.from_on, today()),
            "until_on": row.until_on,
        }
        return _page(connection, clinician, row, filled_with(kept))


def change(clinician_id: int, hours_id: int) -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        clinician, row = _hers(connection, clinician_id, hours_id)
        wanted = _read(connection, filled)
        if wanted is None:
            return _page(connection, clinician, row, filled), 422
        hours.change(act(connection), clinician_id, hours_id, wanted)
    flash(f"The hours are changed. {STAY}")
    return redirect(url_for("console.clinicians"), 303)


def end(clinician_id: int, hours_id: int) -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        clinician, row = _hers(connection, clinician_id, hours_id)
        last = _day(filled, "last_on", "Choose the last day.")
        if last is None:
            again = filled_with({**row._mapping, "weekdays": [row.weekday]})
            again.wrong = filled.wrong
            return _page(connection, clinician, row, again), 422
        done = hours.end(act(connection), clinician_id, hours_id, last)
    flash(f"The hours end. {STAY}" if done else "These hours end before that day already.")
    return redirect(url_for("console.clinicians"), 303)


def _hers(connection: Connection, clinician_id: int, hours_id: int) -> tuple[Any, Any]:
    clinician = of_this_clinic(connection, clinician_id)
    rows = clinicians.hours(connection, staff().clinic_id, today())
    found = (row for row in rows if row.id == hours_id and row.clinician_id == clinician_id)
    return clinician, next(found, None) or abort(404)


def _read(connection: Connection, filled: Filled) -> Hours | None:
    weekdays = [int(one) for one in filled.some_of("weekdays", WEEKDAYS)]
    kinds = filled.some_of("visit_kinds", VISIT_KINDS)
    if not weekdays:
        filled.refuse("weekdays", "Choose a day of the week, or several.")
    if not kinds:
        filled.refuse("visit_kinds", "Say which visits there may be: one kind at least.")
    starts, ends = wall_time(filled, "starts"), wall_time(filled, "ends")
    if starts and ends and ends <= starts:
        filled.refuse("ends", "The end comes after the beginning, on the same day.")
    step = filled.one_of("step_minutes", STEPS, "Say how often a visit may begin.")
    from_on = _day(filled, "from_on", "Choose the first day.")
    until_on = _day(filled, "until_on") if filled["until_on"].strip() else None
    if from_on and until_on and until_on < from_on:
        filled.refuse("until_on", "The last day is before the first.")
    place = filled["place"].strip()
    if place and place not in _rooms(connection):
        filled.refuse("place", "Choose a room that there is.")
    if filled.wrong or from_on is None or starts is None or ends is None:
        return None
    return Hours(weekdays, starts, ends, int(step), kinds, int(place) if place else None, from_on, until_on)


def wall_time(filled: Filled, name: str) -> str | None:
    try:
        return time_of_day(filled[name])
    except Unreadable as why:
        filled.refuse(name, str(why))
        return None


def _day(filled: Filled, name: str, needed: str = "Choose a day.") -> date | None:
    try:
        day = date.fromisoformat(filled[name].strip())
    except ValueError:
        filled.refuse(name, needed)
        return None
    if day < today():
        filled.refuse(name, "That day is past.")
        return None
    return day


def _rooms(connection: Connection) -> dict[str, str]:
    places = clinicians.places(connection, staff().clinic_id)
    return {str(one.id): one.name for one in places if one.kind == "room" and one.active}


def _page(connection: Connection, clinician: Any, row: Any, filled: Filled) -> str:
    return render_template(
        "console/hours.html",
        clinician=clinician,
        row=row,
        filled=filled,
        weekdays=words()["weekdays"],
        kinds=words()["visit_kinds"],
        steps={step: f"{step} minutes" for step in STEPS},
        rooms=_rooms(connection),
    )
