"""One patient: how to reach her, her readings over time, and all talk with her."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue

from care import reach
from care.rules import consent
from care.rules.blood_pressure import limits_of
from clinic.chart import draw
from clinic.finding import alerts, conversations, messages, patients, readings, sent, tasks
from clinic.here import house, staff

SHOWN = 10
READINGS_SHOWN = 30


def show(patient_id: int) -> ResponseReturnValue:
    clinic, now = staff().clinic_id, house().now()
    with house().database.reading() as connection:
        patient = patients.patient(connection, clinic, patient_id) or abort(404)
        programmes = patients.enrolments(connection, clinic, [patient_id], now.date())
        found = readings.readings(connection, clinic, most=READINGS_SHOWN, patient_id=patient_id)
        her = reach.people(connection, [patient_id], now)[patient_id]
        out = sent.sent(connection, clinic, most=SHOWN, patient_id=patient_id)
        parts = {
            "numbers": patients.numbers(connection, clinic, [patient_id]),
            "alerts": alerts.alerts(connection, clinic, most=SHOWN, patient_id=patient_id),
            "tasks": tasks.tasks(connection, clinic, most=SHOWN, patient_id=patient_id),
            "conversations": conversations.conversations(connection, clinic, patient_id, most=SHOWN),
            "messages": messages.messages(connection, clinic, most=SHOWN, patient_id=patient_id),
            "words": sent.words(connection, out.rows),
        }
    return render_template(
        "console/patient.html",
        patient=patient,
        programmes=programmes,
        consented="check_ins" in consent.topics_given(her.words),
        readings=found,
        chart=draw(found.rows, _limits(programmes)),
        sent=out,
        back=url_for("console.patient", patient_id=patient_id),
        **parts,
    )


def _limits(programmes: Sequence[Any]) -> Mapping[str, Mapping[str, int]]:
    """The limits that her readings are judged by today."""
    first = programmes[0] if programmes else None
    return limits_of({"programme": first.programme, "limits": first.limits} if first else {})
