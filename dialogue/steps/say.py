"""say: words for her to hear or read; the talk goes on at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dialogue.steps.kind import StepKind

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Step


class SayStep(StepKind):
    name = "say"
    speaks = frozenset({"say"})

    def run(self, step: Step, talk: Talk) -> None:
        talk.say(step.main)
        talk.go(step.next)

    def messages(self, step: Step) -> Iterator[Any]:
        yield step.main


KIND = SayStep()
