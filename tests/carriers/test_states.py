"""States never move backwards, whatever order callbacks come in; codes mean what the table says."""

from __future__ import annotations

import random

import pytest

from carriers import CallState, Meaning, TextState, is_final, meaning, moves_on
from carriers.statuses import State, answerer, call_state, text_state


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        (None, TextState.QUEUED, True),
        (None, None, False),
        (TextState.SENT, None, False),
        (TextState.QUEUED, TextState.SENT, True),
        (TextState.SENT, TextState.SENDING, False),
        (TextState.SENT, TextState.SENT, False),
        (TextState.DELIVERED, TextState.SENT, False),
        (TextState.DELIVERED, TextState.FAILED, False),
        (TextState.FAILED, TextState.DELIVERED, False),
        (TextState.DELIVERED, TextState.READ, True),
        (None, CallState.COMPLETED, True),
        (CallState.ANSWERED, CallState.RINGING, False),
        (CallState.RINGING, CallState.NO_ANSWER, True),
        (CallState.COMPLETED, CallState.ANSWERED, False),
        (CallState.BUSY, CallState.COMPLETED, False),
    ],
)
def test_a_state_moves_on_or_stays(before, after, moves):
    assert moves_on(before, after) is moves


@pytest.mark.parametrize(
    "words",
    [
        (text_state, "accepted queued sending sent delivered"),
        (text_state, "queued sending sent undelivered"),
        (call_state, "initiated ringing in-progress completed"),
        (call_state, "queued ringing no-answer"),
    ],
)
def test_shuffled_and_doubled_callbacks_end_where_ordered_ones_do(words):
    state_of, line = words
    told = [state_of(word) for word in line.split()]
    for seed in range(50):
        shuffled = told * 2
        random.Random(seed).shuffle(shuffled)
        state: State | None = None
        for heard in shuffled:
            state = heard if moves_on(state, heard) else state
        assert state is told[-1]
        assert is_final(state)


def test_words_of_next_year_are_no_state():
    assert text_state("pondering") is None
    assert text_state("") is None
    assert text_state(None) is None
    assert call_state("levitating") is None
    assert call_state("delivered") is None
    assert answerer("") is None
    assert not is_final(None)


def test_every_state_has_a_word_and_a_rank():
    for state in [*TextState, *CallState]:
        assert moves_on(None, state)
        assert not moves_on(state, state)


@pytest.mark.parametrize(
    ("code", "meant", "permanent", "about"),
    [
        (21211, Meaning.INVALID_NUMBER, True, "number"),
        (21610, Meaning.OPTED_OUT, True, "number"),
        (21614, Meaning.NOT_A_MOBILE, True, "number"),
        (30003, Meaning.UNREACHABLE, False, "number"),
        (30004, Meaning.BLOCKED, True, "number"),
        (30005, Meaning.UNKNOWN_HANDSET, True, "number"),
        (30006, Meaning.LANDLINE, True, "number"),
        (30007, Meaning.FILTERED, True, "text"),
        (30008, Meaning.UNKNOWN, False, "number"),
        (30034, Meaning.UNREGISTERED_SENDER, False, "account"),
        (20003, Meaning.AUTHENTICATION, False, "account"),
        (20429, Meaning.RATE_LIMITED, False, "account"),
        (31337, Meaning.UNKNOWN, False, "number"),
        (None, Meaning.UNKNOWN, False, "number"),
    ],
)
def test_what_a_code_means(code, meant, permanent, about):
    found = meaning(code)
    assert (found, found.permanent, found.about) == (meant, permanent, about)


def test_every_meaning_says_what_has_to_change():
    assert {meant.about for meant in Meaning} == {"number", "text", "account"}
    assert [meant for meant in Meaning if meant.permanent and meant.about == "number"] == [
        Meaning.INVALID_NUMBER,
        Meaning.OPTED_OUT,
        Meaning.NOT_A_MOBILE,
        Meaning.LANDLINE,
        Meaning.UNKNOWN_HANDSET,
        Meaning.BLOCKED,
    ]
