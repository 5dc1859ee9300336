"""Our own flows, whatever is pressed, written, said or kept silent: they never fail, and never tell a secret."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.security import generate_password_hash

from conversation.acts import ACTS, known_acts, known_rules, rules_in
from conversation.commands import SAMPLE_FINDERS, SAMPLE_OFFER
from conversation.facts import GIVEN_AT_THE_START, NAMES
from conversation.finding import known_finders
from dialogue.checking import check
from dialogue.engine import Advance, Surroundings, advance, begin
from dialogue.flows import read_folder
from dialogue.reply import Dial, Record, Reply
from dialogue.said import Channel, Said
from dialogue.steps.kind import Known
from languages import load
from languages.saying import say
from tests.dialogue.talking import FACTS

FLOWS = read_folder(Path(__file__).parents[2] / "ivr_flows")
PIN = "8317"
PERSON: dict[str, Any] = {
    "pin_hash": None, "own_topics": [], "locked": False, "programme": None, "limits": None,
    "proxy": None, "topics": None, "her_birth_date": None,
}  # fmt: skip
ROSA = {**PERSON, "id": 71077, "name": "Rosa Delgado", "birth_date": "1994-03-02", "programme": "postpartum"}
JAMES = {**PERSON, "id": 71078, "name": "James Carter", "birth_date": "1950-11-20"}
WITH_PIN = {**ROSA, "pin_hash": generate_password_hash(PIN, "pbkdf2:sha256:1")}
LOCKED = {**ROSA, "locked": True}
LUCIA_BY_HER_MOTHER = {
    **PERSON, "id": 71079, "name": "Lucía Rivera", "birth_date": "1988-01-31", "proxy": 71080,
    "topics": ["check_ins"], "own_topics": [], "her_birth_date": "2015-05-05",
}  # fmt: skip
MATEO_BY_HIS_MOTHER = {
    **LUCIA_BY_HER_MOTHER, "id": 71081, "name": "Mateo Rivera", "topics": [], "her_birth_date": "2018-08-08",
}  # fmt: skip
LEFT = {
    "id": "c71079",
    "stack": [{"flow": "blood_pressure", "step": "reading"}],
    "vars": {"who": 71077, "name": "Rosa Delgado"},
}
GIVEN = {
    "wanted_visit": {
        "id": 1,
        "reason": "follow_up",
        "visit_kind": "audio",
        "clinician": 1,
        "first": "2026-11-30",
        "last": "2026-12-04",
        "every": None,
        "times": 1,
    },
    "language_tag": "es",
    "language_name": "Español",
    "alert_number": "7",
    "alert_reason": "warning_signs",
    "alert_reading": {"kind": "blood_pressure", "systolic": 165, "diastolic": 112},
    "alert_phone": {"kind": "phone", "e164": "+16175550101"},
    "visit": {**SAMPLE_OFFER, "at": "2026-11-24T15:00:00+00:00", "id": 5, "sequence": 0, "reason": "problem"},
}
"""Values with which flows may begin, by themselves or called by others."""
SECRETS = {
    "Rosa", "Delgado", "James", "Carter", "Lucía", "Mateo", "Rivera", "1994", "1950", "1988", "2015", "2018",
    "71077", "71078", "71079", "71080", "71081", "postpartum", PIN,
}  # fmt: skip
"""What private facts hold and nothing else does: none of it may ever be said."""
TALKS = [
    "call",
    "text",
    "visits",
    "check_in_call",
    "check_in_text",
    "alert_call",
    "late_answer",
    "blood_pressure",
]
WORDS = [
    "yes", "no", "sí", "1", "2", "3", "4", "9", "0", "120/80", "165/112", "80/120", "85/45", "03/02/1994", "2/3/1994",
    "5/5/2015", "150", "7.5", "back", "menu", "help", "language", "español", "English", "person", "start", "hola", "👍",
    "مرحبا", "*#*#99", "{reading}", "{private_people}", "otra vez", "I want to leave a message", "a" * 1600, "\x00",
]  # fmt: skip
KEYS = [
    "1",
    "2",
    "3",
    "0",
    "*",
    "*0",
    "9",
    "00",
    "#",
    "120*80",
    "12080",
    "165*112",
    "03021994",
    "*#*#99",
    "123456789012",
]
DRASTIC = ["stop", "I can't breathe", "ya no me llamen", "911"]
FITTING = {
    "yes_no": ["1", "2", "yes", "no", "sí"],
    "choice": ["1", "1", "2", "3", "4", "9"],
    "blood_pressure": ["120/80", "165/112", "155 95", "85/45"],
    "birth_date": ["1994-03-02", "1994-03-02", "11/20/1950", "1988-01-31", "2015-05-05", "2018-08-08"],
    "pin": [PIN, "1", "4444"],
    "visit_time": ["as soon as possible", "tomorrow at 3 pm", "1201", "next year", "31/2"],
    "phone_number": ["617-555-0103", "617-555-0107"],
    "message": ["I need my results"],
}
"""Answers to each kind of question that lead on: at random alone a talk seldom gets anywhere."""


def _circumstances(at_random: Random) -> Surroundings:
    channel = at_random.choice(list(Channel))
    twins = [ROSA, {**JAMES, "birth_date": ROSA["birth_date"]}]
    family = [LUCIA_BY_HER_MOTHER, MATEO_BY_HIS_MOTHER]
    people = at_random.choice(
        [[], [ROSA], [ROSA], [ROSA, JAMES], twins, [WITH_PIN], [WITH_PIN, JAMES], [LOCKED, JAMES], family]
    )
    left = at_random.choice([None, None, LEFT])
    facts = {
        **FACTS,
        "channel": channel.value,
        "identity": at_random.choice(["possible", "possible", "possible", "locked"]) if people else "nobody",
        "language_known": at_random.random() < 0.7,
        "something_left": left is not None,
        "has_number": at_random.random() < 0.9,
        "private_contact": None,
        "private_people": people,
        "private_left": left,
    }
    drafts = at_random.random() < 0.7
    return Surroundings(channel, load(), rules_in(load()["en"]), facts, drafts, SAMPLE_FINDERS)


WAYS_TO_WRITE = {
    "1994-03-02": ("03021994", "03/02/1994", "2/3/1994"),
    "1950-11-20": ("11/20/1950",),
    "2015-05-05": ("5/5/2015",),
}
"""Besides ISO 8601, of what is said at random here."""


def _rightly_confirmed(match: dict[str, Any], around: Surroundings, hers: str) -> bool:
    """Somebody is confirmed who is not locked and whose birth date, and PIN where she has one, were given."""
    person = next(
        person
        for person in around.facts["private_people"]
        if (person["id"], person["proxy"]) == (match["patient"], match["proxy"])
    )
    written = WAYS_TO_WRITE.get(person["birth_date"], ())
    given = any(one in hers for one in (person["birth_date"], *written))
    return given and not person["locked"] and (person["pin_hash"] is None or PIN in hers)


def _answer(result: Advance, at_random: Random) -> Said:
    """Mostly something that fits the question; else anything, or nothing."""
    if isinstance(result.wait, Dial):
        return Said(dialed=at_random.choice(["joined", "no-answer", "busy", "failed"]))
    asked = FLOWS.step(result.position["stack"][-1]).body["answer"]
    fitting = at_random.choice(FITTING[asked])
    if isinstance(result.wait, Record) and at_random.random() < 0.7:
        return Said(recording="RE1", seconds=at_random.randrange(5))
    anything = [
        Said(),
        Said(text=at_random.choice(WORDS)),
        Said(keys=at_random.choice(KEYS)),
        Said(transcript=at_random.choice(WORDS), confidence=at_random.random()),
        Said(text=at_random.choice(DRASTIC)),
    ]
    return at_random.choices([Said(text=fitting), *anything], [12, 1, 1, 1, 1, 0.3])[0]


def _holds(result: Advance, around: Surroundings, hers: str) -> None:
    """What is true of every turn; `hers` is all that she said before, which may be told her again."""
    assert (result.wait is not None) == bool(result.position["stack"]), "it waits, or it is over"
    assert json.loads(json.dumps(result.position)) == result.position
    assert all(act.name in ACTS and set(act.values) == known_acts()[act.name] for act in result.acts)
    json.dumps([dict(act.values) for act in result.acts])
    for act in result.acts:
        assert act.name != "confirm_person" or _rightly_confirmed(act.values["match"], around, hers)
    reply = Reply(tuple(result.says), result.wait, "c1", 1)
    assert Reply.from_json(json.loads(json.dumps(reply.to_json()))) == reply
    for spoken in result.says:
        assert spoken.text.strip()
        assert not any(secret in spoken.text and secret not in hers for secret in SECRETS), spoken.text
        assert "{" not in spoken.text
    if around.channel is Channel.TEXT:
        assert not isinstance(result.wait, Dial | Record)


def _pin_is_asked_for_more(result: Advance) -> bool:
    """A PIN is kept no longer than the questions that say who it is."""
    return any(frame["flow"] == "identify" for frame in result.position["stack"])


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_she_does_there_is_a_next_question_or_an_end(seed: int) -> None:
    at_random = Random(seed)
    around, language = _circumstances(at_random), at_random.choice(list(load()))
    flow = at_random.choice([*TALKS * 3, *FLOWS.sources])
    first = at_random.choice(["", "", "hola", *WORDS, *DRASTIC])
    opening, values = Said(text=first) if first else None, {**GIVEN, "first_text": first}
    result = begin(FLOWS, flow, around, language, values, opening)
    assert begin(FLOWS, flow, around, language, values, opening) == result
    hers = first
    _holds(result, around, hers)
    for _ in range(30):
        if result.wait is None:
            return
        before, said = copy.deepcopy(result.position), _answer(result, at_random)
        following = advance(FLOWS, result.position, said, around)
        assert result.position == before, "what is passed in is not touched"
        stored = json.loads(json.dumps(before))
        assert advance(FLOWS, stored, said, around) == following, "the same again gives the same"
        hers += f" {said.words} {said.keys}"
        _holds(following, around, hers)
        assert PIN not in json.dumps(following.position) or _pin_is_asked_for_more(following)
        result = following


@pytest.mark.parametrize("channel", Channel)
def test_a_talk_tells_a_stranger_nothing_of_the_patient(channel: Channel) -> None:
    """A wrong birth date, twice; then her reading is taken all the same, for a person to look at."""
    facts = {
        **FACTS, "channel": channel.value, "identity": "possible", "language_known": True, "something_left": False,
        "private_people": [ROSA], "private_left": None,
    }  # fmt: skip
    around = Surroundings(channel, load(), rules_in(load()["en"]), facts)
    result, heard = begin(FLOWS, "blood_pressure", around, "en"), []
    for said in ["11/20/1950", "11/20/1951", "120/80"]:
        result = advance(FLOWS, result.position, Said(text=said), around)
        heard += [spoken.text for spoken in result.says]
    assert "who" not in result.position["vars"]
    assert any("120" in text for text in heard)
    assert not [text for text in heard for secret in SECRETS if secret in text]


def test_the_flows_as_they_are_shipped_have_no_problem() -> None:
    languages = load()
    facts = NAMES | GIVEN_AT_THE_START
    known = Known(FLOWS, known_acts(), known_rules(languages), facts, known_finders())
    assert check(FLOWS, known, languages, lambda text: -(-len(text) // 153)) == []


def test_private_facts_are_refused_where_a_flow_would_say_them() -> None:
    flows = type(FLOWS)({"main": 'flow: main\nsteps:\n  a: {say: "You are {private_people}."}\n'})
    with pytest.raises(PermissionError, match="private_people"):
        begin(flows, "main", Surroundings(Channel.TEXT, load(), {}, {"private_people": "Rosa"}), "en")


def test_the_secrets_of_this_test_would_be_noticed() -> None:
    """They can be said at all: a birth date in words and figures holds its year."""
    born: dict[str, Any] = {"kind": "birth_date", "iso": ROSA["birth_date"]}
    for language in load().values():
        assert any(secret in say(born, language, "text") for secret in SECRETS)
