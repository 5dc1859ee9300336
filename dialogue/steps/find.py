"""find: something is looked up with what she said, and what was found is saved; nothing is held, and nothing changes.

What is found may be gone a moment later: whoever acts on it looks again in the act.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dialogue.steps.kind import Known, StepKind, check_values

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Flow, Step


class FindStep(StepKind):
    name = "find"
    keys = frozenset({"with", "given", "save"})
    needs = frozenset({"save"})

    def run(self, step: Step, talk: Talk) -> None:
        talk.save(step.body["save"], talk.around.finders[step.main](**talk.given(step)))
        talk.go(step.next)

    def check(self, step: Step, flow: Flow, known: Known) -> Iterator[str]:
        if step.main not in known.finders:
            yield f"nothing finds {step.main!r}; there are {', '.join(sorted(known.finders)) or 'no finders'}"
        else:
            yield from check_values(step, known.finders[step.main])


KIND = FindStep()
