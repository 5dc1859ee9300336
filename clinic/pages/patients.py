"""The clinic's patients: the list, and finding one."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic.finding import patients, search
from clinic.here import cursor, house, staff

STATUSES = ("active", "closed")


def show_list() -> ResponseReturnValue:
    """A slice of all, or of those who are looked for; every slice is one query of patients."""
    clinic, status = staff().clinic_id, request.args.get("status") or "active"
    find = request.args.get("find")
    typed = search.from_address(find) if find else ""
    if status not in STATUSES or typed is None:
        abort(404)
    sought = search.condition(clinic, typed, staff().line) if typed else None
    with house().database.reading() as connection:
        found = patients.patients(connection, clinic, cursor(), status=status, sought=sought)
        ids = [row.id for row in found.rows]
        numbers = patients.numbers(connection, clinic, ids)
        programmes = patients.enrolments(connection, clinic, ids, house().now().date())
    return render_template(
        "console/patients.html",
        found=found,
        numbers=numbers,
        programmes=programmes,
        typed=typed,
        find=find,
        status=status,
        statuses=STATUSES,
    )


def look_for() -> ResponseReturnValue:
    """To the list of those who are meant, at an address that tells nobody who."""
    typed = " ".join(request.form.get("words", "").split())[: search.LONGEST]
    status = request.form.get("status", "")
    find = search.to_address(typed) if typed else None
    shown = status if status in STATUSES[1:] else None
    return redirect(url_for("console.patients", find=find, status=shown), 303)
