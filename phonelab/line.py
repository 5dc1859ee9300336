"""The live wire of one leg: what its far end hears, presses and says, and what stops it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from .audio import Samples, Track
from .clock import Clock
from .state import Call

T = TypeVar("T")
JITTER_SECONDS = 0.2


@dataclass(frozen=True)
class Goto:
    """Where a call's next TwiML comes from: a URL to request, or the document itself."""

    url: str = ""
    method: str = "POST"
    parameters: dict[str, str] = field(default_factory=dict)
    twiml: str | None = None


class Stopped(Exception):
    """What was going on on this leg is over."""


class HungUp(Stopped):
    """The leg is over. `by`: far (its person), api, carrier."""

    def __init__(self, by: str, status: str = "completed") -> None:
        super().__init__(f"hung up by {by}")
        self.by, self.status = by, status


class Redirected(Stopped):
    """The customer sent the call elsewhere through the REST API."""

    def __init__(self, goto: Goto) -> None:
        super().__init__("redirected")
        self.goto = goto


class Ear(Protocol):
    """The far end of a leg: a handset, or a machine that answers."""

    def tell(self, event: str, **fields: Any) -> None: ...

    @property
    def wants_audio(self) -> bool: ...

    @property
    def waits_for_word(self) -> bool:
        """Silence has passed when the far end says so, not by the clock: for scripts, which must not race."""


class Deaf:
    """A far end that nobody holds."""

    waits_for_word = False
    wants_audio = False

    def tell(self, event: str, **fields: Any) -> None:
        pass


class Line:
    """One leg while it lasts. Times are the carrier's seconds."""

    def __init__(self, call: Call, clock: Clock, ear: Ear | None = None) -> None:
        self.call = call
        self.clock = clock
        self.ear: Ear = ear or Deaf()
        self.said = Track()
        self.spoke = asyncio.Event()  # set at new speech, cleared by who waits for it
        self.silence = asyncio.Event()  # the far end says that it stays silent
        self.peer: Line | None = None  # the leg that it is bridged to
        self.heard_until = 0.0  # when the prompt that plays now ends
        self.rings_once = False  # a missed call on purpose: its far end hangs up before it is answered
        self._listeners: list[asyncio.Queue[str]] = []
        self._stop = asyncio.Event()
        self._reason: Stopped | None = None

    # --- what the far end does

    def press(self, digits: str) -> None:
        """Keys. Those that nobody listens for are lost, as at the carrier: there is no typing ahead."""
        heard = bool(self._listeners)
        self.note("keys", digits=digits, heard=heard)
        for listener in self._listeners[-1:]:
            for digit in digits:
                listener.put_nowait(digit)
        if not heard:
            self.ear.tell("unheard", digits=digits)

    def speak(self, samples: Samples) -> float:
        """Speech. Returns when it ends."""
        now = self.clock.elapsed()
        # A new piece waits a little, so that the next ones of the same speech may come late without a gap.
        end = self.said.lay(samples, now if now < self.said.end else now + JITTER_SECONDS)
        self.note("says", seconds=round(len(samples) / 8000, 2))
        self.spoke.set()
        return end

    def keep_silent(self) -> None:
        self.note("silent")
        self.silence.set()

    def hang_up(self, by: str = "far", status: str = "completed") -> None:
        self.stop(HungUp(by, status))

    def redirect(self, goto: Goto) -> None:
        self.stop(Redirected(goto))

    # --- what goes on on it

    @property
    def reason(self) -> Stopped | None:
        return self._reason

    def stop(self, reason: Stopped) -> None:
        """Interrupt what goes on. Nothing follows a hang-up."""
        if not isinstance(self._reason, HungUp):
            self._reason = reason
            self._stop.set()

    def resume(self) -> None:
        """Go on after a redirect."""
        if isinstance(self._reason, Redirected):
            self._reason = None
            self._stop.clear()

    async def over(self) -> None:
        """Return when the leg is stopped."""
        await self._stop.wait()

    async def race(self, work: Coroutine[Any, Any, T] | Awaitable[T], *, keep: bool = False) -> T:
        """The work's result; Stopped if the leg is stopped first. `keep`: the work goes on alone."""
        task = asyncio.ensure_future(work)
        if self._reason is not None and not keep:
            task.cancel()
        stop = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if task.done() and not task.cancelled():
                return task.result()
            if self._reason is None:
                raise asyncio.CancelledError
            raise self._reason
        finally:
            stop.cancel()
            if not task.done() and not keep:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            elif keep:
                task.add_done_callback(lambda done: done.cancelled() or done.exception())

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[str]]:
        """Keys from now on, until the end of the block. The innermost listener gets them."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.append(queue)
        self.silence.clear()
        try:
            yield queue
        finally:
            self._listeners.remove(queue)

    async def wait_for_silence(self, seconds: float | None) -> None:
        """Return when the far end has been silent for so long, or says that it stays so."""
        if self.ear.waits_for_word:
            seconds = None
        with suppress(TimeoutError):
            await self.clock.within(seconds, self.silence.wait())
        self.silence.clear()

    def tell(self, event: str, **fields: Any) -> None:
        """What happens on the leg, to its far end and to the trace."""
        self.note(event, **fields)
        self.ear.tell(event, call=self.call.sid, **fields)

    def note(self, what: str, **fields: Any) -> None:
        self.call.trace.append({"what": what, "at": round(self.clock.elapsed(), 3), **fields})
