"""language: from here on, speak the language whose tag a variable holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialogue.steps.kind import StepKind

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Step


class LanguageStep(StepKind):
    name = "language"

    def run(self, step: Step, talk: Talk) -> None:
        tag = talk.value(step.main)
        if tag in talk.around.languages:
            talk.position["language"] = tag
        talk.go(step.next)

    def reads(self, step: Step) -> set[str]:
        return {step.main}


KIND = LanguageStep()
