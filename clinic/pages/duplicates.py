"""Two records that may be one person: side by side, and a person decides."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from care import duplicates, merging
from clinic.finding import pairs, patients
from clinic.here import cursor, house, staff


def show() -> ResponseReturnValue:
    clinic = staff().clinic_id
    with house().database.reading() as connection:
        found = pairs.open_pairs(connection, clinic, cursor("after"))
        people = pairs.people(connection, clinic, found)
        ids = [row.id for row in people.rows]
        numbers = patients.numbers(connection, clinic, ids)
        programmes = patients.enrolments(connection, clinic, ids, house().now().date())
    return render_template(
        "console/duplicates.html",
        found=found,
        people=people,
        by_id={row.id: row for row in people.rows},
        numbers=numbers,
        programmes=programmes,
    )


def same_person(pair_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        pair = _pair(connection, pair_id)
        ids = [pair.first_id, pair.second_id]
        keep = request.form.get("keep", "")
        if keep not in map(str, ids):
            abort(400)
        kept = int(keep)
        [gone] = [one for one in ids if one != kept]
        merged = pair.state == "open" and merging.merge(
            house().database,
            connection,
            clinic_id=staff().clinic_id,
            keep=kept,
            gone=gone,
            by=staff().login,
            now=house().now(),
        )
    flash("One record now holds both." if merged else _decided(pair))
    return redirect(url_for("console.duplicates"), 303)


def not_the_same(pair_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        pair = _pair(connection, pair_id)
        decided = duplicates.not_the_same(
            house().database,
            connection,
            clinic_id=staff().clinic_id,
            pair_id=pair_id,
            by=staff().login,
            now=house().now(),
        )
    flash("Both are left as they are, and nobody is asked about them again." if decided else _decided(pair))
    return redirect(url_for("console.duplicates"), 303)


def _pair(connection: Connection, pair_id: int) -> Any:
    return pairs.pair(connection, staff().clinic_id, pair_id) or abort(404)


def _decided(pair: Any) -> str:
    return f"Somebody has decided on these two already: {pair.decided_by}."
