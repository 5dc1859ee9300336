"""What became of a text or a call: the carrier's words and our states, through one table, statuses.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml


class TextState(StrEnum):
    """Where a text that we sent is."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"


class CallState(StrEnum):
    """Where a call is."""

    QUEUED = "queued"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    FAILED = "failed"
    CANCELED = "canceled"


class Answerer(StrEnum):
    """Who the carrier believes answered a call. Its detection errs often: UNKNOWN means "ask"."""

    HUMAN = "human"
    MACHINE = "machine"
    """A machine whose greeting has ended."""
    MACHINE_GREETING = "machine greeting"
    """A machine that is still speaking."""
    FAX = "fax"
    UNKNOWN = "unknown"


State = TextState | CallState


@dataclass(frozen=True)
class Status:
    """What the carrier says: its own word, our state for it (None: a word we don't know), its error code.

    `seconds` are the length of a call that is over, where it says so.
    """

    word: str
    state: State | None
    code: int | None = None
    seconds: int | None = None


_TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "statuses.yaml").read_text("utf-8"))
_TEXTS = {word: TextState(row["state"]) for word, row in _TABLE["texts"].items()}
_CALLS = {word: CallState(row["state"]) for word, row in _TABLE["calls"].items()}
_ANSWERERS = {word: Answerer(name) for word, name in _TABLE["answered_by"].items()}
_RANKS: dict[State, int] = {_TEXTS[word]: row["rank"] for word, row in _TABLE["texts"].items()}
_CALL_RANKS: dict[State, int] = {_CALLS[word]: row["rank"] for word, row in _TABLE["calls"].items()}
_FINAL_TEXTS = frozenset(_TEXTS[word] for word, row in _TABLE["texts"].items() if row.get("final"))
_FINAL_CALLS = frozenset(_CALLS[word] for word, row in _TABLE["calls"].items() if row.get("final"))


def text_state(word: str | None) -> TextState | None:
    """Our state for the carrier's word, or None where it is new to us."""
    return _TEXTS.get(word or "")


def call_state(word: str | None) -> CallState | None:
    """Our state for the carrier's word, or None where it is new to us."""
    return _CALLS.get(word or "")


def answerer(word: str | None) -> Answerer | None:
    """Who answered; a new word is UNKNOWN, and no word (nobody listened for it) is None."""
    return _ANSWERERS.get(word, Answerer.UNKNOWN) if word else None


def is_final(state: State | None) -> bool:
    """Whether nothing more is to come (but `read`, after `delivered`)."""
    return state in (_FINAL_TEXTS if isinstance(state, TextState) else _FINAL_CALLS)


def moves_on(before: State | None, after: State | None) -> bool:
    """Whether `after` may be written over `before`: callbacks come in any order, and some twice."""
    if after is None:
        return False
    ranks = _RANKS if isinstance(after, TextState) else _CALL_RANKS
    return before is None or ranks[after] > ranks[before]
