"""Sending to many: who it is for, what it says in each language, who agrees to it, and a stop at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from care import bulk
from care.bulk import Audience, NotAllowed, Preview
from care.rules import bulk as rules
from clinic.filling import Filled, filled_with
from clinic.finding import bulk as finding
from clinic.here import act, cursor, house, staff, today
from conversation.opening import first_texts
from records.clinics import Clinic

WHOM: Mapping[str, str] = {
    "visits": "Everyone with a visit on these days",
    "programme": "Everyone in a programme today",
}
WHAT = "please_call"


def show_list() -> ResponseReturnValue:
    with house().database.reading() as connection:
        found = finding.sends(connection, staff().clinic_id, cursor())
    return render_template("console/bulk.html", found=found, whose=None)


def show_new() -> ResponseReturnValue:
    day = (today() + timedelta(days=1)).isoformat()
    return _form(filled_with({"whom": "visits", "from": day, "until": day}))


def draft() -> ResponseReturnValue:
    filled = Filled(request.form)
    with house().database.writing() as connection:
        audience = _audience(connection, filled)
        made = bulk.draft(act(connection), WHAT, audience) if audience else None
    if audience and made is None:
        filled.refuse("whom", "There is nobody like that.")
    if made is None:
        return _form(filled), 422
    return redirect(url_for("console.bulk_send", bulk_id=made), 303)


def show_one(bulk_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        row = finding.send(connection, staff().clinic_id, bulk_id) or abort(404)
        clinic = connection.execute(select(Clinic.__table__).where(Clinic.id == row.clinic_id)).one()
        preview = bulk.preview(connection, row, house().now())
        became = finding.became(connection, bulk_id)
        named = finding.clinicians(connection, row.clinic_id)
    return render_template(
        "console/bulk_one.html",
        row=row,
        preview=preview,
        became=became,
        audience=Audience.from_json(row.audience),
        clinicians=named,
        may_not=rules.why_not_by(staff().login, row.made_by, row.people),
        **_words(row.what, preview, clinic),
    )


def agree(bulk_id: int) -> ResponseReturnValue:
    return _do(bulk_id, bulk.agree, "It goes out, as quiet hours, caps and the phone company allow.")


def stop(bulk_id: int) -> ResponseReturnValue:
    return _do(bulk_id, bulk.stop, "It is stopped. What had not begun to be sent does not go out.")


def _do(bulk_id: int, what: Any, done: str) -> ResponseReturnValue:
    with house().database.writing() as connection:
        finding.send(connection, staff().clinic_id, bulk_id) or abort(404)
        try:
            what(act(connection), bulk_id)
        except NotAllowed as why:
            done = str(why)
    flash(done)
    return redirect(url_for("console.bulk_send", bulk_id=bulk_id), 303)


def _words(what: str, preview: Preview, clinic: Any) -> dict[str, Any]:
    """The texts in each language that it would go out in, and what they all cost."""
    flow = rules.whats()[what].flows["text"]
    wanted = sorted({language for language, channel in preview.ways if channel == "text"})
    texts = {language: first_texts(house(), flow, clinic, language) for language in wanted}
    prices = house().prices
    price = sum(
        many * prices.text(clinic.line, sum(texts[language].segments))
        if channel == "text"
        else many * prices.call(clinic.line, 1)
        for (language, channel), many in preview.ways.items()
    )
    return {"texts": texts, "price": price}


def _audience(connection: Connection, filled: Filled) -> Audience | None:
    """Whom a form means; None where something of it has to be mended."""
    if filled.one_of("whom", WHOM, "Say whom it is for.") == "programme":
        names = finding.programmes(connection, staff().clinic_id)
        programme = filled.one_of("programme", names, "Choose a programme.")
        return None if filled.wrong else Audience(programme=programme)
    first, last = _day(filled, "from"), _day(filled, "until")
    known = finding.clinicians(connection, staff().clinic_id)
    clinician = filled.one_of("clinician", ("", *known), "Choose a clinician of the clinic, or anyone.")
    if first and last and last < first:
        filled.refuse("until", "The last day is before the first.")
    if filled.wrong or first is None or last is None:
        return None
    return Audience(_begins(first), _begins(last + timedelta(days=1)), int(clinician) if clinician else None)


def _day(filled: Filled, name: str) -> date | None:
    try:
        return date.fromisoformat(filled[name].strip())
    except ValueError:
        filled.refuse(name, "Write the day as year, month and day, like 2026-11-30.")
        return None


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(staff().timezone)).astimezone(UTC)


def _form(filled: Filled) -> str:
    with house().database.reading() as connection:
        clinicians = finding.clinicians(connection, staff().clinic_id)
        programmes = finding.programmes(connection, staff().clinic_id)
    return render_template(
        "console/bulk_new.html",
        patient=None,
        filled=filled,
        whom=WHOM,
        clinicians=clinicians,
        programmes={name: name.capitalize() for name in programmes},
    )
