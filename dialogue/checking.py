"""What is wrong with the flows, found when they are loaded and not when a patient waits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set

from dialogue import controls
from dialogue.engine import PRIVATE
from dialogue.flows import RETURN, Flow, FlowError, FlowSet, Step, wording
from dialogue.said import Channel
from dialogue.shapes import check_shapes
from dialogue.steps import step_kinds
from dialogue.steps.ask import EACH, MOST_FOUND
from dialogue.steps.kind import Known
from languages import Language, Languages
from languages.catalogues import SOURCE
from languages.saying import placeholders
from languages.words import asks_to_stop

MOST_WORDS = 70
"""In one say or question on a call: about half a minute of speech, as long as a listener follows."""
MOST_SEGMENTS = 3
CARRIER_STOPS = {"stop", "stopall", "unsubscribe", "end", "quit", "revoke", "optout", "cancel"}
"""A text that is one of these words blocks our number at the carrier (FACTS of the carrier, 2026)."""
CARRIER_TAKES = CARRIER_STOPS | {"start", "unstop", "info"}
ALWAYS = {"next"}
NEEDED = (
    "call",
    "text",
    "main_menu",
    "person",
    "help",
    "language",
    "stop",
    "start",
    "danger",
    "leave",
    "wrong_person",
)
"""The flows that the engine and the channels begin by name."""

CountSegments = Callable[[str], int]


def check(flows: FlowSet, known: Known, languages: Languages, segments: CountSegments) -> list[str]:
    """Every problem, a line each: `flow.step: what is wrong`. Empty where the flows may be used."""
    try:
        parsed = flows.flows
    except FlowError as error:
        return error.problems
    if misshapen := [problem for flow in parsed.values() for problem in check_shapes(flow)]:
        return misshapen
    problems = [f"{name}: this flow is needed and missing" for name in NEEDED if name not in parsed]
    sayable = known.facts | _saved(flows)
    for flow in parsed.values():
        problems += _check_flow(flow, known)
        problems += _check_words(flow, sayable, languages, segments)
    return problems


def _check_flow(flow: Flow, known: Known) -> Iterator[str]:
    if flow.clinical and not flow.source:
        yield f"{flow.name}: a clinical flow names its source"
    if flow.clinical and not isinstance(flow.reviewed, Mapping):
        yield f"{flow.name}: a clinical flow has `reviewed: {{by: , on: }}`, filled in by the clinic"
    wrong = [problem for step in flow.steps.values() for problem in _check_step(flow, step, known)]
    yield from wrong
    if not wrong:
        yield from _check_ways(flow)


def _check_step(flow: Flow, step: Step, known: Known) -> Iterator[str]:
    where = f"{flow.name}.{step.name}"
    kind = step_kinds()[step.kind]
    for key in sorted(set(step.body) - kind.keys - ALWAYS - {step.kind}, key=str):
        yield f"{where}: unknown key {key!r}"
    for problem in kind.check(step, flow, known):
        yield f"{where}: {problem}"
    for target in kind.targets(step):
        if target is not None and target != RETURN and target not in flow.steps:
            yield f"{where}: there is no step {target!r} in this flow"
    for name in sorted(kind.reads(step) - known.facts - _saved(known.flows)):
        yield f"{where}: nothing saves {name!r}"


def _saved(flows: FlowSet) -> set[str]:
    """Every variable that some step of some flow saves: flows share what they know."""
    steps = (step for flow in flows.flows.values() for step in flow.steps.values())
    return {name for step in steps if (name := step_kinds()[step.kind].saves(step))}


def _check_ways(flow: Flow) -> Iterator[str]:
    ways = {name: step_kinds()[step.kind].targets(step) for name, step in flow.steps.items()}
    reached = _reached({flow.start}, {name: _inside(targets) for name, targets in ways.items()})
    for name in flow.steps:
        if name not in reached:
            yield f"{flow.name}.{name}: no way leads here"
    back: dict[str, list[str]] = {name: [] for name in ways}
    for name, targets in ways.items():
        for target in _inside(targets):
            back[target].append(name)
    out = {name for name, targets in ways.items() if not targets or None in targets or RETURN in targets}
    finishing = _reached(out, back)
    for name in flow.steps:
        if name in reached and name not in finishing:
            yield f"{flow.name}.{name}: no way leads out of here"


def _inside(targets: list[str | None]) -> list[str]:
    return [target for target in targets if target is not None and target != RETURN]


def _reached(start: set[str], ways: Mapping[str, list[str]]) -> set[str]:
    reached, new = set(start), list(start)
    while new:
        found = [target for name in [new.pop()] for target in ways[name] if target not in reached]
        reached |= set(found)
        new += found
    return reached


def _check_words(
    flow: Flow, sayable: Set[str], languages: Languages, segments: CountSegments
) -> Iterator[str]:
    for step in flow.steps.values():
        for words in step_kinds()[step.kind].messages(step):
            where = f"{flow.name}.{step.name}"
            for message in {*wording(words, Channel.VOICE), *wording(words, Channel.TEXT)}:
                filled = _filled(message) if _offers_what_was_found(step) else set()
                yield from _check_placeholders(where, message, sayable | filled, languages)
            yield from _check_lengths(where, words, languages, segments)
        yield from _check_choices(f"{flow.name}.{step.name}", step, languages)


def _offers_what_was_found(step: Step) -> bool:
    return any(isinstance(choice, dict) and "from" in choice for choice in step.body.get("choices", ()))


def _filled(message: str) -> set[str]:
    """Those placeholders that a choice from what was found fills by itself."""
    return {name for name in placeholders(message) if name.split("_")[0] == EACH}


def _check_placeholders(where: str, message: str, sayable: Set[str], languages: Languages) -> Iterator[str]:
    names = set(placeholders(message))
    if unsaved := sorted(names - sayable):
        yield f"{where}: nothing fills {', '.join(unsaved)} in {message!r}"
    if private := sorted(name for name in names if name.startswith(PRIVATE)):
        yield f"{where}: {', '.join(private)} must not be said"
    for tag in languages:
        if tag == SOURCE:
            continue
        text, used = languages.text(message, tag)
        if used == SOURCE and re.search(r"[a-z]{2}", re.sub(r"\{\w+\}", "", message)):
            yield f"{where}: no {languages[tag].english_name} for {message!r}"
        elif set(placeholders(text)) != names:
            yield f"{where}: the {languages[tag].english_name} has other placeholders than {message!r}"


def _check_lengths(where: str, words: object, languages: Languages, segments: CountSegments) -> Iterator[str]:
    for tag in languages:
        spoken = " ".join(languages.text(message, tag)[0] for message in wording(words, Channel.VOICE))
        if len(spoken.split()) > MOST_WORDS:
            yield f"{where}: {len(spoken.split())} words at once in {tag}; a listener follows {MOST_WORDS}"
        written = " ".join(languages.text(message, tag)[0] for message in wording(words, Channel.TEXT))
        if segments(written) > MOST_SEGMENTS:
            yield f"{where}: {segments(written)} segments as a text in {tag}; at most {MOST_SEGMENTS}"


def _check_choices(where: str, step: Step, languages: Languages) -> Iterator[str]:
    choices = [choice for choice in step.body.get("choices", ()) if isinstance(choice, dict)]
    offered = sum(MOST_FOUND if "from" in choice else "label" in choice for choice in choices)
    if offered > 5:
        yield f"{where}: {offered} options; a listener remembers five"
    for choice in choices:
        for tag in languages:
            words = ",".join(
                languages.text(words, tag)[0] for words in (choice.get("label", ""), choice.get("words", ""))
            )
            if taken := {word.strip().casefold() for word in words.split(",")} & CARRIER_TAKES:
                yield f"{where}: the carrier takes {', '.join(sorted(taken))} for itself"
            elif choice.get("value") != controls.STOP:
                yield from _check_stops(where, words, languages[tag])


def _check_stops(where: str, words: str, language: Language) -> Iterator[str]:
    """Whoever picks a choice by its words must not be taken to want nothing more from us."""
    for word in words.split(","):
        if asks_to_stop(word.strip(), language):
            yield f"{where}: {word.strip()!r} is a stop in {language.english_name}"
