"""branch: one way of several, by the value of a variable or a fact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dialogue.steps.kind import Known, StepKind

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Flow, Step
    from dialogue.said import Json


class BranchStep(StepKind):
    name = "branch"
    keys = frozenset({"when", "otherwise"})

    def run(self, step: Step, talk: Talk) -> None:
        found = as_written(talk.value(step.main))
        ways = {str(value): target for value, target in step.body["when"].items()}
        talk.go(ways.get(found, step.body.get("otherwise", step.next)))

    def targets(self, step: Step) -> list[str | None]:
        return [*step.body["when"].values(), step.body.get("otherwise", step.next)]

    def check(self, step: Step, flow: Flow, known: Known) -> Iterator[str]:
        if not isinstance(step.body.get("when"), dict):
            yield "a branch needs `when:`, a step for each value"


def as_written(value: Json) -> str:
    """A value as a flow's writer writes it: yes and no for true and false, none for nothing."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


KIND = BranchStep()
