"""What a person answered, and what an answer kind made of it: the values that pass between engine and kinds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from languages import Language

Json = Any
"""A value that survives `json.dumps` and back: what a position keeps."""


def copied(value: Json) -> Json:
    """A copy that shares nothing with `value`: the quick way for JSON."""
    return json.loads(json.dumps(value))


class Channel(StrEnum):
    """How talk reaches us. A step may word itself differently for each."""

    VOICE = "voice"
    TEXT = "text"


@dataclass(frozen=True)
class Said:
    """One answer as it came. Exactly one of the fields is filled; all empty means silence.

    `keys` are DTMF without the finishing `#`; `text` is a text message as sent; `transcript` is
    recognised speech with `confidence` from 0 to 1; `recording` is the carrier's id of a recording;
    `dialed` is how a bridge to another person ended.
    """

    keys: str = ""
    text: str = ""
    transcript: str = ""
    confidence: float = 1.0
    recording: str = ""
    seconds: int = 0
    dialed: str = ""

    @property
    def silent(self) -> bool:
        return not (
            self.keys or self.text.strip() or self.transcript.strip() or self.recording or self.dialed
        )

    @property
    def words(self) -> str:
        """The answer as words, however it came: a text or a transcript."""
        return self.text or self.transcript


@dataclass(frozen=True)
class Understood:
    """The answer was read: `value` is JSON (a structured value carries its own `"kind"`)."""

    value: Json


@dataclass(frozen=True)
class Unclear:
    """The answer was not read, or reads two ways: `reason` is a message id that tells her why.

    `values` fill its placeholders. The question is then asked again: a kind never guesses.
    """

    reason: str
    values: Mapping[str, Json] = field(default_factory=dict)


class AnswerKind(Protocol):
    """One kind of answer, in one file of `dialogue/answers/`; found by its `name` as flows write it."""

    name: str
    zero_is_an_answer: bool
    """Where true, the control keys are `*` again and `*0` a person, and `#` ends; else `0` and `*`."""

    def finished_by(self, options: Mapping[str, Json]) -> int | None:
        """How many keys complete an answer (so no `#` is needed), or None where it varies."""

    def check(self, options: Mapping[str, Json]) -> list[str]:
        """What is wrong with a flow's options for this kind, in words a flow's writer understands."""

    def read(self, said: Said, language: Language, options: Mapping[str, Json]) -> Understood | Unclear:
        """Read keys, text or a transcript in `language`."""

    def messages(self) -> list[str]:
        """Every message id that `read` may give as a reason, for the catalogues."""
