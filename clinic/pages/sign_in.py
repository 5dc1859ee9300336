"""Signing in and out."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic import signing_in, staff_sessions
from clinic.demo import PASSWORD
from clinic.here import house, note

LONGEST_FIELD = 200
REFUSED = (
    "That did not work. Check login and password. After five wrong tries a login rests for 15 minutes,"
    " for the right password too."
)
"""The same words for every reason, so that they tell nobody which logins there are."""


def show() -> ResponseReturnValue:
    if staff_sessions.person(house().database, house().now(), counts_as_use=False):
        return redirect(url_for("console.now"), 303)
    return _form()


def sign_in() -> ResponseReturnValue:
    login = request.form.get("login", "").strip()[:LONGEST_FIELD]
    password = request.form.get("password", "")[:LONGEST_FIELD]
    row = signing_in.check(house().database, login, password, house().now())
    if row is None:
        return _form(REFUSED, login), 401
    staff_sessions.begin(row, house().now())
    return redirect(url_for("console.now"), 303)


def sign_out() -> ResponseReturnValue:
    with house().database.writing() as connection:
        note(connection, "signed_out", None, "")
    staff_sessions.end()
    flash("You are signed out.")
    return redirect(url_for("console.show_sign_in"), 303)


def _form(refused: str = "", login: str = "") -> str:
    demo_password = PASSWORD if house().settings.demo else None
    return render_template("console/sign_in.html", refused=refused, login=login, demo_password=demo_password)
