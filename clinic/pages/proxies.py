"""Who may speak for one patient, of what and until when; and what she keeps to herself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from care import proxies
from care.proxies import Speaker
from care.rules import patient_cells as cells
from care.rules.patient_cells import Terms, written
from clinic import choices
from clinic.correcting import patient_rules
from clinic.filling import Filled, filled_with
from clinic.finding import patients
from clinic.here import act, house, staff, to_be_changed, today
from clinic.showing import as_dialled
from clinic.words import words


def show_new(patient_id: int) -> ResponseReturnValue:
    """For a child, with the day on which she comes of age."""
    with house().database.reading() as connection:
        patient = to_be_changed(connection, patient_id)
    return _page(patient, filled_with({"language": patient.language, "ends_on": _of_age(patient)}))


def add(patient_id: int) -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        patient = to_be_changed(connection, patient_id)
        speaker = _read(filled, patient_rules(connection))
        if not filled.wrong:
            proxies.add(act(connection), patient_id, speaker)
    if filled.wrong:
        return _page(patient, filled), 422
    flash(f"{speaker.name} may speak for this patient now.")
    return _back(patient_id)


def show_one(patient_id: int, proxy_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        patient, row = _speaks_for(connection, patient_id, proxy_id)
    kept = {**row._mapping, "number": as_dialled(row.number, staff().line)}
    return _page(patient, filled_with(kept), row)


def change(patient_id: int, proxy_id: int) -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        patient, row = _speaks_for(connection, patient_id, proxy_id)
        speaker = _read(filled, patient_rules(connection), row.ends_on)
        if not filled.wrong:
            proxies.change(act(connection), patient_id, proxy_id, speaker)
    if filled.wrong:
        return _page(patient, filled, row), 422
    flash("That is saved.")
    return _back(patient_id)


def remove(patient_id: int, proxy_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        _, row = _speaks_for(connection, patient_id, proxy_id)
        proxies.remove(act(connection), patient_id, proxy_id)
    flash(f"{row.name} no longer speaks for this patient.")
    return _back(patient_id)


def _read(filled: Filled, terms: Terms, ended_on: date | None = None) -> Speaker:
    """`ended_on` may be in the past where it stood there before: what has ended can be corrected."""
    topics = filled.some_of("topics", choices.topics())
    if not topics:
        filled.refuse("topics", "Say of what they may hear and speak: one topic at least.")
    ends_on = filled.cell("ends_on", cells.day, terms)
    if ends_on and ends_on < today() and ends_on != ended_on:
        filled.refuse("ends_on", "That day is past. Leave it empty where there is no end.")
    needed = "Give their own date of birth: they are confirmed by it."
    return Speaker(
        name=filled.cell("name", cells.name, terms, "Give the name of the person who speaks.") or "",
        relation=filled.one_of("relation", proxies.RELATIONS, "Say who this is to the patient."),
        birth_date=filled.cell("birth_date", cells.birth_date, terms, needed) or "",
        number=filled.cell("number", cells.number, terms, "Give the number that they call from.") or "",
        language=filled.one_of("language", choices.spoken(house().languages), "Choose a language."),
        topics=topics,
        ends_on=ends_on,
    )


def _of_age(patient: Any) -> str:
    """The last day on which a parent speaks for her; nothing for who is grown."""
    born = date.fromisoformat(patient.birth_date)
    years, leap_day = int(written()["of_age"]), (born.month, born.day) == (2, 29)
    birthday = born.replace(year=born.year + years, day=28 if leap_day else born.day)
    return (birthday - timedelta(days=1)).isoformat() if birthday > today() else ""


def _speaks_for(connection: Connection, patient_id: int, proxy_id: int) -> tuple[Any, Any]:
    patient = to_be_changed(connection, patient_id)
    speaking = patients.proxies(connection, staff().clinic_id, [patient_id])
    return patient, next((row for row in speaking if row.id == proxy_id), None) or abort(404)


def _page(patient: Any, filled: Filled, row: Any = None) -> str:
    return render_template(
        "console/proxy.html",
        patient=patient,
        filled=filled,
        row=row,
        relations={one: words()["relations"][one] for one in proxies.RELATIONS},
        topics=choices.topics(),
        languages=choices.spoken(house().languages),
    )


def _back(patient_id: int) -> ResponseReturnValue:
    return redirect(url_for("console.patient", patient_id=patient_id), 303)
