"""branch: one way of several, by the value of a variable or a fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialogue.steps.kind import StepKind

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Step
    from dialogue.said import Json


class BranchStep(StepKind):
    name = "branch"
    keys = frozenset({"when", "otherwise"})
    needs = frozenset({"when"})

    def run(self, step: Step, talk: Talk) -> None:
        found = as_written(talk.value(step.main))
        ways = {str(value): target for value, target in step.body["when"].items()}
        talk.go(ways.get(found, step.body.get("otherwise", step.next)))

    def targets(self, step: Step) -> list[str | None]:
        return [*step.body["when"].values(), step.body.get("otherwise", step.next)]

    def reads(self, step: Step) -> set[str]:
        return {step.main}


def as_written(value: Json) -> str:
    """A value as a flow's writer writes it: yes and no for true and false, none for nothing."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


KIND = BranchStep()
