"""The one gate that everything sent to a patient passes: country, consent and safe contact, caps, hours, budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import phonenumbers

from care.rules import reaching, safe_contact
from care.rules.kinds import MessageKind
from care.rules.reaching import Number, Person
from care.rules.safe_contact import NO_RULES, SafeContact

EARLIEST, LATEST = time(8), time(21)
"""Hours of automatic calls and texts, in the called person's own zone (47 CFR 64.1200(c)(1))."""
OVER_BUDGET = "budget"
MOST_STEPS = 16
"""From one closed hour to the next: her windows may all lie in the quiet hours."""


@dataclass(frozen=True)
class Verdict:
    """`allowed`; or held `until` a moment; or refused for a `reason` that staff can read."""

    allowed: bool
    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Recipient:
    """What the gate knows of a number and of whom it is about, if anybody.

    Counts are of automatic messages of the kind that were sent there before. `budget_spent_until` says when
    to look again where the clinic's budget of this month is spent.
    """

    number: Number
    channel: str
    timezone: str
    person: Person | None = None
    sent_today: int = 0
    sent_this_week: int = 0
    budget_spent_until: datetime | None = None


def pass_gate(kind: MessageKind, to: Recipient, now: datetime, countries: tuple[str, ...]) -> Verdict:
    """May a message of `kind` go to `to` at `now`? Staff are never held back, patients always may be."""
    if kind.to != "patient":
        return Verdict(True)
    if country_of(to.number.number) not in countries:
        return Verdict(False, "country not allowed")
    if (reason := reaching.why_not(to.person, to.number, kind.topic, to.channel)) is not None:
        return Verdict(False, reason)
    if kind.most_a_day is not None and to.sent_today >= kind.most_a_day:
        return Verdict(False, "daily cap")
    if kind.most_a_week is not None and to.sent_this_week >= kind.most_a_week:
        return Verdict(False, "weekly cap")
    if kind.quiet_hours:
        by_the_hour = _by_the_hour(to.person.safe if to.person else NO_RULES, to.timezone, now)
        if not by_the_hour.allowed:
            return by_the_hour
    if to.budget_spent_until is not None and not kind.clinical:
        return Verdict(False, OVER_BUDGET, to.budget_spent_until)
    return Verdict(True)


def _by_the_hour(safe: SafeContact, timezone: str, now: datetime) -> Verdict:
    """Held until the first moment that is neither in the quiet hours nor outside of her own."""
    reason, moment = None, now
    for _ in range(MOST_STEPS):
        if quiet := end_of_quiet(moment, timezone):
            reason, moment = reason or "quiet hours", quiet
        elif hers := safe_contact.opens(safe, timezone, moment):
            reason, moment = reason or "her own hours", hers
        else:
            return Verdict(True) if reason is None else Verdict(False, reason, moment)
    return Verdict(False, "her own hours")


def end_of_quiet(now: datetime, timezone: str) -> datetime | None:
    """When the quiet hours that `now` falls into end; None outside of them."""
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    if EARLIEST <= local.time() < LATEST:
        return None
    day = local.date() + timedelta(days=local.time() >= LATEST)
    return datetime.combine(day, EARLIEST, zone)


def country_of(number: str) -> str | None:
    """ISO 3166 alpha-2 of an E.164 number, or None. 555-01xx numbers count as what they look like."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.region_code_for_number(parsed) or _by_calling_code(parsed.country_code)


def _by_calling_code(code: int | None) -> str | None:
    region = phonenumbers.region_code_for_country_code(code or 0)
    return None if region == "ZZ" else region
