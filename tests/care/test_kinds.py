"""What is promised of each kind of message: the table that the clinic reads, and what follows from it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from care.rules.kinds import kinds

PROMISES = {
    "alert": ("at_least_once", "staff", "alerts"),
    "check_in": ("at_most_once", "patient", "sending"),
    "check_in_now": ("at_most_once", "patient", "sending"),
    "call_me_back": ("at_most_once", "patient", "sending"),
    "reminder": ("at_most_once", "patient", "sending"),
    "call_about_visit": ("at_most_once", "patient", "sending"),
    "book_visit": ("at_most_once", "patient", "sending"),
    "slot_offer": ("at_most_once", "patient", "sending"),
    "freed_time": ("repeatable", "nobody", "schedule"),
    "call_back": ("at_most_once", "patient", "sending"),
    "please_call": ("at_most_once", "patient", "sending"),
    "reply": ("at_most_once", "patient", "sending"),
    "recording": ("repeatable", "nobody", "speech"),
}


def test_every_kind_has_its_promise() -> None:
    assert {name: (kind.promise, kind.to, kind.queue) for name, kind in kinds().items()} == PROMISES


def test_alerts_come_first() -> None:
    others = [kind.priority for kind in kinds().values() if kind.name != "alert"]
    assert kinds()["alert"].priority < min(others)


def test_whatever_goes_to_a_patient_by_itself_keeps_quiet_hours_and_caps() -> None:
    for kind in kinds().values():
        if kind.to == "patient":
            assert kind.most_a_day is not None
            assert kind.most_a_week is not None
            # A reply and a call back answer what she did a moment ago: she is up, and waits for it.
            assert kind.quiet_hours or kind.name in ("reply", "call_back")
        else:
            assert not kind.quiet_hours


@pytest.mark.parametrize(
    ("kind", "attempts", "minutes"),
    [
        ("alert", 1, 1),
        ("alert", 2, 2),
        ("alert", 11, 30),
        ("alert", 12, 30),
        ("alert", 1000, 30),
        ("alert", 0, 1),
        ("check_in", 1, 5),
        ("check_in", 2, 15),
        ("check_in", 3, None),
        ("call_me_back", 1, 15),
        ("call_me_back", 2, None),
        ("call_back", 1, 1),
        ("call_back", 2, None),
        ("reply", 1, None),
        ("recording", 1, 0.1),
        ("recording", 8, 720),
        ("recording", 9, None),
    ],
)
def test_when_it_is_tried_again_and_when_a_person_looks(
    kind: str, attempts: int, minutes: float | None
) -> None:
    wait = None if minutes is None else timedelta(minutes=minutes)
    assert kinds()[kind].next_try(attempts) == wait


def test_a_call_that_never_rang_uses_up_none_of_the_tries_that_did() -> None:
    reminder, tries = kinds()["reminder"], {"never rang": 3, "busy": 1, "unreachable": 1}
    minutes = [
        reminder.next_try(9, outcome, {**tries, outcome: many})
        for outcome, many in (
            ("never rang", 4),
            ("never rang", 5),
            ("busy", 2),
            ("no answer", 1),
            ("no answer", 3),
        )
    ]
    assert minutes == [timedelta(minutes=20), None, timedelta(minutes=15), timedelta(minutes=45), None]
    assert reminder.next_try(9, "unreachable", tries) == timedelta(minutes=5)


def test_what_must_arrive_does_not_expire() -> None:
    assert [name for name, kind in kinds().items() if kind.expires] == [
        "check_in",
        "check_in_now",
        "call_me_back",
        "call_about_visit",
        "book_visit",
        "slot_offer",
        "call_back",
        "please_call",
    ]
    assert kinds()["alert"].expires is None
