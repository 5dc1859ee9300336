"""Seeded misfortune: status callbacks late, twice, out of order or never; REST answers lost or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from .clock import Clock
from .settings import Settings

SHUFFLE_SECONDS = 5.0  # a callback that waits to be overtaken goes alone after this long


@dataclass(frozen=True)
class Fate:
    """What happens to one status callback."""

    drop: bool = False
    double: bool = False
    shuffle: bool = False
    delay: float = 0.0


class Faults:
    """One source of chance per kind of fault: the order of other kinds does not change what a seed gives."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._seed: int | None = None
        self._dice: dict[str, Random] = {}

    def fate(self) -> Fate:
        settings = self._settings()
        delayed = self.strikes("callback_delay")
        return Fate(
            drop=self.strikes("callback_drop"),
            double=self.strikes("callback_double"),
            shuffle=self.strikes("callback_shuffle"),
            delay=self._die("seconds").uniform(0, settings.callback_delay_seconds) if delayed else 0.0,
        )

    def strikes(self, kind: str) -> bool:
        """Whether the fault named by this setting happens now. A probability of 0 uses up no chance."""
        probability: float = getattr(self._settings(), kind)
        return probability > 0 and self._die(kind).random() < probability

    def _die(self, kind: str) -> Random:
        if self._seed != self._settings().seed:
            self._seed = self._settings().seed
            self._dice = {}
        return self._dice.setdefault(kind, Random(f"{self._seed}:{kind}"))


class Callbacks:
    """Status callbacks on their way: in order for each call or message, but for what fate decides."""

    def __init__(self, faults: Faults, clock: Clock) -> None:
        self._faults = faults
        self._clock = clock
        self._last: dict[str, asyncio.Task[None]] = {}
        self._overtaken: dict[str, asyncio.Event] = {}
        self._all: set[asyncio.Task[None]] = set()

    def send(self, sid: str, deliver: Callable[[], Awaitable[None]]) -> None:
        """Have `deliver` run in the background, after those sent before for the same sid."""
        fate = self._faults.fate()
        if fate.drop:
            return
        held = self._overtaken.pop(sid, None)
        if fate.shuffle and held is None:
            self._overtaken[sid] = held = asyncio.Event()
            task = asyncio.create_task(self._late(sid, held, fate, deliver))
        elif fate.delay:
            task = asyncio.create_task(self._delayed(fate, deliver, held))
        else:
            task = asyncio.create_task(self._in_order(self._last.get(sid), fate, deliver, held))
            self._last[sid] = task
            task.add_done_callback(lambda done: self._forget(sid, done))
        self._all.add(task)
        task.add_done_callback(self._all.discard)

    async def close(self) -> None:
        for task in list(self._all):
            task.cancel()
        await asyncio.gather(*self._all, return_exceptions=True)

    def _forget(self, sid: str, done: asyncio.Task[None]) -> None:
        if self._last.get(sid) is done:
            del self._last[sid]

    async def _late(
        self, sid: str, overtaken: asyncio.Event, fate: Fate, deliver: Callable[[], Awaitable[None]]
    ) -> None:
        with suppress(TimeoutError):
            await self._clock.within(SHUFFLE_SECONDS, overtaken.wait())
        if self._overtaken.get(sid) is overtaken:
            del self._overtaken[sid]
        await _once_or_twice(fate, deliver)

    async def _delayed(
        self, fate: Fate, deliver: Callable[[], Awaitable[None]], held: asyncio.Event | None
    ) -> None:
        await self._clock.wait(fate.delay)
        await _once_or_twice(fate, deliver)
        if held:
            held.set()

    async def _in_order(
        self,
        before: asyncio.Task[None] | None,
        fate: Fate,
        deliver: Callable[[], Awaitable[None]],
        held: asyncio.Event | None,
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        await _once_or_twice(fate, deliver)
        if held:
            held.set()


async def _once_or_twice(fate: Fate, deliver: Callable[[], Awaitable[None]]) -> None:
    await deliver()
    if fate.double:
        await deliver()
