"""Which word of consent counts: the patient's, the number's, for a topic, for a channel, and which takes back which."""

from __future__ import annotations

import pytest

from care.rules import consent
from care.rules.consent import Word, texts, topics, topics_given, why_not
from care.rules.kinds import kinds

HER, HERE = 1, "a number"
YES = Word("check_ins", "any", True, HER)
STOP = Word("everything", "any", False, None, HERE)
START = Word("everything", "any", True, None, HERE)
HER_STOP, HER_START = (Word("everything", "any", given, HER, HERE) for given in (False, True))
STAFF_STOP = Word("everything", "any", False, HER)
OUT, BACK, NONE, FINE = consent.STOPPED, consent.WITHDRAWN, consent.NOT_GIVEN, None


@pytest.mark.parametrize(
    ("words", "by_text", "by_call"),
    [
        ([], NONE, NONE),
        ([YES], FINE, FINE),
        ([Word("check_ins", "text", True, HER)], FINE, NONE),
        ([Word("surveys", "any", True, HER)], NONE, NONE),
        ([Word("everything", "any", True, HER)], NONE, NONE),
        ([Word("check_ins", "any", True, None, HERE)], NONE, NONE),
        ([YES, Word("check_ins", "any", False, HER)], BACK, BACK),
        ([YES, Word("check_ins", "call", False, HER)], FINE, BACK),
        ([YES, Word("surveys", "any", False, HER)], FINE, FINE),
        ([YES, Word("check_ins", "any", False, HER), YES], FINE, FINE),
        ([YES, STOP], OUT, OUT),
        ([STOP, YES], OUT, OUT),
        ([YES, STOP, START], FINE, FINE),
        ([STOP, START], NONE, NONE),
        ([YES, START, STOP], OUT, OUT),
        ([YES, STOP, HER_START], OUT, OUT),
        ([YES, STOP, HER_STOP, START], OUT, OUT),
        ([YES, STOP, HER_STOP, START, HER_START], FINE, FINE),
        ([YES, STAFF_STOP], OUT, OUT),
        ([YES, STAFF_STOP, HER_START], OUT, OUT),
        ([YES, STAFF_STOP, START], OUT, OUT),
        ([YES, STAFF_STOP, YES], FINE, FINE),
        ([YES, HER_STOP, YES], FINE, FINE),
        ([YES, Word("check_ins", "any", False, None, HERE)], BACK, BACK),
        ([YES, Word("check_ins", "any", False, None, HERE), START], BACK, BACK),
        ([YES, Word("everything", "text", False, None, HERE)], OUT, FINE),
        ([YES, Word("everything", "text", False, None, HERE), START], FINE, FINE),
    ],
)
def test_the_latest_word_counts_and_only_its_own_source_takes_it_back(
    words: list[Word], by_text: str | None, by_call: str | None
) -> None:
    assert why_not("check_ins", "text", words) == by_text
    assert why_not("check_ins", "call", words) == by_call


def test_an_answer_needs_no_consent_but_a_number_that_stops_us_gets_none() -> None:
    assert why_not(None, "text", []) is None
    assert why_not(None, "text", [STOP]) == OUT
    assert why_not(None, "text", [Word("surveys", "any", False, None, HERE)]) is None


def test_what_there_is_to_stop() -> None:
    assert topics_given([YES, Word("reminders", "call", True, HER)]) == ["check_ins", "reminders"]
    assert topics_given([YES, HER_STOP]) == []


def test_every_kind_has_a_topic_that_has_a_text_in_every_version() -> None:
    for kind in kinds().values():
        assert kind.topic is None or kind.topic in topics()
    for topic in topics():
        assert texts()[consent.text_for(topic)]["topic"] == topic
    for text in texts().values():
        assert {"topic", "source", "reviewed", "texts"} <= set(text)
        assert set(text["texts"]) == {"en", "es", "ht", "ko"}
