"""How many segments the texts of a flow make, in each language."""

from __future__ import annotations

from dialogue.flows import parse
from dialogue.segments import in_all, of_flow
from languages import load
from sms.segments import count

FLOW = """
flow: sample
title: A sample
steps:
  greet:
    say: {text: "Call us when you can.", voice: "Please call us when you can, at any hour of the day."}
    next: ask
  ask:
    ask: "{clinic_name}: is that right?"
    answer: yes_no
    go: {no: greet}
"""


def segments(text: str) -> int:
    return count(text).count


def test_each_step_once_in_each_language_and_the_words_for_texts_alone() -> None:
    texts = of_flow(parse("sample", FLOW), load(), segments)
    assert set(texts) == set(load())
    assert [(text.step, text.text, text.segments) for text in texts["en"]] == [
        ("greet", "Call us when you can.", 1),
        ("ask", "{clinic_name}: is that right?", 1),
    ]
    assert in_all(texts["en"]) == 2
    assert all(text.translated for text in texts["en"])
    assert not texts["es"][0].translated, "nobody translated the sample"
