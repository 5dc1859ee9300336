"""ask: a question, the kind of its answer, and what is done when there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dialogue import controls
from dialogue.answers import kinds
from dialogue.reply import Ask, Record
from dialogue.said import AnswerKind, Channel, Json, Understood
from dialogue.steps.kind import Known, StepKind
from languages import N_

if TYPE_CHECKING:
    from dialogue.engine import Talk
    from dialogue.flows import Flow, Step
    from dialogue.said import Said

OPTION = {"voice": N_("For {label}, press {key}."), "text": N_("{key} {label}")}
YES_OR_NO = ({"key": 1, "value": "yes", "label": N_("yes")}, {"key": 2, "value": "no", "label": N_("no")})
NOTHING_HEARD = N_("Sorry, I did not hear anything.")
MOST_TRIES = 2
OWN_TONGUE = "languages"
"""A choice that stands for every language that the channel can carry, each in its own tongue."""
EACH = "each"
MOST_FOUND = 3
"""How many of the values that were found are offered at once."""


class AskStep(StepKind):
    name = "ask"
    keys = frozenset({"answer", "save", "choices", "options", "failed", "go"})
    needs = frozenset({"answer"})
    speaks = frozenset({"ask"})
    waits = True

    def run(self, step: Step, talk: Talk) -> None:
        talk.say(step.main)
        kind = _kind(step)
        options = _options(step, talk)
        self._say_options(options, talk)
        if kind.name == "message" and talk.around.channel is Channel.VOICE:
            talk.wait = Record()
        else:
            talk.wait = Ask(kind.finished_by(options), hash_ends=kind.zero_is_an_answer)

    def answered(self, step: Step, said: Said, talk: Talk) -> None:
        kind, options = _kind(step), _options(step, talk)
        control = controls.read(said, kind, talk.language, options, talk.around.languages.values())
        if control:
            talk.save("control_words", said.words)
            self._control(control, step, talk)
        elif said.silent:
            self._not_understood(step, talk, NOTHING_HEARD, {})
        else:
            result = kind.read(said, talk.language, options)
            if isinstance(result, Understood):
                self._understood(step, talk, result.value)
            elif (ahead := _answered_ahead(said, options, talk)) is not None:
                talk.save("first_text", said.words)
                self._understood(step, talk, ahead)
            else:
                self._not_understood(step, talk, result.reason, result.values)

    def _understood(self, step: Step, talk: Talk, value: Json) -> None:
        talk.remember_for_back()
        talk.position["tries"] = 0
        if "save" in step.body:
            talk.save(step.body["save"], value)
        talk.go(step.body.get("go", {}).get(_as_key(value), step.next))

    def _not_understood(self, step: Step, talk: Talk, reason: Json, values: Any) -> None:
        talk.position["tries"] += 1
        if talk.position["tries"] < MOST_TRIES:
            talk.say(reason, **values)
            self.run(step, talk)
        elif "failed" in step.body:
            talk.position["tries"] = 0
            talk.go(step.body["failed"])
        else:
            talk.interrupt("person")

    def _control(self, control: str, step: Step, talk: Talk) -> None:
        if control == controls.AGAIN:
            self.run(step, talk)
        elif control == controls.BACK:
            back = talk.position["back"]
            talk.position["stack"] = back.pop() if back else talk.stack
            talk.position["tries"] = 0
        elif control == controls.MENU:
            talk.restart("main_menu")
        elif control in (controls.LEAVE, controls.WRONG_PERSON):
            talk.restart(control)
        elif talk.within(control):
            self._not_understood(step, talk, [], {})
        else:
            talk.interrupt(control)

    def _say_options(self, options: Mapping[str, Json], talk: Talk) -> None:
        for choice in options.get("choices", ()):
            if "label" not in choice:
                continue
            tongue = talk.around.languages[choice["tongue"]] if "tongue" in choice else None
            talk.say(OPTION, tongue, label=choice["label"], key=str(choice["key"]))

    def targets(self, step: Step) -> list[str | None]:
        ways = [*step.body.get("go", {}).values()]
        ways += [step.body["failed"]] if "failed" in step.body else []
        return [*ways, step.next]

    def check(self, step: Step, flow: Flow, known: Known) -> Iterator[str]:
        kind = kinds().get(step.body.get("answer", ""))
        if kind is None:
            yield f"`answer:` must be one of {', '.join(sorted(kinds()))}"
            return
        options = dict(step.body.get("options", {}))
        if "choices" in step.body:
            options["choices"] = [
                choice for choice in step.body["choices"] if choice != OWN_TONGUE and "from" not in choice
            ]
        yield from kind.check(options)
        for choice in options.get("choices", ()):
            if "reads" in choice and choice["reads"] not in kinds():
                yield f"`reads:` must be one of {', '.join(sorted(kinds()))}"
        choices = YES_OR_NO if kind.name == "yes_no" else options.get("choices", ())
        if OWN_TONGUE not in step.body.get("choices", ()):
            for value in sorted(set(step.body.get("go", {})) - {choice["value"] for choice in choices}):
                yield f"`go:` has {value!r}, which is none of the choices"

    def reads(self, step: Step) -> set[str]:
        choices = [choice for choice in step.body.get("choices", ()) if isinstance(choice, dict)]
        return super().reads(step) | {choice["from"] for choice in choices if "from" in choice}

    def messages(self, step: Step) -> Iterator[Any]:
        yield step.main
        for choice in step.body.get("choices", ()):
            if isinstance(choice, dict):
                yield choice.get("label")
                yield choice.get("words")


def _kind(step: Step) -> AnswerKind:
    return kinds()[step.body["answer"]]


def _answered_ahead(said: Said, options: Mapping[str, Json], talk: Talk) -> Json:
    """The choice whose own question she has answered already: "118/76" where one may choose blood pressure."""
    for choice in options.get("choices", ()):
        ahead = kinds().get(choice.get("reads", ""))
        if ahead and said.words and isinstance(ahead.read(said, talk.language, {}), Understood):
            return choice["value"]
    return None


def _choices(step: Step, talk: Talk) -> list[dict[str, Json]]:
    """The options as she gets them: labels and words in her language, tongues each in its own."""
    if step.body["answer"] == "yes_no":
        return [_translated(dict(choice), talk) for choice in YES_OR_NO]
    choices: list[dict[str, Json]] = []
    for written in step.body.get("choices", ()):
        if written == OWN_TONGUE:
            choices += _own_tongues(talk, first_key=len(choices) + 1)
        elif "from" in written:
            choices += _each_of(written, talk, first_key=len(choices) + 1)
        elif "label" not in written:  # not offered: her own words for it are understood, and no key
            choices.append(_translated({**written, "key": written["value"]}, talk))
        else:
            choices.append(_translated({"key": len(choices) + 1, **written}, talk))
    return choices


def _each_of(written: Mapping[str, Json], talk: Talk, first_key: int) -> list[dict[str, Json]]:
    """A choice for each value in a list that was found: `{each}` is the value, `{each_name}` its part `name`."""
    found = (talk.value(written["from"]) or [])[:MOST_FOUND]
    return [
        {"key": str(key), "value": value, "label": label, "words": [label]}
        for key, value in enumerate(found, first_key)
        for label in [talk.worded(written["label"], None, **_parts_of(value))[0].text]
    ]


def _parts_of(value: Json) -> dict[str, Json]:
    parts = value.items() if isinstance(value, Mapping) else ()
    return {EACH: value, **{f"{EACH}_{name}": part for name, part in parts}}


def _own_tongues(talk: Talk, first_key: int) -> list[dict[str, Json]]:
    by_voice = talk.around.channel is Channel.VOICE
    tongues = [tongue for tongue in talk.around.languages.values() if tongue.has_voice or not by_voice]
    return [
        {
            "key": first_key + place,
            "value": language.tag,
            "label": language.own_name,
            "words": [language.own_name, language.english_name, language.tag, *language.other_names],
            "tongue": language.tag,
        }
        for place, language in enumerate(tongues)
    ]


def _translated(choice: dict[str, Json], talk: Talk) -> dict[str, Json]:
    words = [word.strip() for say in talk.worded(choice.get("words")) for word in say.text.split(",")]
    if choice["value"] == controls.WRONG_PERSON:
        words += talk.language.words[controls.WRONG_PERSON]
    if "label" not in choice:
        return {**choice, "words": words}
    label = talk.worded(choice["label"])[0].text
    return {**choice, "key": str(choice["key"]), "label": label, "words": [label, *words]}


def _options(step: Step, talk: Talk) -> dict[str, Json]:
    options = dict(step.body.get("options", {}))
    if step.body["answer"] in ("birth_date", "visit_time"):
        options["today"] = talk.value("today")
    if step.body["answer"] == "visit_time" and (hours := talk.value("visit_hours")):
        options["hours"] = hours
    choices = _choices(step, talk)
    return {**options, "choices": choices} if choices else options


def _as_key(value: Json) -> str:
    return value if isinstance(value, str) else ""


KIND = AskStep()
