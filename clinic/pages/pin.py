"""A patient's PIN: set and taken away, never shown."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from care.rules.identity import limits
from clinic import correcting
from clinic.filling import Filled
from clinic.here import house, to_be_changed


def show(patient_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        patient = to_be_changed(connection, patient_id)
    return _page(patient, Filled())


def set_pin(patient_id: int) -> ResponseReturnValue:
    """What was typed is not shown again: only here may it be lost."""
    typed = Filled(request.form)
    if not typed["pin"].strip():
        typed.refuse("pin", "Type the PIN that the patient has chosen.")
    elif typed["pin"].strip() != typed["again"].strip():
        typed.refuse("again", "The two are not the same. Type the PIN once more.")
    with house().database.writing() as connection:
        patient = to_be_changed(connection, patient_id)
        saved = not typed.wrong and correcting.correct(connection, typed, patient_id, ["pin"])
    if not saved:
        return _page(patient, Filled(wrong=typed.wrong)), 422
    flash("The PIN is set. From now on it is asked for besides the date of birth.")
    return redirect(url_for("console.patient", patient_id=patient_id), 303)


def remove(patient_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        to_be_changed(connection, patient_id)
        correcting.correct(connection, Filled(MultiDict({"pin": ""})), patient_id, ["pin"])
    flash("No PIN is asked for any more.")
    return redirect(url_for("console.patient", patient_id=patient_id), 303)


def _page(patient: Any, filled: Filled) -> str:
    return render_template("console/pin.html", patient=patient, filled=filled, lengths=limits()["pin"])
