"""Is it a missed call, may it be answered by a call, may the line be busy for her, and into what is she called back?

Numbers stand in call_back.yaml.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from care.rules import consent, identity, reaching, safe_contact
from care.rules.identity import Person as Candidate
from care.rules.reaching import Number, Person

OFF, AFTER_HANG_UP, REJECT = "off", "after_hang_up", "reject"
SETTINGS = (OFF, AFTER_HANG_UP, REJECT)
"""What a clinic may choose; anything else is as good as *off*."""
NOTHING_DONE = frozenset({"started", "silent"})
"""Events of a call in which she has done nothing but listen."""
COUNTRY, NOT_ENROLLED, ALERT = "country not allowed", "not enrolled", "an alert is open"
DAILY_CAP, TOO_SOON, HER_HOURS = "daily cap", "called back just now", "her own hours"


@dataclass(frozen=True)
class Rung:
    """A call to our line that is over.

    `rang_at` is when we first heard of it, `ended` the carrier's last word on it (a `CallState`), `did` the kinds
    of what happened in it (`conversation.events.Kind`).
    """

    rang_at: datetime
    ended: str
    did: Collection[str] = ()
    alert: bool = False


@dataclass(frozen=True)
class Before:
    """An earlier call back to the number, and whether it reached a person."""

    at: datetime
    reached: bool


@dataclass(frozen=True)
class Caller:
    """What is known of a number that rang. `people` are all whom it may be, each with her numbers.

    `alert`: one from this number is open, or was raised lately. `before`: the call backs of the last 24 hours.
    """

    number_hash: str
    people: Sequence[Person]
    country_allowed: bool = True
    alert: bool = False
    before: Sequence[Before] = ()


@dataclass(frozen=True)
class Lines:
    """How soon a call could go out: what the carrier's rate holds it up by, and whether urgent work is overdue."""

    wait: timedelta = timedelta()
    overdue: bool = False


def is_missed(rung: Rung, now: datetime) -> bool:
    """Did she ring and hang up before she had answered anything? An alert, or any answer, is no missed call."""
    return (
        rung.ended in _table()["ended"]
        and not rung.alert
        and NOTHING_DONE.issuperset(rung.did)
        and now - rung.rang_at <= seconds("missed_within")
    )


def why_not(caller: Caller, now: datetime) -> str | None:
    """Why this number is not called back now; None where it is. A word that staff can read.

    Quiet hours are no reason: she has called herself a moment ago, and waits. Her own hours are one: she has
    said when it is safe to ring.
    """
    if caller.alert:
        return ALERT
    if not caller.country_allowed:
        return COUNTRY
    if not caller.people:
        return NOT_ENROLLED
    reasons = [reason for person in caller.people for reason in _forbidden(person, caller.number_hash, now)]
    if reasons:
        return reasons[0]
    if len({person.safe.name for person in caller.people if person.safe.name}) > 1:
        return reaching.CONFIDENTIAL  # no name is the right one for whoever picks up
    if len(caller.before) >= int(_table()["a_day"]):
        return DAILY_CAP
    if any(now - before.at < seconds("not_within") for before in caller.before):
        return TOO_SOON
    return None


def may_be_turned_away(caller: Caller, lines: Lines, now: datetime) -> bool:
    """May she hear the busy tone, because a call back is certain enough? In doubt she is picked up."""
    lately = timedelta(minutes=_table()["pick_up_within"])
    missed = any(not before.reached and now - before.at < lately for before in caller.before)
    soon = not lines.overdue and lines.wait <= seconds("most_wait")
    return why_not(caller, now) is None and not missed and soon


def into(left: bool, check_ins: Collection[int], visit_soon: Any) -> str:
    """What she is most likely calling for: *question*, *check_in*, *visit*, or *menu*."""
    if left:
        return "question"
    if check_ins:
        return "check_in"
    return "visit" if visit_soon else "menu"


def check_in_is_hers(
    match: Mapping[str, Any] | None, people: Sequence[Candidate], check_ins: Collection[int]
) -> bool:
    """Does a check-in wait for whoever was confirmed, and may she, or who speaks for her, hear of it?"""
    if not match or match.get("patient") not in check_ins:
        return False
    return identity.may_speak_of("check_ins", match, people)


def seconds(name: str) -> timedelta:
    return timedelta(seconds=_table()[name])


def after_alert() -> timedelta:
    return timedelta(minutes=_table()["after_alert"])


def visit_within() -> timedelta:
    """How near a visit is of which she is most likely calling."""
    return timedelta(minutes=_table()["visit_within"])


def a_day() -> int:
    return int(_table()["a_day"])


def _forbidden(person: Person, number_hash: str, now: datetime) -> Iterator[str]:
    """What speaks against ringing this number for her. Consent to a topic is not asked: it answers her own call."""
    number = next((one for one in person.numbers if one.number_hash == number_hash), None)
    if number is None:
        yield reaching.NOT_HERS
        return
    if not person.active:
        yield reaching.NOT_ACTIVE
    yield from _of_the_number(number)
    if (no := consent.why_not(None, "call", (*person.words, *number.words))) is not None:
        yield no
    if not person.safe.readable:
        yield reaching.UNREADABLE
    if person.safe.number not in (None, number.number):
        yield reaching.OTHER_NUMBER
    if person.safe.never_call:
        yield reaching.NEVER_CALL
    if safe_contact.opens(person.safe, person.timezone, now) is not None:
        yield HER_HOURS


def _of_the_number(number: Number) -> Iterator[str]:
    if number.wrong_person:
        yield reaching.WRONG_PERSON
    if number.opted_out:
        yield consent.STOPPED
    if number.kind == "relay":
        yield reaching.RELAY
    if number.text_only:
        yield reaching.TEXT_ONLY


@cache
def _table() -> Mapping[str, Any]:
    written: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return written
