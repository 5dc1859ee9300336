"""call: another flow, and back here when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dialogue.steps.kind import Known, StepKind

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Flow, Step


class CallStep(StepKind):
    name = "call"

    def run(self, step: Step, talk: Talk) -> None:
        talk.call(step.main)

    def check(self, step: Step, flow: Flow, known: Known) -> Iterator[str]:
        if step.main not in known.flows.sources:
            yield f"there is no flow {step.main!r}"


KIND = CallStep()
