"""When one patient is reminded of her visits, and by what; or the clinic's own setting for her again."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from care.reminders import settings
from care.rules import reminder_times
from care.rules.reminder_times import Setting
from clinic.filling import Filled, filled_with
from clinic.here import house, note, staff, to_be_changed
from clinic.words import words

SAYS_WHAT = "Write times before the visit, like 7d 1d 2h: 7 days, 1 day and 2 hours."


def show(patient_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        patient = to_be_changed(connection, patient_id)
        setting = settings.of_patient(connection, staff().clinic_id, patient_id)
        return _page(connection, patient, filled_with(written(setting)))


def save(patient_id: int) -> ResponseReturnValue:
    filled = Filled(request.form)
    said = read(filled)
    with house().database.writing() as connection:
        patient = to_be_changed(connection, patient_id)
        if said is None:
            return _page(connection, patient, filled), 422
        write(connection, patient_id, said)
    flash("Reminders go by that from now on.")
    return redirect(url_for("console.patient", patient_id=patient_id, _anchor="visits"), 303)


def as_everybody(patient_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        to_be_changed(connection, patient_id)
        settings.remove(connection, staff().clinic_id, patient_id)
        note(connection, "removed_reminder_setting", patient_id, "reminders")
    flash("Reminders go as for everybody.")
    return redirect(url_for("console.patient", patient_id=patient_id, _anchor="visits"), 303)


def written(setting: Setting) -> dict[str, str]:
    """As fields of a form."""
    return {"offsets": reminder_times.written(setting.offsets), "channels": setting.channels}


def read(filled: Filled) -> dict[str, str] | None:
    """What the form says, as `written` has it. None where it, or anything in it, can't be read: `filled` says why."""
    channels = filled.one_of("channels", settings.CHANNELS, "Say how the reminders go.")
    try:
        offsets = reminder_times.written(reminder_times.offsets_of(filled["offsets"]))
    except ValueError as why:
        sentence = str(why)
        filled.refuse("offsets", f"{sentence[:1].upper()}{sentence[1:]}. {SAYS_WHAT}")
    return None if filled.wrong else {"offsets": offsets, "channels": channels}


def write(connection: Connection, patient_id: int | None, said: dict[str, str]) -> None:
    """For one patient, or (None) for the clinic."""
    settings.write(
        house().database,
        connection,
        clinic_id=staff().clinic_id,
        patient_id=patient_id,
        by=staff().login,
        now=house().now(),
        offsets=said["offsets"],
        channels=said["channels"],
    )


def _page(connection: Connection, patient: Any, filled: Filled) -> str:
    clinic = staff().clinic_id
    return render_template(
        "console/reminders.html",
        patient=patient,
        filled=filled,
        channels=words()["reminders_by"],
        own=settings.is_her_own(connection, clinic, patient.id),
        everybody=written(settings.of_clinic(connection, clinic)),
    )
