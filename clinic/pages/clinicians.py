"""Who works at the clinic and when, its rooms and hubs; and the form of one clinician."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from care.rules import patient_cells as cells
from care.rules.patient_cells import Terms
from care.scheduling import hours, openings
from clinic import choices
from clinic.correcting import patient_rules
from clinic.filling import Filled, filled_with
from clinic.finding import clinicians
from clinic.here import act, house, staff, today
from clinic.showing import language_name


def show() -> ResponseReturnValue:
    clinic, now = staff().clinic_id, house().now()
    with house().database.reading() as connection:
        everybody = clinicians.clinicians(connection, clinic)
        weekly = clinicians.hours(connection, clinic, today())
        off = clinicians.days_off(connection, clinic, today())
        places = clinicians.places(connection, clinic)
        outside = clinicians.outside_hours(connection, clinic, now, openings.horizon(now))
    return render_template(
        "console/clinicians.html",
        everybody=everybody,
        hours=_by_clinician(weekly),
        off=_by_clinician(off),
        outside=_by_clinician(outside),
        places=places,
        states=choices.states(),
    )


def show_new() -> ResponseReturnValue:
    return _page(None, filled_with({"time_zone": staff().timezone, "active": True}))


def add() -> ResponseReturnValue:
    return _write(None)


def show_one(clinician_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        row = of_this_clinic(connection, clinician_id)
    kept = {
        "name": row.name,
        "languages": ", ".join(language_name(tag) for tag in row.languages),
        "states": ", ".join(row.states),
        "time_zone": row.timezone,
        "active": row.active,
    }
    return _page(row, filled_with(kept))


def change(clinician_id: int) -> ResponseReturnValue:
    return _write(clinician_id)


def of_this_clinic(connection: Connection, clinician_id: int) -> Any:
    return clinicians.clinician(connection, staff().clinic_id, clinician_id) or abort(404)


def _write(clinician_id: int | None) -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        row = None if clinician_id is None else of_this_clinic(connection, clinician_id)
        values = _read(filled, patient_rules(connection))
        if not filled.wrong:
            hours.write_clinician(act(connection), clinician_id, values)
    if filled.wrong:
        return _page(row, filled), 422
    flash("That is saved." if row else "Written down. Now say when this clinician works.")
    return redirect(url_for("console.clinicians"), 303)


def _read(filled: Filled, terms: Terms) -> dict[str, Any]:
    return {
        "name": filled.cell("name", cells.name, terms, "Give the name, as patients are to hear it."),
        "languages": filled.cell(
            "languages", cells.any_languages, terms, "Say in which languages patients are seen."
        ),
        "states": filled.cell("states", _states, terms) or [],
        "timezone": filled.cell("time_zone", cells.time_zone, terms, "Choose a time zone."),
        "active": filled.ticked("active"),
    }


def _states(text: str, terms: Terms) -> list[str]:
    return list(dict.fromkeys(cells.state(one, terms) for one in cells.several(text)))


def _by_clinician(rows: Any) -> dict[int | None, list[Any]]:
    found: dict[int | None, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.clinician_id].append(row)
    return found


def _page(row: Any, filled: Filled) -> str:
    return render_template(
        "console/clinician.html",
        row=row,
        filled=filled,
        timezones=choices.timezones(filled["time_zone"]),
        every_language=choices.every_language(),
    )
