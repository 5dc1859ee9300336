"""How many segments a flow's texts make in each language, as they stand: what is filled in comes on top."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dialogue.flows import Flow, wording
from dialogue.said import Channel
from dialogue.steps import step_kinds
from languages import Languages
from languages.catalogues import SOURCE


@dataclass(frozen=True)
class StepText:
    """What one step sends by text in one language; `translated` is false where it falls back on English."""

    step: str
    language: str
    text: str
    segments: int
    translated: bool


def of_flow(
    flow: Flow, languages: Languages, count: Callable[[str], int]
) -> Mapping[str, tuple[StepText, ...]]:
    """Every text that the steps of a flow may send, by language; `count` tells the segments of one."""
    return {tag: tuple(_texts(flow, languages, tag, count)) for tag in languages}


def in_all(texts: tuple[StepText, ...]) -> int:
    """The segments of a flow's texts in one language together: each step once."""
    return sum(text.segments for text in texts)


def _texts(flow: Flow, languages: Languages, tag: str, count: Callable[[str], int]) -> list[StepText]:
    found = []
    for step in flow.steps.values():
        for words in step_kinds()[step.kind].messages(step):
            parts = [languages.text(message, tag) for message in wording(words, Channel.TEXT)]
            text = " ".join(part for part, _ in parts)
            if text:
                translated = tag == SOURCE or all(used == tag for _, used in parts)
                found.append(StepText(step.name, tag, text, count(text), translated))
    return found
