"""dial: connect her to a person; how it went is saved. By text nobody can be connected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dialogue.reply import Dial
from dialogue.said import Channel
from dialogue.steps.kind import StepKind
from languages.catalogues import SOURCE

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Step
    from dialogue.said import Said


class DialStep(StepKind):
    """`dial: <fact>` names the fact with the number; `whisper` is what the person called hears first."""

    name = "dial"
    keys = frozenset({"whisper", "save"})
    needs = keys
    speaks = frozenset({"whisper"})
    waits = True

    def run(self, step: Step, talk: Talk) -> None:
        phone = talk.value(step.main)
        if talk.around.channel is not Channel.VOICE or not phone:
            talk.save(step.body["save"], "not possible")
            talk.go(step.next)
            return
        whisper = talk.worded(step.body["whisper"], talk.around.languages[SOURCE])
        talk.wait = Dial(phone["e164"], tuple(whisper))

    def answered(self, step: Step, said: Said, talk: Talk) -> None:
        talk.save(step.body["save"], said.dialed or "failed")
        talk.go(step.next)

    def reads(self, step: Step) -> set[str]:
        return {step.main}

    def messages(self, step: Step) -> Iterator[Any]:
        yield step.body["whisper"]


KIND = DialStep()
