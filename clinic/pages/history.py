"""The audit of one patient, for whoever asks who saw and changed her record."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from clinic.finding import history
from clinic.here import cursor, house, of_this_clinic, staff


def show(patient_id: int) -> ResponseReturnValue:
    clinic = staff().clinic_id
    with house().database.reading() as connection:
        patient = of_this_clinic(connection, patient_id)
        found = history.entries(connection, clinic, patient_id, cursor())
        people = history.names(connection, clinic, found.rows)
    return render_template("console/history.html", patient=patient, found=found, people=people)
