"""How a number answers: a person, a machine, nobody. Set per number through /lab/numbers/{number}."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields, replace
from typing import Any

# What a number is; the first is what a number is that nobody set.
KINDS = (
    "human",
    "machine",
    "fax",
    "unknown",  # somebody answers whom detection can't tell
    "busy",
    "no-answer",
    "failed",
    "landline",  # a person, but no texts: 30006
    "unreachable",  # rings out; texts fail with 30003
    "blocked",  # 30004
    "filtered",  # 30007
    "invalid",  # refused on request: 21211
    "not-mobile",  # texts refused on request: 21614
)
TEXT_ERRORS = {"landline": 30006, "unreachable": 30003, "blocked": 30004, "filtered": 30007}
ANSWERED_BY = {"human": "human", "landline": "human", "fax": "fax", "unknown": "unknown"}
ENDS = ("beep", "silence", "other")


class BehaviourError(ValueError):
    """A behaviour that there is not; the message names the field."""


@dataclass(frozen=True)
class Behaviour:
    """Seconds are the carrier's. `end`: how a machine's greeting ends, and so the detection's verdict."""

    kind: str = "human"
    greeting_seconds: float = 5.0
    end: str = "beep"
    keeps_seconds: float = 120.0  # a machine stops recording and hangs up
    human_seconds: float = 1.5  # a person's "hello", after which detection says human
    auto_answer: bool = False  # a human who answers without anybody holding the handset, and says nothing
    text_error: int | None = None  # texts end undelivered with this code

    def changed(self, changes: dict[str, Any]) -> Behaviour:
        """A copy with some fields set. Raises BehaviourError."""
        known = {field.name for field in fields(self)}
        if unknown := set(changes) - known:
            raise BehaviourError(f"{sorted(unknown)[0]!r} is none of {', '.join(sorted(known))}")
        changed = replace(self, **changes)
        if changed.kind not in KINDS:
            raise BehaviourError(f"kind {changed.kind!r} is none of {', '.join(KINDS)}")
        if changed.end not in ENDS:
            raise BehaviourError(f"end {changed.end!r} is none of {', '.join(ENDS)}")
        return changed

    @property
    def texts_fail_with(self) -> int | None:
        return self.text_error or TEXT_ERRORS.get(self.kind)


class AnsweringMachine:
    """The far end of a leg that a machine answered: it keeps what is said after its beep."""

    waits_for_word = False
    wants_audio = False

    def __init__(self, left: list[dict[str, Any]]) -> None:
        self._left = left
        self.recording = asyncio.Event()  # the greeting is over
        self._speaking: list[dict[str, Any]] = []

    def tell(self, event: str, **fields: Any) -> None:
        """Keep what is said; what began before the beep is kept as clipped."""
        if event not in ("saying", "playing", "hearing"):
            return
        heard = {
            "text": fields.get("text"),
            "url": fields.get("url"),
            "seconds": fields.get("seconds"),
            "clipped": not self.recording.is_set(),
        }
        if self.recording.is_set():
            self._left.append(heard)
        else:
            self._speaking = [heard]

    def beep(self, still_speaking: bool) -> None:
        """The greeting is over: from now on it records. A prompt that is under way loses its beginning."""
        self.recording.set()
        if still_speaking:
            self._left.extend(self._speaking)
