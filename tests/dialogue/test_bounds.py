"""Nothing goes on for ever: not the steps of a turn, not the turns of a talk."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, cycle, repeat
from pathlib import Path

import pytest

from conversation.acts import rules_in
from dialogue.engine import (
    LAST_TURNS,
    MOST_BACK,
    MOST_STEPS,
    MOST_TURNS,
    RunawayFlow,
    Surroundings,
    advance,
    begin,
)
from dialogue.flows import FlowSet, read_folder
from dialogue.reply import Dial
from dialogue.said import Channel, Said
from languages import load
from tests.dialogue.talking import FACTS

FLOWS = read_folder(Path(__file__).parents[2] / "ivr_flows")
FACTS_OF_HERS = {
    **FACTS,
    "identity": "nobody",
    "language_known": True,
    "private_people": [],
    "channel": "text",
}
BY_TEXT = Surroundings(Channel.TEXT, load(), rules_in(load()["en"]), FACTS_OF_HERS)
ON_A_CALL = Surroundings(Channel.VOICE, load(), rules_in(load()["en"]), {**FACTS_OF_HERS, "channel": "voice"})


def _row(steps: int) -> FlowSet:
    """A flow that says a word in each of so many steps, then asks."""
    says = "".join(f"  s{number}: {{say: Word.}}\n" for number in range(steps))
    return FlowSet({"main": f'flow: main\nsteps:\n{says}  ask: {{ask: "Done?", answer: yes_no}}\n'})


def test_a_turn_may_take_as_many_steps_as_a_flow_ever_needs_and_no_more() -> None:
    around = Surroundings(Channel.TEXT, load())
    assert begin(_row(MOST_STEPS - 2), "main", around, "en").wait is not None
    with pytest.raises(RunawayFlow, match=r"main\.ask"):
        begin(_row(MOST_STEPS), "main", around, "en")


@pytest.mark.parametrize(
    "steps",
    [
        "a: {say: Round., next: b}\n  b: {say: And round., next: a}",
        "a: {call: main}",
        "a: {branch: x, when: {none: a}}",
    ],
)
def test_a_flow_that_goes_round_is_stopped(steps: str) -> None:
    flows = FlowSet({"main": f"flow: main\nsteps:\n  {steps}\n"})
    with pytest.raises(RunawayFlow):
        begin(flows, "main", Surroundings(Channel.TEXT, load()), "en")


def _turns(answers: Iterator[Said], around: Surroundings, most: int = 400) -> list[list[str]]:
    """What is said in each turn of a talk in which she gives these answers, until it ends or they do."""
    result, turns = begin(FLOWS, "main_menu", around, "en"), []
    for answer in answers:
        result = advance(FLOWS, result.position, answer, around)
        turns.append([say.text for say in result.says])
        if result.wait is None:
            return turns
        assert len(turns) < most, "this talk goes on for ever"
    return turns


STAR, AGAIN = Said(keys="*"), Said(text="again")
LOOPS = {
    "the star, again and again": (ON_A_CALL, repeat(STAR)),
    "menu, menu, menu": (BY_TEXT, repeat(Said(text="menu"))),
    "help, help, help": (BY_TEXT, repeat(Said(text="help"))),
    "a person, and then again and again": (BY_TEXT, chain([Said(text="person")], repeat(AGAIN))),
}


SILENT = 7
"""Turns in which silence ends any talk: the longest way asks a stranger for her name and a message, each twice."""


@pytest.mark.parametrize("loop", LOOPS)
def test_whoever_is_still_here_gets_a_person_and_in_the_end_a_call_back(loop: str) -> None:
    around, answers = LOOPS[loop]
    turns = _turns(answers, around)
    assert MOST_TURNS <= len(turns) <= LAST_TURNS + 3
    assert turns[MOST_TURNS - 1] == _turns(iter([Said(keys="0")]), around)[0]
    assert "A person from the clinic will call you back" in turns[-1][-1]


@pytest.mark.parametrize(
    "round_and_round",
    [["person", "3"], ["4", "1"], ["language", "1"], ["1", "menu"], ["2", "back"], ["nonsense", "again"]],
)
def test_no_way_round_is_endless(round_and_round: list[str]) -> None:
    _turns(cycle([Said(text=words) for words in round_and_round]), BY_TEXT, most=LAST_TURNS + SILENT)


def test_a_reading_is_not_taken_for_confirmed_because_the_turns_are_used_up() -> None:
    """The question that was open when the turns ran out is not answered, so nothing that hangs on it is done."""
    who = {"who": 7, "first_text": "120/80"}
    result = begin(FLOWS, "blood_pressure", BY_TEXT, "en", who)
    assert result.says[-3].text == "I have 120/80. Is that right?"
    acts = []
    for answer in [*[Said(text="again")] * (MOST_TURNS - 1), Said(text="again"), Said(text="3")]:
        result = advance(FLOWS, result.position, answer, BY_TEXT)
        acts += [act.name for act in result.acts]
        if result.wait is None:
            break
    assert "confirm_reading" not in acts


def test_danger_is_heard_however_many_turns_there_were() -> None:
    result = begin(FLOWS, "main_menu", BY_TEXT, "en")
    for _ in range(LAST_TURNS + 1):
        result = advance(FLOWS, result.position, Said(text="again"), BY_TEXT)
        if result.wait is None:
            break
        told = advance(FLOWS, result.position, Said(text="I want to die"), BY_TEXT)
        assert "raise_alert" in [act.name for act in told.acts], result.position["turns"]


def test_a_call_that_is_being_connected_is_not_cut_because_the_turns_are_used_up() -> None:
    result = begin(FLOWS, "main_menu", ON_A_CALL, "en")
    for _ in range(MOST_TURNS - 3):
        result = advance(FLOWS, result.position, Said(keys="*"), ON_A_CALL)
    result = advance(FLOWS, result.position, Said(keys="0"), ON_A_CALL)
    result = advance(FLOWS, result.position, Said(keys="1"), ON_A_CALL)
    assert isinstance(result.wait, Dial)
    assert result.position["turns"] == MOST_TURNS - 1
    result = advance(FLOWS, result.position, Said(dialed="no-answer"), ON_A_CALL)
    assert result.says[0].text.startswith("Nobody could take your call.")


def test_the_way_back_is_as_long_as_anybody_needs() -> None:
    asks = "".join(f'  q{number}: {{ask: "{number}?", answer: yes_no}}\n' for number in range(30))
    flows, around = FlowSet({"main": f"flow: main\nsteps:\n{asks}"}), Surroundings(Channel.TEXT, load())
    result = begin(flows, "main", around, "en")
    for _ in range(25):
        result = advance(flows, result.position, Said(text="yes"), around)
    assert len(result.position["back"]) == MOST_BACK
    for _ in range(MOST_BACK + 3):
        result = advance(flows, result.position, Said(text="back"), around)
    assert result.says[0].text == f"{25 - MOST_BACK}?"
