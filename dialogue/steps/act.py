"""act: care does something; it is done when the turn is stored, or the turn is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dialogue.steps.kind import Known, StepKind, check_values

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Flow, Step


class ActStep(StepKind):
    name = "act"
    keys = frozenset({"with", "given"})

    def run(self, step: Step, talk: Talk) -> None:
        talk.act(step.main, **talk.given(step))
        talk.go(step.next)

    def check(self, step: Step, flow: Flow, known: Known) -> Iterator[str]:
        if step.main not in known.acts:
            yield f"there is no act {step.main!r}; there are {', '.join(sorted(known.acts))}"
        else:
            yield from check_values(step, known.acts[step.main])


KIND = ActStep()
