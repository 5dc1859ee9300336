"""Whether a step is written in the shape that its kind reads: looked at before anything else is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dialogue.flows import Flow, Step
from dialogue.said import Channel
from dialogue.steps import step_kinds
from dialogue.steps.ask import OWN_TONGUE
from languages.saying import SayingError, placeholders

WORDS = ("next", "otherwise", "failed", "save", "answer")
MAPPINGS = ("with", "given", "go", "when", "options")
OF_WORDS = ("with", "go", "when")
CHANNELS = {channel.value for channel in Channel}


def check_shapes(flow: Flow) -> Iterator[str]:
    """Every problem of shape in a flow, a line each; where there is one, its steps must not be looked into."""
    for step in flow.steps.values():
        for problem in _check_step(step):
            yield f"{flow.name}.{step.name}: {problem}"


def _check_step(step: Step) -> Iterator[str]:
    kind = step_kinds()[step.kind]
    for key in sorted(kind.needs - set(step.body)):
        yield f"a step with `{step.kind}:` needs `{key}:`"
    for key in WORDS:
        if not isinstance(step.body.get(key, ""), str):
            yield f"`{key}:` is one word"
    for key in MAPPINGS:
        if not isinstance(step.body.get(key, {}), dict):
            yield f"`{key}:` is a mapping, like {{one: other}}"
        elif key in OF_WORDS and not all(isinstance(word, str) for word in step.body.get(key, {}).values()):
            yield f"`{key}:` leads from each word to one word"
    yield from _check_choices(step)
    if step.kind not in kind.speaks and not isinstance(step.main, str):
        yield f"`{step.kind}:` is one word"
    for key in sorted(kind.speaks & set(step.body)):
        yield from _check_wording(key, step.body[key])


def _check_choices(step: Step) -> Iterator[str]:
    choices = step.body.get("choices", [])
    if not isinstance(choices, list):
        yield "`choices:` is a list"
        return
    for choice in choices:
        if choice == OWN_TONGUE:
            continue
        if isinstance(choice, dict) and "from" in choice:
            if set(choice) != {"from", "label"} or not isinstance(choice["from"], str):
                yield "a choice from what was found has `from:`, one word, and `label:`, and no more"
                continue
        elif (
            not isinstance(choice, dict) or not isinstance(choice.get("value"), str) or not _has_words(choice)
        ):
            yield (
                f"a choice has `value:`, one word, and `label:`, or only `words:` where it is not offered; "
                f"or it is the word {OWN_TONGUE}"
            )
            continue
        for key in sorted(set(choice) - {"value", "from", "label", "words", "key", "reads"}, key=str):
            yield f"unknown key {key!r} in a choice"
        for key in ("label", "words"):
            if not isinstance(choice.get(key, "-"), str) or not choice.get(key, "-"):
                yield f"`{key}:` of a choice is words, with commas between where they are several"
            else:
                yield from _check_wording(key, choice.get(key))


def _has_words(choice: dict[str, Any]) -> bool:
    return "label" in choice or ("words" in choice and "key" not in choice)


def _check_wording(key: str, words: Any) -> Iterator[str]:
    if isinstance(words, dict):
        for channel in sorted(set(words) - CHANNELS, key=str):
            yield f"`{key}:` is worded for {' and '.join(sorted(CHANNELS))}, not for {channel!r}"
    for wording in words.values() if isinstance(words, dict) else [words]:
        for sentence in wording if isinstance(wording, list) else [wording]:
            if isinstance(sentence, (dict, list)):
                yield f"`{key}:` is a sentence or a list of sentences"
                continue
            try:
                placeholders(str(sentence))
            except SayingError as error:
                yield f"`{key}:` can't be said: {error}"
