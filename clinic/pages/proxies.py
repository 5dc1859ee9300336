"""Who may speak for one patient, of what and until when; and what she keeps to herself."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from care import proxies
from care.proxies import Speaker
from clinic import choices
from clinic.filling import Filled, filled_with
from clinic.finding import patients
from clinic.here import act, house, staff, to_be_changed, today
from clinic.showing import as_dialled
from clinic.words import words


def show_new(patient_id: int) -> ResponseReturnValue:
    """For a child, with the day on which she comes of age."""
    with house().database.reading() as connection:
        patient = to_be_changed(connection, patient_id)
    of_age = proxies.comes_of_age(patient.birth_date)
    until = of_age.isoformat() if of_age > today() else ""
    return _page(patient, filled_with({"language": patient.language, "ends_on": until}))


def add(patient_id: int) -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        patient = to_be_changed(connection, patient_id)
        speaker = _read(filled, patient)
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
        speaker = _read(filled, patient, row.ends_on)
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


def show_own_topics(patient_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        patient = to_be_changed(connection, patient_id)
    return _own_page(patient, filled_with({"own_topics": patient.own_topics}))


def keep_own_topics(patient_id: int) -> ResponseReturnValue:
    topics = Filled(request.form).some_of("own_topics", choices.topics())
    with house().database.writing() as connection:
        to_be_changed(connection, patient_id)
        proxies.keep_to_herself(act(connection), patient_id, topics)
    flash("That is saved.")
    return _back(patient_id)


def _read(filled: Filled, patient: Any, ended_on: date | None = None) -> Speaker:
    """`ended_on` may be in the past where it stood there before: what has ended can be corrected."""
    topics = filled.some_of("topics", choices.topics())
    if not topics:
        filled.refuse("topics", "Say of what they may hear and speak. One topic at least.")
    ends_on = filled.day("ends_on")
    if ends_on and ends_on < today() and ends_on != ended_on:
        filled.refuse("ends_on", "That day is past. Leave it empty where it has no end.")
    return Speaker(
        name=filled.text("name", "Give the name of the person who speaks."),
        relation=filled.one_of("relation", proxies.RELATIONS, "Say who it is to this patient."),
        birth_date=filled.birth_date("birth_date", today()),
        number=filled.phone("number", staff().line),
        language=filled.one_of("language", choices.spoken(house().languages), "Choose a language."),
        topics=topics,
        ends_on=ends_on,
    )


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


def _own_page(patient: Any, filled: Filled) -> str:
    return render_template(
        "console/own_topics.html", patient=patient, filled=filled, topics=choices.topics()
    )


def _back(patient_id: int) -> ResponseReturnValue:
    return redirect(url_for("console.patient", patient_id=patient_id), 303)
