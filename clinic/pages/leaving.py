"""A patient leaves the clinic: her record is closed, opened again, or deleted for good."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from care import deleting, patients
from care.rules.name_words import folded
from clinic.filling import Filled
from clinic.here import house, staff, to_be_changed


def show_close(patient_id: int) -> ResponseReturnValue:
    return _page("console/close.html", patient_id)


def close(patient_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        patient = to_be_changed(connection, patient_id)
        change = patients.close if patient.status == "active" else patients.reopen
        changed = change(
            house().database,
            connection,
            clinic_id=staff().clinic_id,
            patient_id=patient_id,
            by=staff().login,
            now=house().now(),
        )
    if changed:
        flash("The record is closed." if patient.status == "active" else "The record is open again.")
    return redirect(url_for("console.patient", patient_id=patient_id), 303)


def show_delete(patient_id: int) -> ResponseReturnValue:
    return _page("console/delete.html", patient_id)


def delete(patient_id: int) -> ResponseReturnValue:
    """Only where the name is typed as it stands on the page, capitals and accents aside."""
    filled = Filled(request.form)
    with house().database.writing() as connection:
        patient = to_be_changed(connection, patient_id)
        typed = " ".join(folded(filled["name"]).split())
        if typed != " ".join(folded(patient.name).split()):
            filled.refuse("name", f"Type the name as it is written above: {patient.name}.")
        else:
            deleting.delete_patient(
                house().database,
                connection,
                clinic_id=staff().clinic_id,
                patient_id=patient_id,
                recordings=house().settings.recordings_dir,
                by=staff().login,
                now=house().now(),
            )
    if filled.wrong:
        return render_template("console/delete.html", patient=patient, filled=filled), 422
    flash("The record is deleted.")
    return redirect(url_for("console.patients"), 303)


def _page(template: str, patient_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        patient: Any = to_be_changed(connection, patient_id)
    return render_template(template, patient=patient, filled=Filled())
