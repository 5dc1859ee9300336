"""end: the talk is over, on whatever flow it began; `end:` may hold the last words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dialogue.steps.kind import StepKind

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Step


class EndStep(StepKind):
    name = "end"
    speaks = frozenset({"end"})

    def run(self, step: Step, talk: Talk) -> None:
        talk.say(step.main)
        talk.end()

    def targets(self, step: Step) -> list[str | None]:
        return []

    def messages(self, step: Step) -> Iterator[Any]:
        yield step.main


KIND = EndStep()
