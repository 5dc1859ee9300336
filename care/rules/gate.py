"""The one gate that everything sent to a patient passes: stop, country, hours, caps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import phonenumbers

from care.rules.kinds import MessageKind

EARLIEST, LATEST = time(8), time(21)
"""Hours of automatic calls and texts, in the called person's own zone (47 CFR 64.1200(c)(1))."""


@dataclass(frozen=True)
class Verdict:
    """`allowed`; or held `until` a moment; or refused for a `reason` that staff can read."""

    allowed: bool
    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Recipient:
    """What the gate knows of a number: counts are of automatic messages sent to it before."""

    number: str
    timezone: str
    opted_out: bool = False
    wrong_person: bool = False
    consented: bool = True
    sent_today: int = 0
    sent_this_week: int = 0


def pass_gate(kind: MessageKind, to: Recipient, now: datetime, countries: tuple[str, ...]) -> Verdict:
    """May a message of `kind` go to `to` at `now`? Staff are never held back, patients always may be."""
    if kind.to != "patient":
        return Verdict(True)
    if country_of(to.number) not in countries:
        return Verdict(False, "country not allowed")
    if to.wrong_person:
        return Verdict(False, "wrong person")
    if to.opted_out:
        return Verdict(False, "opted out")
    if not to.consented:
        return Verdict(False, "no consent")
    if kind.most_a_day is not None and to.sent_today >= kind.most_a_day:
        return Verdict(False, "daily cap")
    if kind.most_a_week is not None and to.sent_this_week >= kind.most_a_week:
        return Verdict(False, "weekly cap")
    if kind.quiet_hours and (until := end_of_quiet(now, to.timezone)):
        return Verdict(False, "quiet hours", until)
    return Verdict(True)


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
