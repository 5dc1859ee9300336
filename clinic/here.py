"""Who is asking, of which clinic, with what at hand: for the length of one request."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import abort, current_app, g, request
from sqlalchemy import Connection

from care import audit
from care.by_staff import Act
from clinic.finding import patients
from conversation.house import House


def house() -> House:
    return cast(House, current_app.extensions["careline"])


def staff() -> Any:
    """The person who is signed in: id, login, name, clinic_id, and the clinic's name, line and time zone."""
    return g.staff


def of_this_clinic(connection: Connection, patient_id: int) -> Any:
    """The row of a patient of this clinic; 404 for another's, and where there is none."""
    return patients.patient(connection, staff().clinic_id, patient_id) or abort(404)


def to_be_changed(connection: Connection, patient_id: int) -> Any:
    """The same for what changes her record: one that went into another is changed no more."""
    patient = of_this_clinic(connection, patient_id)
    return abort(404) if patient.status == "merged" else patient


def act(connection: Connection) -> Act:
    """What the person who is signed in does now, in this write."""
    return Act(house().database, connection, staff().clinic_id, staff().login, staff().name, house().now())


def note(connection: Connection, did: str, patient_id: int | None, about: str) -> None:
    """What the person who is signed in does, in the commit that does it."""
    audit.note(
        house().database,
        connection,
        by=staff().login,
        did=did,
        now=house().now(),
        clinic_id=staff().clinic_id,
        patient_id=patient_id,
        about=about,
    )


def cursor(name: str = "before") -> int | None:
    """An id in the address, from which a list goes on; 404 where it is none."""
    return _whole(request.args.get(name))


def of_patient() -> dict[str, int]:
    """The patient that a list is asked for, as a condition; none where it is asked for everyone."""
    patient = _whole(request.args.get("patient"))
    return {} if patient is None else {"patient_id": patient}


def of_task() -> int | None:
    """The task that a form was opened from."""
    return _whole(request.args.get("task"))


def today() -> date:
    """The day at the clinic."""
    return house().now().astimezone(ZoneInfo(staff().timezone)).date()


def _whole(word: str | None) -> int | None:
    if not word:
        return None
    if not (word.isascii() and word.isdigit() and len(word) < 18):
        abort(404)
    return int(word)
