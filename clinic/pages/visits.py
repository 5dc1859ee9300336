"""What becomes of a visit: she came, or did not, or comes, or it is called off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from care.scheduling import book_for
from care.scheduling.book_for import NotComing
from clinic.filling import Filled
from clinic.finding import visits
from clinic.here import house, of_this_clinic, staff, to_be_changed
from clinic.pages.acts import back

ACTS: Mapping[str, tuple[Callable[..., None], str]] = {
    "confirmed": (book_for.confirm, "Written down: the patient comes."),
    "done": (book_for.mark_done, "Written down: the patient came."),
    "missed": (
        book_for.mark_missed,
        "Written down: the patient did not come. Who has agreed to reminders is offered another visit.",
    ),
}
"""By the state that the visit gets: what does it, and what staff read then."""
NO_MORE = "That can't be done with this visit any more: look at how it stands now."


def mark(patient_id: int, visit_id: int) -> ResponseReturnValue:
    """`state` in the form says how it stands."""
    with house().database.writing() as connection:
        hers(connection, patient_id, visit_id)
        do, said = ACTS.get(request.form.get("state", "")) or abort(400)
        done = _done(connection, visit_id, do)
    flash(said if done else NO_MORE)
    return back()


def show_call_off(patient_id: int, visit_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        patient, visit = hers(connection, patient_id, visit_id)
    return render_template("console/call_off.html", patient=patient, visit=visit, filled=Filled())


def call_off(patient_id: int, visit_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        hers(connection, patient_id, visit_id)
        done = _done(connection, visit_id, book_for.call_off)
    flash("The visit is called off. Its time is free again." if done else NO_MORE)
    return back()


def hers(connection: Connection, patient_id: int, visit_id: int) -> tuple[Any, Any]:
    """The patient and her visit; 404 where it is not hers, or not this clinic's."""
    patient = of_this_clinic(connection, patient_id)
    return patient, visits.one(connection, staff().clinic_id, patient_id, visit_id) or abort(404)


def hers_to_change(connection: Connection, patient_id: int, visit_id: int) -> tuple[Any, Any]:
    """The same, of a record that is open."""
    to_be_changed(connection, patient_id)
    return hers(connection, patient_id, visit_id)


def _done(connection: Connection, visit_id: int, do: Callable[..., None]) -> bool:
    """False where it is over, or called off, or has not begun."""
    try:
        do(
            house().database,
            connection,
            clinic_id=staff().clinic_id,
            visit=visit_id,
            by=staff().login,
            now=house().now(),
        )
    except NotComing:
        return False
    return True
