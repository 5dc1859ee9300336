"""What is wanted of a visit, as flows change it; and the words by which reminders are agreed to."""

from __future__ import annotations

from typing import Any

import pytest

from care.rules import consent
from care.rules.visit_wishes import (
    as_soon_as_possible,
    first_of,
    how_many,
    in_part_of_day,
    last_start,
    part_of,
    wish_in_text,
)
from dialogue.flows import read_folder, wording
from dialogue.said import Channel
from languages import load
from tests.conversation.test_transcripts import FLOWS

TODAY = "2026-11-25"


def test_as_soon_as_possible_is_any_day_that_can_be_offered() -> None:
    wish = as_soon_as_possible(TODAY)
    assert (wish["first"], wish["last"]) == (TODAY, "2027-02-23")
    assert wish["soonest"]


@pytest.mark.parametrize(
    ("part", "times"),
    [("morning", ("00:00", "11:59")), ("afternoon", ("12:00", "23:59")), ("any", ("09:00", "10:00"))],
)
def test_a_part_of_the_day(part: str, times: tuple[str, str]) -> None:
    wish = in_part_of_day({"first": TODAY, "earliest": "09:00", "latest": "10:00", "at": "09:30"}, part)
    assert (wish["earliest"], wish["latest"], wish["first"]) == (*times, TODAY)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("tomorrow morning", "2026-11-26"),
        ("none of these", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_wish_in_a_text(words: str | None, first: str | None) -> None:
    wish = wish_in_text(words, TODAY, ["09:00", "17:00"], load()["en"])
    assert (wish and wish["first"]) == first


@pytest.mark.parametrize(("found", "many"), [(None, None), ([], None), ([1], "one"), ([1, 2], "several")])
def test_how_many_were_found(found: list[Any] | None, many: str | None) -> None:
    assert how_many(found) == many
    assert first_of(found) == (found[0] if found else None)


def test_parts_of_what_was_found() -> None:
    assert last_start([{"at": "a"}, {"at": "b"}]) == "b"
    assert last_start([]) is None
    assert part_of({"clinician_name": "Dr. Silva"}, "clinician_name") == "Dr. Silva"
    assert part_of(None, "clinician_name") is None


@pytest.mark.parametrize(("asks", "agrees"), [("may_we", "agree"), ("may_we_tell", "agree_to_details")])
def test_what_is_agreed_to_is_kept_word_for_word_as_it_is_asked(asks: str, agrees: str) -> None:
    flow = read_folder(FLOWS)["agree_to_reminders"]
    (asked,) = wording(flow.steps[asks].main, Channel.VOICE)
    version = flow.steps[agrees].body["given"]["text_version"]
    languages = load()
    assert consent.texts()[version]["texts"] == {tag: languages.text(asked, tag)[0] for tag in languages}
