"""The carrier's time: seconds that can run faster than the world's, so that tests need not wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TypeVar

T = TypeVar("T")


class Clock:
    """`speed` carrier seconds pass in one real second. Dates are the world's, in UTC."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._base = 0.0
        self._since = monotonic()

    @property
    def speed(self) -> float:
        return self._speed

    def run_at(self, speed: float) -> None:
        """Change the speed from now on; what has elapsed stays."""
        self._base, self._since = self.elapsed(), monotonic()
        self._speed = speed

    def elapsed(self) -> float:
        """Carrier seconds since the start."""
        return self._base + (monotonic() - self._since) * self._speed

    def now(self) -> datetime:
        return datetime.now(UTC)

    def date_in(self, seconds: float) -> datetime:
        """The date when carrier seconds will have passed."""
        return self.now() + timedelta(seconds=seconds / self._speed)

    async def wait(self, seconds: float) -> None:
        """Let carrier seconds pass."""
        if seconds > 0:
            await asyncio.sleep(seconds / self._speed)

    async def within(self, seconds: float | None, awaitable: Awaitable[T]) -> T:
        """The awaitable's result; TimeoutError after carrier seconds (None: no limit)."""
        real = None if seconds is None else max(0.0, seconds) / self._speed
        return await asyncio.wait_for(awaitable, real)
