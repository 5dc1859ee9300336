"""resume: take up a conversation that was left on another channel or call, at its open question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialogue.said import copied
from dialogue.steps.kind import StepKind

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Step


class ResumeStep(StepKind):
    """`resume: <fact>`: the fact holds what was left, its frames and variables. Without it, the talk goes on.

    What was found out in this talk (who is speaking) wins over what was known in that one.
    """

    name = "resume"

    def run(self, step: Step, talk: Talk) -> None:
        left = talk.around.facts.get(step.main)
        if not left:
            talk.go(step.next)
            return
        talk.position["vars"] = {**left["vars"], **talk.position["vars"]}
        talk.stack.extend(copied(left["stack"]))
        talk.position["back"] = []
        talk.position["tries"] = 0

    def reads(self, step: Step) -> set[str]:
        return {step.main}


KIND = ResumeStep()
