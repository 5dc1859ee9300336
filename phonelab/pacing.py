"""The carrier's rates: what is asked for sooner waits its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .clock import Clock


class Pacer:
    """Lets things through at a rate (units a carrier second), in the order in which they came."""

    def __init__(self, rate: Callable[[], float], clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._turn = asyncio.Lock()  # fair: first come, first served
        self._free_at = 0.0
        self.waiting = 0.0  # units

    async def pass_through(self, units: float = 1.0) -> None:
        """Wait until the units may go."""
        self.waiting += units
        try:
            async with self._turn:
                now = self._clock.elapsed()
                await self._clock.wait(self._free_at - now)
                self._free_at = max(self._free_at, now) + units / self._rate()
        finally:
            self.waiting -= units
