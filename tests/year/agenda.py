"""What is to happen, in order: the clock jumps from one moment to the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from tests.conversation.clinic_day import Clock

Happening = Callable[[], None]


class Agenda:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: list[tuple[datetime, int, Happening]] = []
        self._order = count()

    def at(self, moment: datetime, what: Happening) -> None:
        heappush(self._waiting, (moment, next(self._order), what))

    def after(self, seconds: float, what: Happening) -> None:
        self.at(self._clock() + timedelta(seconds=seconds), what)

    def next(self, until: datetime) -> Happening | None:
        """What happens next, with the clock at its moment; None where nothing more does."""
        if not self._waiting or self._waiting[0][0] > until:
            return None
        moment, _, what = heappop(self._waiting)
        self._clock.moment = max(self._clock.moment, moment)
        return what
