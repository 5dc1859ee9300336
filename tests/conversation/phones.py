"""Phones of a transcript: what each one heard on its calls and read in its texts, in order, as lines."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from phonelab.audio import RATE, Samples, write_wav
from phonelab.handset_client import AsyncHandset

DEADLINE = 20.0
"""Seconds that an expected line may take, on a busy machine."""
STOPPED = 21610
"""The carrier holds back a text to somebody who told it STOP: what a handset does not show, either."""


def hum(seconds: float) -> Samples:
    """A voice without words, at 8 kHz: loud enough to be recorded, nothing that a recogniser understands."""
    times = np.arange(round(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * 180 * times) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * times))
    return (tone * 9000).astype(np.int16)


class Phone(AsyncHandset):
    """A handset that keeps what it got as lines; `taken` of each are already compared."""

    def __init__(
        self,
        base_url: str,
        number: str,
        told: Callable[[str], str],
        words_at: Callable[[str], str] = lambda address: address,
    ) -> None:
        """`words_at` gives the words of the sound at an address."""
        super().__init__(base_url, number, deadline=DEADLINE)
        self.heard: list[str] = []
        self.read: list[str] = []
        self.taken = {"heard": 0, "read": 0}
        self.talking = False
        """By the transcript, not by the line: from calling or answering to hanging up."""
        self._told = told
        self._words_at = words_at
        self._ends_it = False
        self._gathering = 0
        self._waits = False

    async def do(self, words: str, line: str) -> None:
        """One `>` line. Raises ValueError for what nobody can do with a phone."""
        verb, _, rest = words.partition(" ")
        self._gathering, self._waits = 0, False
        match verb:
            case "call":
                self.talking, self._ends_it = True, False
                await self.call(line)
            case "flash":
                self.talking, self._ends_it = False, True
                await self.flashes(line)
            case "answer":
                self.talking, self._ends_it = True, False
                await self.answers()
            case "reject":
                self._ends_it = True
                await self.rejects()
            case "hang":
                self.talking, self._ends_it = False, True
                await self.hangs_up()
            case "keys":
                await self.press(rest)
            case "silence":
                await self.silence()
            case "speaks":
                length, _, then = rest.partition(" then ")
                await self._speaks(float(length.split()[0]), then or "silence")
            case "text":
                before = len(self._own_texts())
                await self.texts(line, rest)
                await self._until(lambda: len(self._own_texts()) > before, "the text to be on its way")
            case _:
                raise ValueError(f"nobody can {words!r}")

    async def _speaks(self, seconds: float, then: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "sound.wav")
            file.write_bytes(write_wav(hum(seconds)))
            await self.says(file, then)

    async def next_line(self, kind: str) -> str:
        """The next line, heard or read, once it comes. Raises ScriptFailed after the deadline."""
        lines = self.heard if kind == "heard" else self.read
        place = self.taken[kind]
        await self._until(lambda: len(lines) > place, f"anything to be {kind}")
        self.taken[kind] = place + 1
        return self._told(lines[place])

    def rest(self, kind: str, but: str = "") -> list[str]:
        """What has come and was not taken yet, up to a line that is `but`; it is taken by this."""
        lines = self.heard if kind == "heard" else self.read
        rest = lines[self.taken[kind] :]
        rest = rest[: rest.index(but)] if but in rest else rest
        self.taken[kind] += len(rest)
        return [self._told(line) for line in rest]

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something about this phone. Raises ScriptFailed after the deadline."""
        await self._until(condition, what)

    @property
    def last_text(self) -> str:
        """The carrier's id of the last text that was sent from here."""
        return str(self._own_texts()[-1]["sid"])

    def _own_texts(self) -> list[dict[str, Any]]:
        return [text for text in self.texts_seen if text["to"] != self.number]

    @property
    def is_ringing(self) -> bool:
        return self._call == "ringing"

    @property
    def is_idle(self) -> bool:
        return self._call in (None, "ended")

    @property
    def waits_for_us(self) -> bool:
        """The call listens, and has said all that it had to say."""
        return self._waits

    def _take(self, event: dict[str, Any]) -> None:
        super()._take(event)
        match event["event"]:
            case "gathering":
                self._gathering += 1  # told before the prompts inside, and again after them
                self._waits = self._gathering == 2
            case "recording":
                self._waits = True
            case "gathered" | "recorded" | "unbridged":
                self._gathering, self._waits = 0, False
            case "saying":
                self.heard.append(event["text"])
            case "playing" if event.get("url"):
                self.heard.append(self._words_at(event["url"]))
            case "beep":
                self.heard.append("[tone]")
            case "tone":
                self.heard.append(f"[{event['tone']}]")
            case "bridged":
                self._waits = True
                self.heard.append("[connected]")
            case "ringing":
                self.heard.append("[ringing]")
            case "ended":
                self._waits = False
                if not self._ends_it:
                    self.heard.append("[hung up]" if self.talking else "[stopped ringing]")
            case "text" if event["to"] == self.number:
                self.read.append(event["body"])
            case "error" if event["code"] != STOPPED:
                self.heard.append(f"[error] {event['code']} {event['message']}")
