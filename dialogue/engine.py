"""From an answer to the next wait: the only way that a talk moves, on every channel.

`begin` and `advance` are pure: the same flows, position, answer and surroundings give the same
result, and nothing is touched. What should happen in the world comes back as acts, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dialogue import controls
from dialogue.flows import RETURN, Flow, FlowSet, Step, wording
from dialogue.reply import Say, Wait
from dialogue.said import Channel, Json, Said, copied
from dialogue.steps import step_kinds
from dialogue.steps.kind import StepKind
from languages import Language, Languages
from languages.saying import fill, placeholders

MOST_STEPS = 100
"""Steps from one wait to the next: a flow that needs more is going round in a circle."""
MOST_TURNS = 120
"""Turns in one conversation: whoever is still here needs a person, not a menu."""
LAST_TURNS = MOST_TURNS + 20
"""From here on only words of danger count: all else is silence, which ends in a call back."""
MOST_BACK = 20
PRIVATE = "private_"
SECRET_ANSWERS = frozenset({"pin"})

Rule = Callable[..., Json]
"""A pure rule of care: keyword arguments as JSON, a JSON value back."""
Finder = Callable[..., Json]
"""As a rule, but it looks something up: it may find another thing a moment later."""


class RunawayFlow(RuntimeError):
    """More than MOST_STEPS steps without a wait: the flow is wrong, the person needs a person."""


@dataclass(frozen=True)
class Act:
    """Something that flows ask care to do; its values are JSON and are stored with the turn."""

    name: str
    values: Mapping[str, Json]


@dataclass(frozen=True)
class Surroundings:
    """All that a turn may know besides its own position.

    `facts` are read when a step asks for one; those named `private_…` are for rules only and are never said.
    `finders` look up what depends on her answers, without a lock.
    `send_drafts` allows clinical words whose translation nobody has reviewed.
    """

    channel: Channel
    languages: Languages
    rules: Mapping[str, Rule] = field(default_factory=dict)
    facts: Mapping[str, Json] = field(default_factory=dict)
    send_drafts: bool = True
    finders: Mapping[str, Finder] = field(default_factory=dict)


@dataclass(frozen=True)
class Advance:
    """Where a turn led. `position` is JSON; without `wait` the talk is over."""

    position: Mapping[str, Json]
    says: Sequence[Say]
    wait: Wait | None
    acts: Sequence[Act]

    @property
    def language(self) -> str:
        return str(self.position["language"])


def begin(
    flows: FlowSet,
    flow: str,
    around: Surroundings,
    language: str,
    values: Mapping[str, Json] | None = None,
    first: Said | None = None,
) -> Advance:
    """Start `flow`; `first` is a text that opened the talk, which may already ask for help or a stop."""
    position = {
        "stack": [{"flow": flow, "step": flows[flow].start}],
        "vars": dict(values or {}),
        "language": language,
        "tries": 0,
        "turns": 0,
        "back": [],
    }
    talk = Talk(flows, position, around)
    asked = controls.asked_for(first, talk.language, around.languages.values()) if first else None
    if first and asked in controls.BEFORE_ANYTHING:
        talk.save("control_words", first.words)
        talk.call(asked)
    return talk.run()


def advance(flows: FlowSet, position: Mapping[str, Json], said: Said, around: Surroundings) -> Advance:
    """Take one answer to the question that is open at `position` and go on to the next wait."""
    talk = Talk(flows, copied(position), around)
    talk.position["turns"] += 1
    turns = talk.position["turns"]
    if turns < MOST_TURNS or said.dialed or _tells_of_danger(said, talk):
        talk.kind.answered(talk.step, said, talk)
    elif not talk.within("person"):
        talk.restart("person")
    else:
        talk.kind.answered(talk.step, said if turns < LAST_TURNS else Said(), talk)
    return talk.run()


def _tells_of_danger(said: Said, talk: Talk) -> bool:
    """Asked only of whoever has used up her turns: until then the question that is open listens for it itself."""
    return controls.asked_for(said, talk.language, talk.around.languages.values()) == controls.DANGER


def answers_a_secret(flows: FlowSet, position: Mapping[str, Json] | None) -> bool:
    """Is the open question one whose answer nobody may read afterwards?"""
    if not position or not position["stack"]:
        return False
    return flows.step(position["stack"][-1]).body.get("answer") in SECRET_ANSWERS


class Talk:
    """The scratch pad of one turn: steps read and change it, and it lives no longer than the turn."""

    def __init__(self, flows: FlowSet, position: dict[str, Json], around: Surroundings) -> None:
        self.flows = flows
        self.position = position
        self.around = around
        self.says: list[Say] = []
        self.acts: list[Act] = []
        self.wait: Wait | None = None

    # where we are

    @property
    def stack(self) -> list[dict[str, str]]:
        return self.position["stack"]  # type: ignore[no-any-return]

    @property
    def step(self) -> Step:
        return self.flows.step(self.stack[-1])

    @property
    def flow(self) -> Flow:
        return self.flows[self.stack[-1]["flow"]]

    @property
    def kind(self) -> StepKind:
        return step_kinds()[self.step.kind]

    @property
    def language(self) -> Language:
        return self.around.languages[self.position["language"]]

    def within(self, flow: str) -> bool:
        return any(frame["flow"] == flow for frame in self.stack)

    # where we go

    def run(self) -> Advance:
        for _ in range(MOST_STEPS):
            if self.wait is not None or not self.stack:
                return Advance(self.position, tuple(self.says), self.wait, tuple(self.acts))
            self.kind.run(self.step, self)
        raise RunawayFlow(f"{self.stack[-1]['flow']}.{self.stack[-1]['step']}")

    def go(self, step: str | None) -> None:
        """To a step of this flow; None or "return" comes back to the flow that called this one."""
        if step is not None and step != RETURN:
            self.stack[-1]["step"] = step
            return
        self.stack.pop()
        if self.stack and not self.stack[-1].pop("again", None):
            self.go(self.step.next)

    def call(self, flow: str) -> None:
        """Into another flow; when it comes back, the step under it goes on to its next."""
        self.stack.append({"flow": flow, "step": self.flows[flow].start})
        self.position["tries"] = 0

    def interrupt(self, flow: str) -> None:
        """Into another flow now; when it comes back, the open question is asked again."""
        self.stack[-1]["again"] = "yes"
        self.call(flow)

    def restart(self, flow: str) -> None:
        self.position["stack"] = []
        self.position["back"] = []
        self.call(flow)

    def end(self) -> None:
        self.position["stack"] = []

    def remember_for_back(self) -> None:
        back = self.position["back"]
        back.append([dict(frame) for frame in self.stack])
        del back[:-MOST_BACK]

    # what is known and done

    def value(self, name: str) -> Json:
        if name in self.position["vars"]:
            return self.position["vars"][name]
        return self.around.facts.get(name)

    def save(self, name: str, value: Json) -> None:
        self.position["vars"][name] = value

    def given(self, step: Step) -> dict[str, Json]:
        """The values that a step hands on: `with` names variables, `given` holds plain words."""
        values = {name: self.value(variable) for name, variable in step.body.get("with", {}).items()}
        return values | dict(step.body.get("given", {}))

    def act(self, name: str, **values: Json) -> None:
        self.acts.append(Act(name, values))

    # what is said

    def say(self, words: Json, language: Language | None = None, **values: Json) -> None:
        self.says.extend(self.worded(words, language, **values))

    def worded(self, words: Json, language: Language | None = None, **values: Json) -> list[Say]:
        """The words for this channel in her language, or the next of her chain, placeholders filled."""
        tag = (language or self.language).tag
        return [self._render(message, tag, values) for message in wording(words, self.around.channel)]

    def _render(self, message: str, tag: str, values: Mapping[str, Json]) -> Say:
        reviewed_only = self.flow.clinical and not self.around.send_drafts
        text, used = self.around.languages.text(
            message, tag, snapshot=self.flows.translations, reviewed_only=reviewed_only
        )
        if reviewed_only and used != tag:
            self.act("unreviewed_words_withheld", language=tag)
        known = {name: self._sayable(name, values) for name in placeholders(text)}
        return Say(fill(text, known, self.around.languages[used], self.around.channel.value), used)

    def _sayable(self, name: str, values: Mapping[str, Json]) -> Json:
        if name.startswith(PRIVATE):
            raise PermissionError(f"{name} is for rules, and never said")
        return values[name] if name in values else self.value(name)
