"""How the clinic works: who decides over the schedule, how a freed time is offered, missed calls, reminders."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from care.reminders import settings
from care.scheduling import clinic_settings
from clinic.filling import Filled, filled_with
from clinic.here import act, house, note, staff
from clinic.pages import reminders
from clinic.words import words
from records.clinics import Clinic

SAY = {
    "schedule_master": "Say who decides over the schedule.",
    "wait_list": "Say to whom a freed time is offered.",
    "call_back": "Say what becomes of a missed call.",
}


def show() -> ResponseReturnValue:
    with house().database.reading() as connection:
        columns = [getattr(Clinic, name) for name in SAY]
        row = connection.execute(select(*columns).where(Clinic.id == staff().clinic_id)).one()
        reminding = settings.of_clinic(connection, staff().clinic_id)
    return _page(filled_with({**row._mapping, **reminders.written(reminding)}))


def save() -> ResponseReturnValue:
    filled = Filled(request.form)
    values = {
        name: filled.one_of(name, clinic_settings.CHOICES[name], needed) for name, needed in SAY.items()
    }
    said = reminders.read(filled)
    if said is None:
        return _page(filled), 422
    with house().database.writing() as connection:
        if said != reminders.written(settings.of_clinic(connection, staff().clinic_id)):
            reminders.write(connection, None, said)
            note(connection, "set_reminders", None, f"clinic:{said['offsets'] or 'none'}:{said['channels']}")
        clinic_settings.choose(act(connection), values)
    flash("That is saved, and holds from now on.")
    return redirect(url_for("console.settings"), 303)


def _page(filled: Filled) -> str:
    return render_template(
        "console/settings.html",
        filled=filled,
        masters=words()["schedule_masters"],
        wait_lists=words()["wait_lists"],
        call_backs=words()["call_backs"],
        channels=words()["reminders_by"],
    )
