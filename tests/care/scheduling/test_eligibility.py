"""Who may see her, by which kind of visit, and what each reason asks for."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from care.rules.eligibility import Carries, carried, may_see
from care.rules.visit_reasons import VISIT_KINDS, reasons
from care.rules.working_hours import limits


@dataclass(frozen=True)
class Ana:
    languages: tuple[str, ...] = ("en", "es")
    states: tuple[str, ...] = ("MA", "NH")


@pytest.mark.parametrize(
    ("kind", "language", "interpreter", "state", "expected"),
    [
        ("audio", "es", False, "MA", (True, None)),
        ("audio", "es", True, "NH", (True, None)),
        ("audio", "ht", False, "MA", (False, None)),
        ("audio", "ht", True, "MA", (True, "ht")),
        ("video", "ht", True, "ma", (True, "ht")),
        ("audio", "es", False, "RI", (False, None)),
        ("video", "es", True, "RI", (False, None)),
        ("audio", "es", False, None, (False, None)),  # not known where she is: it is asked first
        ("audio", "es", False, "", (False, None)),
        ("in_person", "es", False, None, (True, None)),  # she comes to where the clinician works
        ("in_person", "es", False, "RI", (True, None)),
        ("in_person", "ht", True, None, (True, "ht")),
        ("in_person", "ht", False, None, (False, None)),
    ],
)
def test_who_may_see_her(
    kind: str, language: str, interpreter: bool, state: str | None, expected: tuple[bool, str | None]
) -> None:
    assert may_see(Ana(), kind, language, interpreter, state) == expected


@pytest.mark.parametrize(
    ("number", "text_only", "video", "expected"),
    [
        ("mobile", False, False, Carries(("audio", "in_person"))),
        ("mobile", False, True, Carries(("audio", "video", "in_person"))),
        ("mobile", True, False, Carries(("in_person",))),
        ("mobile", True, True, Carries(("video", "in_person"))),
        ("landline", False, True, Carries(("audio", "in_person"))),
        ("relay", False, True, Carries(("audio", "in_person"), by_a_person=True)),
        (None, False, True, Carries(("in_person",))),
    ],
)
def test_what_her_phone_can_carry(
    number: str | None, text_only: bool, video: bool, expected: Carries
) -> None:
    assert carried(number, text_only, video) == expected


def test_every_reason_has_a_length_that_can_be_offered_and_kinds_that_there_are() -> None:
    assert list(reasons()) == ["check_up", "problem", "follow_up", "medicines", "other"]
    for reason in reasons().values():
        assert 0 < reason.minutes <= limits()["longest"]
        assert set(reason.visit_kinds) <= set(VISIT_KINDS)
        assert reason.visit_kinds
