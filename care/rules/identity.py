"""Who is it? A number finds candidates, never a person; a birth date and a PIN tell one of them.

Limits, their source and reviewer stand in identity.yaml.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from werkzeug.security import check_password_hash, generate_password_hash

Person = Mapping[str, Any]
"""A candidate: `id`, `name`, `birth_date`, `pin_hash`, `own_topics`, `locked`; of one who speaks for her also
`proxy`, `topics` and `her_birth_date` (`birth_date` is the proxy's own then)."""
Try = tuple[datetime, bool]
"""When somebody said who she is, and whether it was so."""

PIN_METHOD = "pbkdf2:sha256:250"


@cache
def limits() -> Mapping[str, Any]:
    written: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return written


def match_person(
    birth_date: Any,
    pin: Any,
    first_name: Any,
    about: Any,
    people: Sequence[Person],
    other_number: Any,
    channel: str,
) -> dict[str, Any]:
    """What the answers so far say: `outcome`, and `patient` and `proxy` (ids) where it is *found*.

    *pin*, *about* and *name* ask for one thing more. A PIN is asked of everyone at a number where one
    candidate has one, and of everyone who gives another number than she calls from: whether it was asked
    tells nothing. *wrong* is also what a locked patient gets. *call back*: without a PIN nobody is
    confirmed from a number that is not hers. *several*: a person finds out.
    """
    if pin is None and (other_number or any(person["pin_hash"] for person in people)):
        return {"outcome": "pin"}
    if other_number and not _digits(pin):
        return {"outcome": "call back"}
    born = [p for p in people if p["birth_date"] == _iso(birth_date) and not p["locked"]]
    left = [p for p in born if _pin_fits(p, pin, needed=bool(other_number))]
    speakers = {(person["proxy"] is not None, person["id"]) for person in left}
    if len(speakers) > 1 and all(is_proxy for is_proxy, _ in speakers):
        if about is None:
            return {"outcome": "about"}
        left = [person for person in left if person["her_birth_date"] == _iso(about)]
    if len({person["id"] for person in left}) > 1 and channel == "text":
        if first_name is None:
            return {"outcome": "name"}
        left = [person for person in left if _is_named(person["name"], first_name)]
    if len({person["id"] for person in left}) > 1:
        return {"outcome": "several"}
    if not left:
        return {"outcome": "wrong"}
    own = min(left, key=lambda person: person["proxy"] or 0)
    return {"outcome": "found", "patient": own["id"], "proxy": own["proxy"]}


def may_speak_of(topic: str, match: Mapping[str, Any] | None, people: Sequence[Person]) -> bool:
    """May this be spoken of with whoever was confirmed? A proxy hears of what was agreed, never of her confidences."""
    if not match or match.get("proxy") is None:
        return True
    return any(
        topic in person["topics"] and topic not in person["own_topics"]
        for person in people
        if (person["id"], person["proxy"]) == (match["patient"], match["proxy"])
    )


def may_take_up(who: int | None, left: Mapping[str, Any] | None, match: Mapping[str, Any] | None) -> bool:
    """May she go on with what was left? Only as the same person, where a person was confirmed there.

    What somebody said for a person is not that person's to go on with: it may be of what she was not to hear.
    """
    if not left or who is None or (match and match.get("proxy") is not None):
        return False
    then = left["vars"].get("match") or {}
    if then.get("proxy") is not None:
        return False
    return {left["vars"].get("who"), then.get("patient")} <= {None, who}


def number_is_locked_by(tries: Iterable[Try], now: datetime) -> bool:
    """Were there too many wrong tries from one number?"""
    limit = limits()["number"]
    return _wrong_since(tries, now - timedelta(hours=limit["hours"])) >= int(limit["tries"])


def number_lock_ends(now: datetime) -> datetime:
    return now + timedelta(hours=limits()["number"]["locked_hours"])


def patient_is_locked_by(tries: Sequence[Try], lifted_at: datetime | None, now: datetime) -> bool:
    """Were there too many wrong tries against one patient, quickly or slowly, since the last lock was lifted?"""
    limit = limits()["patient"]
    counted = [one for one in tries if lifted_at is None or one[0] > lifted_at]
    right = max((at for at, succeeded in counted if succeeded), default=None)
    in_a_row = sum(1 for at, succeeded in counted if not succeeded and (right is None or at > right))
    quickly = _wrong_since(counted, now - timedelta(hours=limit["hours"]))
    return quickly >= int(limit["tries"]) or in_a_row >= int(limit["in_a_row"])


def _wrong_since(tries: Iterable[Try], since: datetime) -> int:
    return sum(1 for at, succeeded in tries if not succeeded and at > since)


def _pin_fits(person: Person, pin: Any, *, needed: bool) -> bool:
    if not person["pin_hash"]:
        return not needed
    return bool(_digits(pin) and is_pin(person["pin_hash"], _digits(pin)))


def pin_hash(pin: str) -> str:
    """What is kept of a PIN, sealed like the rest of her row.

    The seal is what protects it: without the data key nothing can be tried, and with the key four digits fall in
    minutes to any hash that a call can wait for. So the hash is a quick one (a tenth of a millisecond): 20,000
    people come in within seconds, and a wrong try costs a turn nothing.
    """
    return generate_password_hash(pin, method=PIN_METHOD)


def is_pin(kept: str, pin: str) -> bool:
    return bool(check_password_hash(kept, pin))


def _digits(pin: Any) -> str:
    return str(pin["digits"]) if isinstance(pin, Mapping) else ""


def _iso(birth_date: Any) -> Any:
    return birth_date["iso"] if isinstance(birth_date, Mapping) else birth_date


def _is_named(name: str, said: Any) -> bool:
    """Does she say her first name, or her whole name, accents and capitals aside?"""
    words = _folded(said.get("text", "") if isinstance(said, Mapping) else said)
    own = _folded(name)
    return bool(words and words in (own, own[:1]))


def _folded(words: Any) -> list[str]:
    letters = unicodedata.normalize("NFKD", str(words)).casefold()
    return "".join(" " if not (c.isalnum()) else c for c in letters if not unicodedata.combining(c)).split()
