"""The English strings of a flow, for Babel: every sentence it says and every label it offers.

Each comes with the note that a translator needs: `flow blood_pressure, step reading, clinical, by voice`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import yaml

SAID = ("say", "ask", "end", "whisper", "reason", "hint")
"""Keys of a step that hold words: a text, a list of texts, or one of these for each channel."""
OFFERED = ("label", "words")
"""Keys of a choice that hold words."""
BY_VOICE, BY_TEXT = ", by voice", ", by text"
CHANNELS = {"voice": BY_VOICE, "text": BY_TEXT}

Found = tuple[int, str | None, str, list[str]]
"""Line (from 1), no function, the string, notes: what Babel takes from an extractor."""
Words = tuple[int, str, str]
"""Line, string, and the note on the one channel that it is for, if it is."""


def extract(
    fileobj: IO[bytes], keywords: Sequence[str], comment_tags: Sequence[str], options: Mapping[str, Any]
) -> Iterator[Found]:
    """Babel's extractor for `ivr_flows/*.yaml`; its name in babel.cfg is `flows`."""
    flow = yaml.compose(fileobj.read().decode("utf-8"), Loader=yaml.SafeLoader)
    parts = _mapping(flow)
    name = _scalar(parts.get("flow"))
    clinical = ", clinical" if _scalar(parts.get("clinical")) in ("yes", "true") else ""
    for step, body in _mapping(parts.get("steps")).items():
        for line, words, channel in _of_step(_mapping(body)):
            yield line, None, words, [f"flow {name}, step {step}{clinical}{channel}"]


def _of_step(body: Mapping[str, yaml.Node]) -> Iterator[Words]:
    for key in SAID:
        if key in body:
            yield from _wording(body[key])
    choices = body.get("choices")
    for choice in choices.value if isinstance(choices, yaml.SequenceNode) else []:
        for key, node in _mapping(choice).items():
            if key in OFFERED:
                yield from _wording(node)


def _wording(node: yaml.Node, channel: str = "") -> Iterator[Words]:
    if isinstance(node, yaml.ScalarNode):
        # As the engine looks it up: a sentence folded over lines is one sentence.
        if words := " ".join(node.value.split()):
            yield node.start_mark.line + 1, words, channel
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _wording(item, channel)
    else:
        for key, item in _mapping(node).items():
            if key in CHANNELS:
                yield from _wording(item, CHANNELS[key])


def _mapping(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {_scalar(key): value for key, value in node.value}


def _scalar(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""
