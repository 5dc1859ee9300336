"""A patient's PIN: set and taken away, never shown."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from care import pins
from care.rules.identity import limits
from care.rules.pins import why_not
from clinic.filling import Filled
from clinic.here import act, house, of_this_clinic, to_be_changed


def show(patient_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        patient = to_be_changed(connection, patient_id)
    return _page(patient, Filled())


def set_pin(patient_id: int) -> ResponseReturnValue:
    """What was typed is not shown again: only here may it be lost."""
    pin, filled = request.form.get("pin", "").strip(), Filled()
    with house().database.reading() as connection:
        patient = to_be_changed(connection, patient_id)
    if why := why_not(pin, patient.birth_date):
        filled.refuse("pin", why)
    elif pin != request.form.get("again", "").strip():
        filled.refuse("again", "The two are not the same. Type the PIN once more.")
    if filled.wrong:
        return _page(patient, filled), 422
    hashed = pins.hash_of(pin)
    with house().database.writing() as connection:
        pins.set_pin(act(connection), patient_id, hashed)
    flash("The PIN is set. From now on it is asked for besides the date of birth.")
    return redirect(url_for("console.patient", patient_id=patient_id), 303)


def remove(patient_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        of_this_clinic(connection, patient_id)
        pins.set_pin(act(connection), patient_id, None)
    flash("No PIN is asked for any more.")
    return redirect(url_for("console.patient", patient_id=patient_id), 303)


def _page(patient: Any, filled: Filled) -> str:
    return render_template("console/pin.html", patient=patient, filled=filled, lengths=limits()["pin"])
