"""A visit is booked for a patient, or moved: what is wanted, the times that are free, the one that is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from care.rules.visit_reasons import VISIT_KINDS, reasons
from care.scheduling import book_for
from care.scheduling.book_for import NotComing, NotTheirs, Time
from care.scheduling.offers import Offer, Wanted
from clinic import looking_for_times as looking
from clinic.filling import Filled, filled_with
from clinic.finding import clinicians
from clinic.here import house, note, staff, to_be_changed, today
from clinic.looking_for_times import Lists
from clinic.pages import visits
from clinic.words import words
from records.clinics import Clinic
from records.database import Taken

GONE = "That time was taken meanwhile. These are free now."
WORDS_LONGEST = 500


def show_new(patient_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        patient = _active(connection, patient_id)
        lists = _lists(connection)
        return _page(connection, patient, None, filled_with({"visit_kind": "audio", "day": today()}), lists)


def look(patient_id: int) -> ResponseReturnValue:
    """The form, with the times that are free; nothing is changed."""
    return _look(patient_id, None)


def book(patient_id: int) -> ResponseReturnValue:
    def do(connection: Connection, time: Time, filled: Filled) -> None:
        book_for.book(
            house().database,
            connection,
            clinic_id=staff().clinic_id,
            patient_id=patient_id,
            time=time,
            reason=filled["reason"],
            words=" ".join(filled["words"].split())[:WORDS_LONGEST] or None,
            by=staff().login,
            now=house().now(),
        )

    return _take(patient_id, None, do, "The visit is booked.")


def show_move(patient_id: int, visit_id: int) -> ResponseReturnValue:
    """With what the visit is now."""
    with house().database.reading() as connection:
        patient, visit = visits.hers_to_change(connection, patient_id, visit_id)
        first = {"visit_kind": visit.visit_kind, "day": today(), "clinician": str(visit.clinician_id)}
        hub = {"place": str(visit.place_id)} if visit.place_kind == "hub" else {}
        return _page(connection, patient, visit, filled_with(first | hub), _lists(connection))


def look_to_move(patient_id: int, visit_id: int) -> ResponseReturnValue:
    return _look(patient_id, visit_id)


def move(patient_id: int, visit_id: int) -> ResponseReturnValue:
    def do(connection: Connection, time: Time, filled: Filled) -> None:
        book_for.move(
            house().database,
            connection,
            clinic_id=staff().clinic_id,
            visit=visit_id,
            patient_id=patient_id,
            time=time,
            by=staff().login,
            now=house().now(),
        )

    return _take(patient_id, visit_id, do, "The visit is moved. Reminders follow it.")


def _look(patient_id: int, visit_id: int | None) -> ResponseReturnValue:
    filled = Filled(request.form.copy())
    with house().database.reading() as connection:
        patient, visit = _whose(connection, patient_id, visit_id)
        lists = _lists(connection)
        what = _wanted(filled, lists, patient, visit)
        page = _page(connection, patient, visit, filled, lists, what)
    if what is None:
        return page, 422
    with house().database.writing() as connection:
        note(connection, "looked_for_visit_times", patient_id, f"visit:{visit_id}" if visit_id else "")
    return page


def _take(
    patient_id: int, visit_id: int | None, do: Callable[[Connection, Time, Filled], None], said: str
) -> ResponseReturnValue:
    """Take the time that is marked; where somebody was quicker, the next ones are offered."""
    filled = Filled(request.form.copy())
    try:
        with house().database.writing() as connection:
            patient, visit = _whose(connection, patient_id, visit_id)
            lists = _lists(connection)
            what = _wanted(filled, lists, patient, visit)
            if what is None or not filled["offer"]:
                filled.refuse("offer", "Mark one of the times.")
            else:
                offer = looking.chosen(connection, what, filled["offer"], house().now())
                if offer is None:
                    filled.refuse("offer", GONE)
                else:
                    zone = _zone_meant(what, patient, lists)
                    do(connection, replace(Time.of(offer.to_json()), timezone=zone), filled)
    except Taken:
        filled.refuse("offer", GONE)
    except NotTheirs:
        abort(404)
    except NotComing:
        flash(visits.NO_MORE)
        return redirect(url_for("console.patient", patient_id=patient_id), 303)
    if filled.wrong:
        return _again(patient_id, visit_id, filled), 422
    flash(said)
    return redirect(url_for("console.patient", patient_id=patient_id, _anchor="visits"), 303)


def _again(patient_id: int, visit_id: int | None, filled: Filled) -> str:
    """The form with what is free now; what is wrong stays said."""
    with house().database.reading() as connection:
        patient, visit = _whose(connection, patient_id, visit_id)
        lists = _lists(connection)
        return _page(
            connection, patient, visit, filled, lists, _wanted(Filled(filled.typed), lists, patient, visit)
        )


def _active(connection: Connection, patient_id: int) -> Any:
    """Who is no longer with the clinic is booked no visit."""
    patient = to_be_changed(connection, patient_id)
    return patient if patient.status == "active" else abort(404)


def _whose(connection: Connection, patient_id: int, visit_id: int | None) -> tuple[Any, Any]:
    if visit_id is None:
        return _active(connection, patient_id), None
    return visits.hers_to_change(connection, patient_id, visit_id)


def _wanted(filled: Filled, lists: Lists, patient: Any, visit: Any) -> Wanted | None:
    """A visit that is moved keeps its reason and its length."""
    if visit is not None:
        minutes = int((visit.ends_at - visit.starts_at).total_seconds() // 60)
        reason = visit.reason if visit.reason in reasons() else "other"
        filled.typed["reason"], filled.typed["minutes"] = reason, str(minutes)
    return looking.wanted(filled, lists, patient, staff().clinic_id, staff().timezone, today())


def _zone_meant(what: Wanted, patient: Any, lists: Lists) -> str:
    """The zone in which the patient is told the time: where she is then."""
    if what.place_id is not None:
        return lists.zones[what.place_id]
    return str(staff().timezone if what.visit_kind == "in_person" else patient.timezone)


def _lists(connection: Connection) -> Lists:
    people = clinicians.clinicians(connection, staff().clinic_id)
    places = clinicians.places(connection, staff().clinic_id)
    return Lists(
        {str(one.id): one.name for one in people if one.active},
        {str(one.id): one.name for one in places if one.active and one.kind == "hub"},
        {one.id: one.timezone for one in places},
    )


def _page(
    connection: Connection, patient: Any, visit: Any, filled: Filled, lists: Lists, what: Wanted | None = None
) -> str:
    times: Sequence[Offer] = looking.found(connection, what, house().now()) if what else []
    master = connection.scalar(select(Clinic.schedule_master).where(Clinic.id == staff().clinic_id))
    return render_template(
        "console/book_visit.html",
        patient=patient,
        visit=visit,
        filled=filled,
        lists=lists,
        looked=what is not None,
        what=what,
        times=times,
        name_of=looking.name_of,
        nothing=looking.why_nothing(what) if what and not times else None,
        outside=master == "outside",
        reasons={name: words()["visit_reasons"].get(name, name) for name in reasons()},
        lengths={name: reason.minutes for name, reason in reasons().items()},
        kinds={kind: words()["visit_kinds"][kind] for kind in VISIT_KINDS},
    )
