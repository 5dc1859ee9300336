"""What is written of a patient, a form a part: who she is, how contact is safe, what she keeps to herself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from care import patients as kept
from clinic import choices, correcting
from clinic.filling import Filled, filled_with
from clinic.finding import patients, tasks
from clinic.here import house, of_task, staff, to_be_changed
from clinic.showing import as_dialled, language_name
from clinic.words import words


@dataclass(frozen=True)
class Part:
    """A form of its own; its fields are named as the columns of a row (docs/people.md)."""

    template: str
    columns: tuple[str, ...]
    saved: str


WHO = Part(
    "console/details.html",
    (
        "name", "birth_date", "record_number", "language", "other_languages", "interpreter",
        "time_zone", "state", "address",
    ),
    "The record is corrected.",
)  # fmt: skip
SAFE = Part(
    "console/safe_contact.html",
    ("safe_hours", "safe_number", "safe_name", "never_text", "never_call", "no_voicemail"),
    "How contact is safe is saved: it holds from now on.",
)
OWN = Part("console/own_topics.html", ("own_topics",), "That is saved.")
FIRST_NUMBER = ("number", "number_kind", "number_shared", "number_text_only")


def show_details(patient_id: int) -> ResponseReturnValue:
    return _show(WHO, patient_id)


def correct_details(patient_id: int) -> ResponseReturnValue:
    return _correct(WHO, patient_id)


def show_safe_contact(patient_id: int) -> ResponseReturnValue:
    return _show(SAFE, patient_id)


def correct_safe_contact(patient_id: int) -> ResponseReturnValue:
    return _correct(SAFE, patient_id)


def show_own_topics(patient_id: int) -> ResponseReturnValue:
    return _show(OWN, patient_id)


def correct_own_topics(patient_id: int) -> ResponseReturnValue:
    return _correct(OWN, patient_id)


def show_new() -> ResponseReturnValue:
    """Empty, or with what somebody unknown left whom a task asks to call."""
    with house().database.reading() as connection:
        task = tasks.task(connection, staff().clinic_id, of_task() or 0)
    asked = task.details if task else {}
    number = as_dialled(asked.get("callback_number") or asked.get("number"), staff().line)
    spoken = asked.get("language") if asked.get("language") in house().languages else ""
    first = {"number": number, "number_kind": "mobile", "time_zone": staff().timezone, "language": spoken}
    return _page(WHO, None, filled_with(first))


def register() -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        patient_id = correcting.register(connection, filled, (*WHO.columns, *FIRST_NUMBER))
    if patient_id is None:
        return _page(WHO, None, filled), 422
    flash("The patient is registered.")
    return redirect(url_for("console.patient", patient_id=patient_id), 303)


def _show(part: Part, patient_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        patient = to_be_changed(connection, patient_id)
        row = kept.as_row(connection, staff().clinic_id, patient_id)
        hers = _numbers(connection, patient_id)
    return _page(part, patient, filled_with(_in_words(row)), hers)


def _correct(part: Part, patient_id: int) -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        patient = to_be_changed(connection, patient_id)
        hers = _numbers(connection, patient_id)
        saved = correcting.correct(connection, filled, patient_id, part.columns)
    if not saved:
        return _page(part, patient, filled, hers), 422
    flash(part.saved)
    return redirect(url_for("console.patient", patient_id=patient_id), 303)


def _numbers(connection: Connection, patient_id: int) -> Mapping[str, str]:
    rows = patients.numbers(connection, staff().clinic_id, [patient_id])
    return {row.number: as_dialled(row.number, staff().line) for row in rows}


def _in_words(row: Mapping[str, str]) -> Mapping[str, Any]:
    """The row with languages by their names, and what is ticked one by one."""
    others = [language_name(tag) for tag in row["other_languages"].split(", ") if tag]
    return {
        **row,
        "other_languages": ", ".join(others),
        "interpreter": language_name(row["interpreter"]),
        "own_topics": [topic for topic in row["own_topics"].split(", ") if topic],
    }


def _page(part: Part, patient: Any, filled: Filled, numbers: Mapping[str, str] | None = None) -> str:
    return render_template(
        part.template,
        patient=patient,
        filled=filled,
        numbers=numbers or {},
        spoken=choices.spoken(house().languages),
        every_language=choices.every_language(),
        timezones=choices.timezones(filled["time_zone"] or staff().timezone),
        states=choices.states(),
        kinds=words()["number_kinds"],
        topics=choices.topics(),
    )
