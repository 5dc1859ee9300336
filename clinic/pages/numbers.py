"""The numbers of one patient: add one, correct one, take one off, and say that one is right after all."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from care import by_staff, numbers
from care.rules import patient_cells as cells
from care.rules.patient_cells import Terms
from clinic.correcting import patient_rules
from clinic.filling import Filled, filled_with
from clinic.finding import patients, tasks
from clinic.here import act, house, of_task, staff, to_be_changed
from clinic.showing import as_dialled
from clinic.words import words

PLACES = {"0": "first", "1": "second", "2": "third", "3": "after those"}
"""In which order her numbers are tried, by the rank that is kept."""
HAS_IT = "This patient has that number already."


def show_new(patient_id: int) -> ResponseReturnValue:
    """Empty, or with the number that she called from where a task says that it is hers."""
    with house().database.reading() as connection:
        patient = to_be_changed(connection, patient_id)
        hers = patients.numbers(connection, staff().clinic_id, [patient_id])
        task = _task(connection)
    called_from = as_dialled(task.details.get("number"), staff().line) if task else ""
    rank = str(min(len(hers), len(PLACES) - 1))
    return _page(patient, filled_with({"number": called_from, "kind": "mobile", "rank": rank}))


def add(patient_id: int) -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        patient = to_be_changed(connection, patient_id)
        number = _read(filled, patient_rules(connection))
        task = _task(connection)
        if not filled.wrong and not numbers.add(act(connection), patient_id, number):
            filled.refuse("number", HAS_IT)
        if not filled.wrong and task:
            by_staff.finish_task(connection, staff().clinic_id, task.id, staff().name, house().now())
            act(connection).note("finished_task", task.patient_id, f"task:{task.id}")
    if filled.wrong:
        return _page(patient, filled), 422
    flash("The number is registered, and the task is done." if task else "The number is registered.")
    return _back(patient_id)


def show_one(patient_id: int, number_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        patient, row = _hers(connection, patient_id, number_id)
    kept = {**row._mapping, "number": as_dialled(row.number, staff().line)}
    return _page(patient, filled_with({**kept, "rank": str(min(row.rank, len(PLACES) - 1))}), row)


def change(patient_id: int, number_id: int) -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        patient, row = _hers(connection, patient_id, number_id)
        number = _read(filled, patient_rules(connection))
        if not filled.wrong and not numbers.change(act(connection), patient_id, number_id, number):
            filled.refuse("number", HAS_IT)
    if filled.wrong:
        return _page(patient, filled, row), 422
    flash("The number is saved.")
    return _back(patient_id)


def remove(patient_id: int, number_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        _hers(connection, patient_id, number_id)
        numbers.remove(act(connection), patient_id, number_id)
    flash("The number is taken off. What waited to go there goes nowhere.")
    return _back(patient_id)


def is_right(patient_id: int, number_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        _hers(connection, patient_id, number_id)
        numbers.is_right(act(connection), patient_id, number_id)
    flash("The number is used again.")
    return _back(patient_id)


def _read(filled: Filled, terms: Terms) -> numbers.Number:
    kind = filled.one_of("kind", numbers.KINDS, "Say what kind of number it is.")
    if filled.ticked("text_only") and kind != "mobile":
        filled.refuse("text_only", "Only a mobile takes texts. Choose mobile, or take the mark away.")
    rank = filled.one_of("rank", PLACES, "Say when this number is tried.")
    return numbers.Number(
        number=filled.cell("number", cells.number, terms, "Give a phone number, with its area code.") or "",
        kind=kind,
        shared=filled.ticked("shared"),
        text_only=filled.ticked("text_only"),
        rank=int(rank) if rank in PLACES else 0,
    )


def _hers(connection: Connection, patient_id: int, number_id: int) -> tuple[Any, Any]:
    patient = to_be_changed(connection, patient_id)
    hers = patients.numbers(connection, staff().clinic_id, [patient_id])
    return patient, next((row for row in hers if row.id == number_id), None) or abort(404)


def _task(connection: Connection) -> Any:
    """The task that says that a number is hers, while it is open."""
    task_id = of_task()
    found = tasks.task(connection, staff().clinic_id, task_id) if task_id else None
    return found if found and found.reason == "changed_number" and found.state == "open" else None


def _page(patient: Any, filled: Filled, row: Any = None) -> str:
    kinds = {kind: words()["number_kinds"][kind] for kind in numbers.KINDS}
    return render_template(
        "console/number.html", patient=patient, filled=filled, row=row, kinds=kinds, places=PLACES
    )


def _back(patient_id: int) -> ResponseReturnValue:
    return redirect(url_for("console.patient", patient_id=patient_id), 303)
