"""Flows as they are written, read into values: one YAML file a conversation, for a nurse to read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from dialogue.said import Channel

KEPT_TAGS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:null", "tag:yaml.org,2002:timestamp")
RETURN = "return"
"""Where a step leads back to the flow that called this one; the last step does so by itself."""
FLOW_KEYS = {"flow", "title", "clinical", "resumable", "source", "reviewed", "steps"}


class FlowError(ValueError):
    """A flow that cannot be run: `problems` says what is wrong, a line each, for its writer."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _PlainLoader(yaml.SafeLoader):
    """YAML in which yes, no, on and off are words: a nurse writes `yes:` and means yes.

    A name that stands twice is an error: the first of two steps would be lost without a word.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        if twice := sorted({str(name) for name in names if names.count(name) > 1}):
            raise yaml.constructor.ConstructorError(
                None, None, f"{', '.join(twice)} stands twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in KEPT_TAGS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Step:
    """One step: `kind` names the file in `dialogue/steps/` that runs it, `body` is as written."""

    name: str
    kind: str
    body: Mapping[str, Any]
    next: str | None

    @property
    def main(self) -> Any:
        """What stands under the step's own kind: the words of a say, the target of a call."""
        return self.body[self.kind]


@dataclass(frozen=True)
class Flow:
    name: str
    title: str
    steps: Mapping[str, Step]
    clinical: bool = False
    resumable: bool = False
    source: str = ""
    reviewed: Mapping[str, Any] | None = None

    @property
    def start(self) -> str:
        return next(iter(self.steps))


@dataclass(frozen=True)
class FlowSet:
    """All flows as they stood at one moment: a conversation keeps the set that it began with.

    `translations` (language tag → message id → text) are those of that moment: a sentence that a
    newer catalogue no longer has is still said in her language.
    """

    sources: Mapping[str, str]
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def flows(self) -> Mapping[str, Flow]:
        return {name: parse(name, source) for name, source in self.sources.items()}

    @cached_property
    def version(self) -> str:
        """Of the flows' words alone: a corrected translation reaches conversations under way."""
        canonical = json.dumps(dict(sorted(self.sources.items())))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def __getitem__(self, name: str) -> Flow:
        return self.flows[name]

    def step(self, frame: Mapping[str, str]) -> Step:
        return self.flows[frame["flow"]].steps[frame["step"]]

    def to_json(self) -> dict[str, Any]:
        return {"sources": dict(self.sources), "translations": self.translations}


def read_folder(folder: Path) -> FlowSet:
    """All flows of a folder. Raises FlowError where one does not parse."""
    return FlowSet({path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.yaml"))})


def parse(name: str, source: str) -> Flow:
    """One flow from its YAML. Raises FlowError with every problem of its shape."""
    from dialogue.steps import step_kinds

    try:
        written = yaml.load(source, Loader=_PlainLoader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        raise FlowError([f"{name}: not YAML: {error}"]) from error
    problems = list(_shape(name, written))
    if problems:
        raise FlowError(problems)
    names = list(written["steps"])
    steps = {}
    for position, step in enumerate(names):
        body = written["steps"][step]
        kinds = [kind for kind in step_kinds() if isinstance(body, dict) and kind in body]
        if len(kinds) != 1:
            problems.append(f"{name}.{step}: a step has exactly one of {', '.join(sorted(step_kinds()))}")
            continue
        following = names[position + 1] if position + 1 < len(names) else None
        steps[step] = Step(step, kinds[0], body, body.get("next", following))
    if problems:
        raise FlowError(problems)
    return Flow(
        name,
        str(written.get("title", "")),
        steps,
        clinical=written.get("clinical") == "yes",
        resumable=written.get("resumable") == "yes",
        source=str(written.get("source") or ""),
        reviewed=written.get("reviewed"),
    )


def _shape(name: str, written: object) -> Iterator[str]:
    if not isinstance(written, dict):
        yield f"{name}: a flow is a mapping with flow, title and steps"
        return
    for key in sorted(set(written) - FLOW_KEYS, key=str):
        yield f"{name}: unknown key {key!r}; known are {', '.join(sorted(FLOW_KEYS))}"
    if written.get("flow") != name:
        yield f"{name}: `flow:` must be the file's name, {name}"
    if not isinstance(written.get("steps"), dict) or not written["steps"]:
        yield f"{name}: steps are missing"


def wording(words: Any, channel: Channel) -> list[str]:
    """The message ids that a say or ask has for a channel: one for both, or one each."""
    if isinstance(words, Mapping):
        words = words.get(channel.value, [])
    if words is None:
        return []
    return [_in_one_line(word) for word in (words if isinstance(words, list) else [words])]


@lru_cache(maxsize=4096)
def _in_one_line(word: Any) -> str:
    return " ".join(str(word).split())


def messages_of(flow: Flow) -> set[str]:
    """Every message id that a flow may say, on any channel."""
    from dialogue.steps import step_kinds

    wordings = [words for step in flow.steps.values() for words in step_kinds()[step.kind].messages(step)]
    return {message for words in wordings for channel in Channel for message in wording(words, channel)}
