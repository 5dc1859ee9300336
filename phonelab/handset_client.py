"""`Handset`: a handset held by a program. `AsyncHandset` is the same for asyncio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Self, TypeVar

from .async_handset import AsyncHandset, Pattern, ScriptFailed

__all__ = ["AsyncHandset", "Handset", "ScriptFailed"]
T = TypeVar("T")


class Handset:
    """`AsyncHandset` for programs that are not asyncio: the same words, each done when it returns."""

    def __init__(self, base_url: str, number: str, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"handset {number}", daemon=True)
        self._thread.start()
        self._handset = AsyncHandset(base_url, number, **options)
        self.number = number

    def __enter__(self) -> Self:
        try:
            self._run(self._handset.__aenter__())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._run(self._handset.__aexit__())
        finally:
            self._stop()

    def call(self, to: str) -> None:
        self._run(self._handset.call(to))

    def flashes(self, to: str) -> None:
        self._run(self._handset.flashes(to))

    def hears_the_busy_tone(self) -> None:
        self._run(self._handset.hears_the_busy_tone())

    def answers(self) -> None:
        self._run(self._handset.answers())

    def rejects(self) -> None:
        self._run(self._handset.rejects())

    def press(self, digits: str, *, at_once: bool = False) -> None:
        self._run(self._handset.press(digits, at_once=at_once))

    def says(self, wav: Path | str, then: str = "silence") -> None:
        self._run(self._handset.says(wav, then))

    def silence(self) -> None:
        self._run(self._handset.silence())

    def hangs_up(self) -> None:
        self._run(self._handset.hangs_up())

    def texts(self, to: str, body: str) -> None:
        self._run(self._handset.texts(to, body))

    def rings(self) -> None:
        self._run(self._handset.rings())

    def hears(self, pattern: Pattern) -> str:
        return self._run(self._handset.hears(pattern))

    def is_hung_up(self) -> dict[str, Any]:
        return self._run(self._handset.is_hung_up())

    def reads(self, pattern: Pattern) -> dict[str, Any]:
        return self._run(self._handset.reads(pattern))

    def transcript(self) -> str:
        return self._handset.transcript()

    @property
    def events(self) -> list[dict[str, Any]]:
        return list(self._handset.events)

    @property
    def call_sid(self) -> str:
        """The last call that this handset was on."""
        return str(next(event["call"] for event in reversed(self.events) if "call" in event))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
