"""The wait list, and taking somebody off it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from care.scheduling import wait_list_by_staff
from clinic.finding import waiting
from clinic.here import act, cursor, house, staff
from records.appointments import Waiting
from records.clinics import Clinic


def show() -> ResponseReturnValue:
    clinic = staff().clinic_id
    with house().database.reading() as connection:
        found = waiting.waiting(connection, clinic, cursor("after"))
        offers = waiting.offers(connection, clinic, found.rows)
        how = connection.scalar(select(Clinic.wait_list).where(Clinic.id == clinic))
    return render_template("console/waiting.html", found=found, offers=offers, how=how)


def take_off(waiting_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        mine = select(Waiting.id).where(Waiting.id == waiting_id, Waiting.clinic_id == staff().clinic_id)
        if connection.scalar(mine) is None:
            abort(404)
        done = wait_list_by_staff.take_off(act(connection), waiting_id)
    flash("Taken off the list." if done else "That one does not wait any more.")
    return redirect(url_for("console.waiting"), 303)
