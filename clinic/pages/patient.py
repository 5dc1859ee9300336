"""One patient: what is known of her, how to reach her, her readings over time, and all talk with her."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from care.reminders import settings
from care.rules.blood_pressure import limits_of
from clinic import choices
from clinic.chart import draw
from clinic.finding import (
    alerts,
    behind_tasks,
    conversations,
    history,
    locks,
    messages,
    patients,
    readings,
    reminders,
    sent,
    tasks,
    visits,
)
from clinic.here import house, of_this_clinic, staff
from clinic.pages import consents
from clinic.pages.reminders import written

SHOWN = 10
READINGS_SHOWN = 30


def show(patient_id: int) -> ResponseReturnValue:
    clinic, now = staff().clinic_id, house().now()
    with house().database.reading() as connection:
        patient = of_this_clinic(connection, patient_id)
        programmes = patients.enrolments(connection, clinic, [patient_id], now.date())
        found = readings.readings(connection, clinic, most=READINGS_SHOWN, patient_id=patient_id)
        standing = consents.standing(connection, patient_id)
        parts = {
            **_known(connection, clinic, patient_id),
            **_visits(connection, clinic, patient_id),
            **_happened(connection, clinic, patient_id),
        }
    return render_template(
        "console/patient.html",
        patient=patient,
        programmes=programmes,
        standing=standing,
        consented="given" in standing["check_ins"].values(),
        readings=found,
        chart=draw(found.rows, _limits(programmes)),
        topics=choices.topics(),
        states=choices.states(),
        back=url_for("console.patient", patient_id=patient_id),
        **parts,
    )


def _known(connection: Connection, clinic: int, patient_id: int) -> dict[str, Any]:
    """How she is reached, by whom she may be spoken for, and what she agreed to."""
    numbers = patients.numbers(connection, clinic, [patient_id])
    proxies = patients.proxies(connection, clinic, [patient_id])
    hers = [row.number_hash for row in numbers]
    theirs = [row.number_hash for row in proxies]
    said = patients.consents(connection, clinic, patient_id, hers)
    return {
        "numbers": numbers,
        "proxies": proxies,
        "locks": locks.of_patient(connection, clinic, patient_id, [*hers, *theirs], house().now()),
        "number_by_hash": {row.number_hash: row.number for row in (*numbers, *proxies)},
        "consents": said,
        "staff_names": history.names(connection, clinic, said),
    }


def _visits(connection: Connection, clinic: int, patient_id: int) -> dict[str, Any]:
    """Her visits, what reminds her of each, and when she wishes to be reminded."""
    now = house().now()
    coming = visits.coming(connection, clinic, patient_id, now)
    past = visits.past(connection, clinic, patient_id, now)
    about = reminders.of_visits(connection, clinic, patient_id, [*coming.rows, *past.rows], now)
    said = [entry for one in about.values() for entry in one.said]
    return {
        "coming": coming,
        "past": past,
        "about_visits": about,
        "visit_staff": history.names(connection, clinic, said),
        "reminding": written(settings.of_patient(connection, clinic, patient_id)),
        "own_reminding": settings.is_her_own(connection, clinic, patient_id),
    }


def _happened(connection: Connection, clinic: int, patient_id: int) -> dict[str, Any]:
    """The newest of everything that came of talk with her."""
    out = sent.sent(connection, clinic, most=SHOWN, patient_id=patient_id)
    work = tasks.tasks(connection, clinic, most=SHOWN, patient_id=patient_id)
    return {
        "alerts": alerts.alerts(connection, clinic, most=SHOWN, patient_id=patient_id),
        "tasks": work,
        "behind": behind_tasks.behind(connection, clinic, work.rows),
        "conversations": conversations.conversations(connection, clinic, patient_id, most=SHOWN),
        "messages": messages.messages(connection, clinic, most=SHOWN, patient_id=patient_id),
        "sent": out,
        "words": sent.words(connection, out.rows),
    }


def _limits(programmes: Sequence[Any]) -> Mapping[str, Mapping[str, int]]:
    """The limits that her readings are judged by today."""
    first = programmes[0] if programmes else None
    return limits_of({"programme": first.programme, "limits": first.limits} if first else {})
