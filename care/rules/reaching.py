"""How a person may be reached about a topic: at which number and by which channel, or by a person only, and why.

From her numbers and her proxies', what each has told us, her words of consent and her rules for safe contact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from care.rules import consent
from care.rules.consent import Word
from care.rules.safe_contact import NO_RULES, SafeContact

BLOCKED = "blocked at the carrier"
LANDLINE, TEXT_ONLY, RELAY = "landline", "text only", "relay"
NEVER_TEXT, NEVER_CALL = "never by text", "never by call"
OTHER_NUMBER, CONFIDENTIAL, NOT_WITH_A_PROXY = "not the safe number", "her own confidence", "not with a proxy"
UNREADABLE, NO_NUMBER, NOT_HERS = "rules can't be read", "no number", "not her number now"
WRONG_PERSON, NOT_ACTIVE = "wrong person", "not a patient now"


VISIT_DETAILS = "reminder_details"


@dataclass(frozen=True)
class Number:
    """A number at which she, or one of her proxies, is reached, and what it has told us.

    `hers` and `of_proxy` may both be so: a mother's phone that is her child's number too. `topics` are those of
    which its proxies may hear; `language` is a proxy's. `words` are the number's own, whoever holds it.
    """

    number: str
    number_hash: str
    kind: str = "mobile"
    hers: bool = True
    of_proxy: bool = False
    topics: frozenset[str] = frozenset()
    language: str | None = None
    shared: bool = False
    text_only: bool = False
    rank: int = 0
    opted_out: bool = False
    blocked: bool = False
    wrong_person: bool = False
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Person:
    """A patient, as far as reaching her goes. `words` are her own consents, the oldest first."""

    patient: int
    clinic: int
    birth_date: str
    language: str
    timezone: str
    active: bool = True
    safe: SafeContact = NO_RULES
    own_topics: frozenset[str] = frozenset()
    words: tuple[Word, ...] = ()
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True)
class Way:
    """`language` is whose phone it is: hers, or her proxy's."""

    number: Number
    channel: str
    language: str


@dataclass(frozen=True)
class ByAPerson:
    """No machine may reach her. `quiet`: it was told to somebody when it came to be so."""

    reason: str
    quiet: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "quiet", self.reason in _table()["quiet_reasons"])


def way_to(person: Person, topic: str, channels: Sequence[str], now: datetime) -> Way | ByAPerson:
    """The first way that is open, by the channel wished most, then by whose number it is and its rank."""
    if not person.numbers:
        return ByAPerson(NO_NUMBER)
    reasons = []
    for channel in channels:
        for number in _in_order(person, now):
            reason = why_not(person, number, topic, channel) or _of_little_use(number, channel)
            if reason is None:
                language = person.language if number.hers else number.language or person.language
                return Way(number, channel, language)
            reasons.append(ByAPerson(reason))
    # What nobody has been told yet comes first.
    return min(reasons, key=lambda by_a_person: by_a_person.quiet)


def why_not(person: Person | None, number: Number, topic: str | None, channel: str) -> str | None:
    """Why this number may not be used for this by a machine; None where it may. A word that staff can read."""
    return next(_reasons(person, number, topic, channel), None)


def is_discreet(person: Person | None, number: Number) -> bool:
    """Must the opening say no more than a name and a number? Others than her family may see or hear it."""
    return number.shared or (person is not None and person.safe.name is not None)


def may_tell_visit(person: Person | None, number: Number, channel: str) -> bool:
    """May day and time of a visit be told at this number before anybody says who she is?

    Where she has agreed to that, there, or staff wrote it down for her own numbers; never where others than her
    family may see or hear it.
    """
    if person is None or is_discreet(person, number) or not number.hers:
        return False
    words = (word for word in (*person.words, *number.words))
    here = tuple(word for word in words if not word.given or word.number_hash in (None, number.number_hash))
    return consent.why_not(VISIT_DETAILS, channel, here) is None


def _reasons(person: Person | None, number: Number, topic: str | None, channel: str) -> Iterator[str]:
    if number.wrong_person and topic:  # whoever writes to us from there now gets an answer
        yield WRONG_PERSON
    if number.opted_out:
        yield consent.STOPPED
    if number.blocked and channel == "text":
        yield BLOCKED
    own_words = person.words if person and topic else ()
    if (no := consent.why_not(topic, channel, (*own_words, *number.words))) is not None:
        yield no
    if person is None or topic is None:
        return
    yield from _of_her(person, number, topic, channel)
    yield from _of_the_number(number, channel)


def _of_her(person: Person, number: Number, topic: str, channel: str) -> Iterator[str]:
    if not person.active:
        yield NOT_ACTIVE
    if not person.safe.readable:
        yield UNREADABLE
    if not (number.hers or number.of_proxy):
        yield NOT_HERS
    if topic in person.own_topics and (number.of_proxy or number.shared):
        yield CONFIDENTIAL
    if not number.hers and topic not in number.topics:
        yield NOT_WITH_A_PROXY
    if person.safe.number is not None and person.safe.number != number.number:
        yield OTHER_NUMBER
    if person.safe.never_text and channel == "text":
        yield NEVER_TEXT
    if person.safe.never_call and channel == "call":
        yield NEVER_CALL


def _of_the_number(number: Number, channel: str) -> Iterator[str]:
    if number.kind == "relay":
        yield RELAY
    if number.text_only and channel == "call":
        yield TEXT_ONLY


def _of_little_use(number: Number, channel: str) -> str | None:
    """A landline is not texted first; what follows a call may try, and the carrier says for sure."""
    return LANDLINE if number.kind == "landline" and channel == "text" else None


def _in_order(person: Person, now: datetime) -> list[Number]:
    """A child's proxies first, then her own; whoever has a phone of her own is not reached through another's."""
    own = [number for number in person.numbers if number.hers]
    proxys = [number for number in person.numbers if not number.hers]
    if _is_child(person, now):
        return [*_ranked(proxys), *_ranked(own)]
    return _ranked(own) or _ranked(proxys)


def _ranked(numbers: Sequence[Number]) -> list[Number]:
    return sorted(numbers, key=lambda number: (number.rank, number.kind != "mobile"))


def _is_child(person: Person, now: datetime) -> bool:
    born = date.fromisoformat(person.birth_date)
    today = now.astimezone(ZoneInfo(person.timezone)).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return age < int(_table()["child_until"])


@cache
def _table() -> Mapping[str, Any]:
    written: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return written
