"""judge: a rule of care looks at values and its verdict is saved; nothing else happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dialogue.steps.kind import Known, StepKind, check_values

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Flow, Step


class JudgeStep(StepKind):
    name = "judge"
    keys = frozenset({"with", "given", "save"})
    needs = frozenset({"save"})

    def run(self, step: Step, talk: Talk) -> None:
        talk.save(step.body["save"], talk.around.rules[step.main](**talk.given(step)))
        talk.go(step.next)

    def check(self, step: Step, flow: Flow, known: Known) -> Iterator[str]:
        if step.main not in known.rules:
            yield f"there is no rule {step.main!r}; there are {', '.join(sorted(known.rules))}"
        else:
            yield from check_values(step, known.rules[step.main])


KIND = JudgeStep()
