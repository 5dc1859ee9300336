"""Rules by which a patient may be reached safely: when, at which number, under which name, and how never.

What `patients.safe_contact` holds; every part may be left out:

    {"windows": [{"days": ["mon", "tue"], "from": "09:00", "until": "15:00"}],
     "number": "+16175550101", "name": "Ana from the library",
     "never_text": true, "never_call": true, "no_voicemail": true}

`windows` are in her own time zone; outside of all of them nothing automatic goes out. `number` is the only one
that is used. `name` stands wherever the clinic's name would, in what begins a talk and all that follows in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FLAGS = ("never_text", "never_call", "no_voicemail")
LONGEST_NAME = 40
"""Characters: the name stands in texts that must stay short."""


@dataclass(frozen=True)
class Window:
    """From a time of day until another, the same day, on some days of the week (0 is Monday)."""

    days: frozenset[int]
    begins: time
    ends: time


@dataclass(frozen=True)
class SafeContact:
    """`readable` is false where the rules are not as they should be: then a person must reach her."""

    windows: tuple[Window, ...] = ()
    number: str | None = None
    name: str | None = None
    never_text: bool = False
    never_call: bool = False
    no_voicemail: bool = False
    readable: bool = True


NO_RULES = SafeContact()
UNREADABLE = SafeContact(readable=False)


def read(written: Mapping[str, Any] | None) -> SafeContact:
    """The rules as they stand in the records. What can't be read keeps every machine away from her."""
    if not written:
        return NO_RULES
    if problems(written):
        return UNREADABLE
    windows = tuple(
        Window(frozenset(map(DAYS.index, one.get("days") or DAYS)), _time(one["from"]), _time(one["until"]))
        for one in written.get("windows") or ()
    )
    flags = {flag: bool(written.get(flag)) for flag in FLAGS}
    return SafeContact(windows, written.get("number") or None, written.get("name") or None, **flags)


def problems(written: Any) -> list[str]:
    """What is wrong with rules, a sentence each, for whoever writes them down. Empty where nothing is."""
    return list(_problems(written))


def opens(rules: SafeContact, timezone: str, now: datetime) -> datetime | None:
    """When her next window opens; None where one is open now, or she has none."""
    if not rules.windows:
        return None
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    starts = []
    for ahead in range(9):
        day = local.date() + timedelta(days=ahead)
        for window in rules.windows:
            if day.weekday() not in window.days:
                continue
            begins, ends = (datetime.combine(day, at, zone) for at in (window.begins, window.ends))
            if begins <= now < ends:
                return None
            if begins > now:
                starts.append(begins)
    return min(starts)


def _problems(written: Any) -> Iterator[str]:
    if not isinstance(written, Mapping):
        yield "the rules must be a list of names and values"
        return
    for name in sorted(set(written) - {"windows", "number", "name", *FLAGS}, key=str):
        yield f"there is no rule {name!r}"
    for flag in FLAGS:
        if not isinstance(written.get(flag, False), bool):
            yield f"{flag} is yes or no"
    for name in ("number", "name"):
        if written.get(name) is not None and not isinstance(written[name], str):
            yield f"{name} must be words"
    if len(str(written.get("name") or "")) > LONGEST_NAME:
        yield f"the name has more than {LONGEST_NAME} letters"
    if any(sign in str(written.get("name") or "") for sign in "{}\n"):
        yield "the name holds a sign that a text can't have"
    windows = written.get("windows") or ()
    if not isinstance(windows, (list, tuple)):
        yield "the windows must be a list"
        return
    for window in windows:
        yield from _problems_of_window(window)


def _problems_of_window(window: Any) -> Iterator[str]:
    if not isinstance(window, Mapping) or set(window) - {"days", "from", "until"}:
        yield "a window has days, from and until"
        return
    days = window.get("days") or DAYS
    if not isinstance(days, (list, tuple)) or not set(days) <= set(DAYS):
        yield f"days are of {', '.join(DAYS)}"
    begins, ends = _time(window.get("from")), _time(window.get("until"))
    if begins is None or ends is None:
        yield "from and until are times of day, like 09:00"
    elif begins >= ends:
        yield "a window begins before it ends, on the same day"


def _time(written: Any) -> Any:
    try:
        return time.fromisoformat(written)
    except (TypeError, ValueError):
        return None
