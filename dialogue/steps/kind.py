"""What every step kind is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Flow, FlowSet, Step
    from dialogue.said import Said


@dataclass(frozen=True)
class Known:
    """What a flow may refer to: checked when flows are loaded, not when a patient waits.

    `acts`, `rules` and `finders` give the names of the values that each one takes; `facts` the names of facts.
    """

    flows: FlowSet
    acts: Mapping[str, frozenset[str]]
    rules: Mapping[str, frozenset[str]]
    facts: frozenset[str]
    finders: Mapping[str, frozenset[str]] = field(default_factory=dict)


class StepKind:
    """A step kind: what it may hold, what it does, and where it may lead.

    `run` must change the talk: go on, call, wait or end. Only kinds that wait are `answered`.
    """

    name: str
    keys: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    """Those of `keys` that must be there."""
    speaks: frozenset[str] = frozenset()
    """The keys that hold wordings, of `messages`."""
    waits = False

    def run(self, step: Step, talk: Talk) -> None:
        raise NotImplementedError

    def answered(self, step: Step, said: Said, talk: Talk) -> None:
        """An event came where nothing was asked (a step that never waits): say where we are again."""
        self.run(step, talk)

    def targets(self, step: Step) -> list[str | None]:
        """Every step this one may lead to; None stands for coming back to the caller."""
        return [step.next]

    def saves(self, step: Step) -> str | None:
        return step.body.get("save")

    def reads(self, step: Step) -> set[str]:
        """The variables and facts that a step looks at, besides those in its words."""
        return set(step.body.get("with", {}).values())

    def check(self, step: Step, flow: Flow, known: Known) -> Iterator[str]:
        """What is wrong with a step, beyond its keys and targets, in words for the flow's writer."""
        yield from ()

    def messages(self, step: Step) -> Iterator[Any]:
        """The wordings of a step, each a text, a list, or one for each channel."""
        yield from ()


def check_values(step: Step, takes: frozenset[str]) -> Iterator[str]:
    """Whether `with` and `given` hand over exactly the values that an act or rule takes."""
    given = {str(name) for key in ("with", "given") for name in step.body.get(key, {})}
    if given != takes:
        yield f"{step.main} takes {', '.join(sorted(takes)) or 'nothing'}, not {', '.join(sorted(given)) or 'nothing'}"
