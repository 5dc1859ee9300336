"""A room of the clinic, or a hub: a private phone elsewhere that can be booked."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from care.rules import patient_cells as cells
from care.rules.patient_cells import Terms
from care.scheduling import places
from clinic import choices
from clinic.correcting import patient_rules
from clinic.filling import Filled, filled_with
from clinic.finding import clinicians
from clinic.here import act, house, staff
from clinic.showing import as_dialled
from clinic.words import words


def show_new() -> ResponseReturnValue:
    return _page(None, filled_with({"kind": "room", "time_zone": staff().timezone, "active": True}))


def add() -> ResponseReturnValue:
    return _write(None)


def show_one(place_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        row = clinicians.place(connection, staff().clinic_id, place_id) or abort(404)
    kept = {**row._mapping, "time_zone": row.timezone, "number": as_dialled(row.number, staff().line)}
    return _page(row, filled_with(kept))


def change(place_id: int) -> ResponseReturnValue:
    return _write(place_id)


def _write(place_id: int | None) -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        row = None
        if place_id is not None:
            row = clinicians.place(connection, staff().clinic_id, place_id) or abort(404)
        values = _read(filled, patient_rules(connection))
        if not filled.wrong:
            places.write(act(connection), place_id, values)
    if filled.wrong:
        return _page(row, filled), 422
    flash("That is saved.")
    return redirect(url_for("console.clinicians"), 303)


def _read(filled: Filled, terms: Terms) -> dict[str, Any]:
    kind = filled.one_of("kind", places.KINDS, "Say whether it is a room or a hub.")
    values = {
        "name": filled.cell("name", cells.words, terms, "Give it a name."),
        "kind": kind,
        "timezone": filled.cell("time_zone", cells.time_zone, terms, "Choose a time zone."),
        "address": filled.cell("address", cells.words, terms),
        "number": filled.cell("number", cells.number, terms),
        "state": filled.cell("state", cells.state, terms),
        "active": filled.ticked("active"),
    }
    if kind == "hub":
        if not values["number"]:
            filled.refuse("number", "A hub is called at its own phone: give its number.")
        if not values["state"]:
            filled.refuse("state", "Who sits in a hub is in its state, which decides who may see them.")
    return values


def _page(row: Any, filled: Filled) -> str:
    return render_template(
        "console/place.html",
        row=row,
        filled=filled,
        kinds=words()["place_kinds"],
        timezones=choices.timezones(filled["time_zone"]),
        states=choices.states(),
    )
