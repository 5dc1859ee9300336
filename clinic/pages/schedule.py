"""A day's visits, clinician by clinician."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from care.rules.working_hours import day_begins
from clinic.finding import clinicians, visits
from clinic.here import cursor, house, staff, today

DAY = timedelta(days=1)
FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)
"""Days that can be looked at: beyond them no calendar goes."""


@dataclass(frozen=True)
class OfClinician:
    """One clinician's day: her `hours` then, why she is `off`, and her `visits`."""

    clinician: Any
    hours: Sequence[Any]
    off: Sequence[Any]
    visits: Sequence[Any]


def show() -> ResponseReturnValue:
    """Of today, or of `?day=`; of everybody, or of `?clinician=`."""
    clinic, day, who = staff().clinic_id, _day(), cursor("clinician")
    with house().database.reading() as connection:
        everybody = clinicians.clinicians(connection, clinic)
        if who is not None and who not in {one.id for one in everybody}:
            abort(404)
        found = visits.of_day(connection, clinic, *span_of(day), who)
        hours = clinicians.hours(connection, clinic, day)
        off = clinicians.days_off(connection, clinic, day, day)
    shown = [one for one in everybody if who in (None, one.id)]
    return render_template(
        "console/schedule.html",
        found=found,
        parts=list(_parts(shown, hours, off, found.rows, day)),
        holidays=[row for row in off if row.clinician_id is None],
        everybody=[one for one in everybody if one.active or one.id == who],
        day=day,
        who=who,
        before=day - DAY,
        after=day + DAY,
        back=request.full_path.rstrip("?"),
    )


def span_of(day: date) -> tuple[datetime, datetime]:
    """A day at the clinic, in UTC."""
    return day_begins(day, staff().timezone), day_begins(day + DAY, staff().timezone)


def _parts(
    shown: Sequence[Any], hours: Sequence[Any], off: Sequence[Any], found: Sequence[Any], day: date
) -> Iterator[OfClinician]:
    """Those who work then, are off, or have visits."""
    for one in shown:
        hers = [row for row in found if row.clinician_id == one.id]
        working = [row for row in hours if row.clinician_id == one.id and _holds(row, day)]
        days_off = [row for row in off if row.clinician_id == one.id]
        if hers or (one.active and (working or days_off)):
            yield OfClinician(one, working, days_off, hers)


def _holds(row: Any, day: date) -> bool:
    begun, over = row.from_on <= day, row.until_on is not None and row.until_on < day
    return row.weekday == day.weekday() and begun and not over


def _day() -> date:
    asked = request.args.get("day")
    if not asked:
        return today()
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        abort(404)
    return day if FIRST <= day <= LAST else abort(404)
