"""May a topic be sent on a channel? From all words of consent, hers and her number's, the oldest first.

A withdrawal stands until the same source takes it back: a number's STOP by a START from there, a patient's own by
herself or, on her word, by staff. "Everything" withdraws all topics; it never gives one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

EVERYTHING, ANY = "everything", "any"
CHANNELS = ("text", "call")
STOPPED, WITHDRAWN, NOT_GIVEN = "opted out", "consent withdrawn", "no consent"


@dataclass(frozen=True)
class Word:
    """One row of `consents`. `patient` is None where it is a number's, whoever holds it.

    `number_hash` says by which phone it was given; None where staff wrote it down.
    """

    topic: str
    channel: str
    given: bool
    patient: int | None
    number_hash: str | None = None

    def covers(self, topic: str, channel: str) -> bool:
        return self.topic in (topic, EVERYTHING) and self.channel in (channel, ANY)


def why_not(topic: str | None, channel: str, words: Sequence[Word]) -> str | None:
    """Why nothing about a topic may be sent, or None where it may. `words` in the order in which they were said.

    Without a topic it is an answer to what came from there: it needs no consent, only that nobody stopped us.
    """
    about = topic or EVERYTHING
    standing = [
        word
        for place, word in enumerate(words)
        if not word.given
        and word.covers(about, channel)
        and not any(_takes_back(later, word, about, channel) for later in words[place + 1 :])
    ]
    if any(word.topic == EVERYTHING for word in standing):
        return STOPPED
    if standing:
        return WITHDRAWN
    return None if topic is None or _is_given(topic, channel, words) else NOT_GIVEN


def topics_given(words: Sequence[Word]) -> list[str]:
    """The topics of which something may be sent on some channel now."""
    return [
        topic
        for topic, written in topics().items()
        if "more_of" not in written and any(why_not(topic, one, words) is None for one in CHANNELS)
    ]


def _is_given(topic: str, channel: str, words: Sequence[Word]) -> bool:
    return any(
        word.given and word.patient is not None and word.topic == topic and word.channel in (channel, ANY)
        for word in words
    )


def _takes_back(given: Word, withdrawal: Word, topic: str, channel: str) -> bool:
    if not given.given or given.channel not in (channel, ANY) or given.patient != withdrawal.patient:
        return False
    if given.topic != withdrawal.topic and not (withdrawal.topic == EVERYTHING and given.topic == topic):
        return False
    # What staff wrote down is the patient's own word; what came by a phone counts for what came by that phone.
    return given.number_hash is None or given.number_hash == withdrawal.number_hash


@cache
def topics() -> Mapping[str, Mapping[str, Any]]:
    """topics.yaml: what we write and call about."""
    return _read("topics.yaml")


@cache
def texts() -> Mapping[str, Mapping[str, Any]]:
    """consent_texts.yaml: what was agreed to, by version."""
    return _read("consent_texts.yaml")


def text_for(topic: str) -> str:
    """The version of the text that is read out for a topic today."""
    return [version for version, text in texts().items() if text["topic"] == topic][-1]


def _read(name: str) -> Mapping[str, Mapping[str, Any]]:
    written: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
        Path(__file__).with_name(name).read_text("utf-8")
    )
    return written
