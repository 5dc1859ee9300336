"""Free times for a patient, as somebody at the clinic looks for them: what the form asks, and what can be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from care.rules.visit_reasons import VISIT_KINDS, reasons
from care.rules.working_hours import limits
from care.scheduling.offers import Offer, Wanted, offers
from clinic.filling import Filled

MOST = 12
"""Times on one page."""
BETWEEN = "@"


@dataclass(frozen=True)
class Lists:
    """What a form is read against: the clinic's clinicians and hubs, by id; `zones` of its places."""

    clinicians: dict[str, str]
    hubs: dict[str, str]
    zones: dict[int, str]


def wanted(
    filled: Filled, lists: Lists, patient: Any, clinic_id: int, timezone: str, today: date
) -> Wanted | None:
    """What the form asks for; None where a field can't be read: `filled` says why.

    Days and times of day are the clinic's, where whoever looks is.
    """
    reason = filled.one_of("reason", reasons(), "Say what the visit is for.")
    kind = filled.one_of("visit_kind", VISIT_KINDS, "Say how the visit is to be.")
    day = _day(filled, today)
    minutes = _minutes(filled, reason)
    clinician = _of(filled, "clinician", lists.clinicians)
    hub = _of(filled, "place", lists.hubs)
    if hub is not None and kind != "audio":
        filled.refuse("place", "At a hub there is a phone alone: choose a visit by phone, or no hub.")
    if filled.wrong or day is None or minutes is None:
        return None
    return Wanted(
        clinic_id=clinic_id,
        patient_id=patient.id,
        minutes=minutes,
        visit_kind=kind,
        language=patient.interpreter or patient.language,
        interpreter=True,
        state=patient.state,
        clinician_id=clinician,
        place_id=hub,
        first_day=day,
        last_day=day,
        earliest=None,
        latest=None,
        timezone=timezone,
    )


def found(connection: Connection, what: Wanted, now: datetime) -> Sequence[Offer]:
    """The times of that day, or the next that there are (`fits` is false)."""
    return offers(connection, what, now, MOST)


def name_of(offer: Offer) -> str:
    """What the form calls a time: `3@2026-11-23T14:00:00+00:00`."""
    return f"{offer.clinician_id}{BETWEEN}{offer.starts_at.isoformat()}"


def chosen(connection: Connection, what: Wanted, name: str, now: datetime) -> Offer | None:
    """The time that was marked, as it can be had now; None where it can't, or nothing is named so.

    It is looked for anew, so that a form can ask for nothing that would not have been offered.
    """
    clinician, _, at = name.partition(BETWEEN)
    try:
        starts_at, who = datetime.fromisoformat(at), int(clinician)
    except ValueError:
        return None
    if starts_at.tzinfo is None or what.clinician_id not in (None, who):
        return None
    local = starts_at.astimezone(ZoneInfo(what.timezone))
    exact = replace(
        what,
        clinician_id=who,
        first_day=local.date(),
        last_day=local.date(),
        earliest=local.time(),
        latest=local.time(),
    )
    there = offers(connection, exact, now, 1)
    return next((one for one in there if one.fits and one.starts_at == starts_at), None)


def why_nothing(what: Wanted) -> str:
    """What may be the reason that nothing can be offered: a code of clinic/words.yaml."""
    if what.state is None and what.place_id is None and what.visit_kind != "in_person":
        return "state not known"
    return "nobody" if what.clinician_id is None else "not this clinician"


def _day(filled: Filled, today: date) -> date | None:
    try:
        day = date.fromisoformat(filled["day"].strip())
    except ValueError:
        filled.refuse("day", "Choose the day from which on to look.")
        return None
    if day < today:
        filled.refuse("day", "That day is past.")
    if (day - today).days > int(limits()["days_ahead"]):
        filled.refuse("day", f"Times are made {limits()['days_ahead']} days ahead: choose an earlier day.")
    return day


def _minutes(filled: Filled, reason: str) -> int | None:
    typed = filled["minutes"].strip()
    if not typed:
        return reasons()[reason].minutes if reason in reasons() else None
    most = int(limits()["longest"])
    if not (typed.isascii() and typed.isdigit() and 5 <= int(typed) <= most):
        filled.refuse("minutes", f"Write minutes, from 5 to {most}, or nothing.")
        return None
    return int(typed)


def _of(filled: Filled, name: str, known: dict[str, str]) -> int | None:
    """An id among those that are known; nothing was chosen where the field is empty."""
    value = filled[name].strip()
    if not value:
        return None
    if value not in known:
        filled.refuse(name, "Choose one that there is.")
        return None
    return int(value)
