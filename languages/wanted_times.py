"""What was wanted: a day or days, and a time or part of the day, as a reader of coming times gives it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


@dataclass(frozen=True)
class Asked:
    """What a reader must know of the question."""

    today: date
    """Where the visit is."""
    last: date
    """The last day that may be booked."""
    hours: tuple[time, time] | None = None
    """From and to when visits may begin, where that is known: they tell 3 in the morning from 3 in the afternoon."""
    around: int = 60
    """Minutes before and after a time said that will do too."""


@dataclass(frozen=True)
class Wanted:
    """When somebody wants to come. Times are of the wall clock where the visit is."""

    first: date
    last: date
    """Both included; the same where one day was meant."""
    earliest: time | None = None
    latest: time | None = None
    """Between which a visit may begin; None is without end."""
    at: time | None = None
    """The very time, where one was said."""
    part: str = ""
    """The part of the day, where that and no time was said: "morning"."""
    soonest: bool = False
    any_day: bool = False
    """Was no day said?"""

    @property
    def exact_day(self) -> bool:
        return self.first == self.last and not self.any_day

    @property
    def exact_hour(self) -> bool:
        return self.at is not None


class Trouble(StrEnum):
    """Why it was not read."""

    NOT_A_TIME = "not a time"
    NO_SUCH_DAY = "no such day"
    NO_SUCH_HOUR = "no such hour"
    PAST = "past"
    TOO_FAR = "too far"
    WRONG_WEEKDAY = "wrong weekday"
    SEVERAL = "several"
    WHICH = "which"


@dataclass(frozen=True)
class Unread:
    """A wanted time that was not read.

    `candidates` are what may be meant: two or more where it is doubtful (WHICH), the day said where its weekday
    is another (WRONG_WEEKDAY), else none.
    """

    trouble: Trouble
    candidates: tuple[Wanted, ...] = ()


class NotRead(Exception):
    """One way to read an answer that leads nowhere; `args[0]` is the Unread."""

    def __init__(self, trouble: Trouble, *candidates: Wanted) -> None:
        self.unread = Unread(trouble, candidates)
        super().__init__(trouble)
