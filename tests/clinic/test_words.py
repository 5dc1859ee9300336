"""Every code that the house writes has words for staff."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from care.reminders import settings as reminding
from care.rules.blood_pressure import levels
from care.rules.kinds import kinds
from care.rules.visit_reasons import VISIT_KINDS, reasons
from care.scheduling import clinic_settings, places
from carriers import Meaning
from clinic import auditing
from clinic.finding.sent import STATUSES
from clinic.showing import Showing
from clinic.words import in_words, words
from conversation.statuses import NOBODY_ANSWERED
from voice.recognition.transcript import Doubt

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


def given(reason_of: str) -> set[str]:
    """The reasons that flows give to an act."""
    flows = (yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / "ivr_flows").glob("*.yaml"))
    steps: list[dict[str, Any]] = [step for flow in flows for step in flow["steps"].values()]
    return {step["given"]["reason"] for step in steps if step.get("act") == reason_of}


def in_code(*functions: str) -> Iterator[str]:
    """The reasons that code gives to these functions: as `reason=`, or as a plain code among the arguments."""
    for room in ("care", "conversation", "voice"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith(functions):
                    continue
                values = [word.value for word in node.keywords if word.arg == "reason"] + node.args[1:]
                for value in values:
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield value.value
                        break


def test_every_reason_of_a_task() -> None:
    codes = given("make_task") | set(in_code("tasks.make", "make_in_turn", "_tell_staff"))
    assert {"message", "opted_out", "check_in_missed", "not_delivered", "asked_for_person"} <= codes
    assert codes - set(words()["tasks"]) == set()


def test_every_reason_of_an_alert() -> None:
    codes = given("raise_alert") | set(in_code("alerts.raise_alert"))
    assert {"severe_reading", "asked_for_nurse"} <= codes
    assert codes - set(words()["alerts"]) == set()


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("visit_reasons", list(reasons())),
        ("visit_kinds", VISIT_KINDS),
        ("visit_states", ["booked", "confirmed", "called_off", "missed", "done"]),
        ("slot_offers", ["open", "taken", "declined", "too_late"]),
        ("place_kinds", places.KINDS),
        ("reminders_by", reminding.CHANNELS),
        ("schedule_masters", clinic_settings.CHOICES["schedule_master"]),
        ("wait_lists", clinic_settings.CHOICES["wait_list"]),
        ("call_backs", clinic_settings.CHOICES["call_back"]),
        ("audit", [*auditing.SEEN.values(), auditing.SEEN_AGAIN]),
        ("listen", [doubt.value for doubt in Doubt]),
        ("reasons", [meaning.value for meaning in Meaning]),
        ("reasons", [state.value for state in NOBODY_ANSWERED]),
        ("statuses", STATUSES),
        ("kinds", [name for name, kind in kinds().items() if kind.to != "nobody"]),
        ("levels", [level for level in levels()["postpartum"] if level not in ("source", "reviewed")] + ["normal"]),
    ],
)  # fmt: skip
def test_every_code(table: str, codes: list[str]) -> None:
    assert set(codes) - set(words()[table]) == set()


def test_a_code_without_words_is_shown_as_it_is() -> None:
    assert in_words("tasks", "feed_the_cat") == "feed the cat"


def test_how_long_before_a_visit(show: Showing) -> None:
    assert show.before_visit("7d 1d 2h") == "7 days, 1 day and 2 hours before a visit"
    assert show.before_visit("1h") == "1 hour before a visit"
    assert show.before_visit("") == "not at all"


@pytest.mark.parametrize(
    ("minutes", "span"), [(20, "12:00–12:20 PM"), (-20, "11:40 AM–12:00 PM"), (12 * 60, "12:00 PM–12:00 AM")]
)
def test_from_when_to_when(show: Showing, minutes: int, span: str) -> None:
    assert show.span(*sorted((NOW, NOW + timedelta(minutes=minutes)))) == span


@pytest.fixture
def show() -> Showing:
    return Showing(ZoneInfo("America/New_York"), "+16175550100", NOW)


@pytest.mark.parametrize(
    ("ago", "time"),
    [
        ({}, "12:00 PM"),
        ({"hours": 12}, "12:00 AM"),
        ({"hours": 13}, "Yesterday 11:00 PM"),
        ({"days": 20}, "Nov 1, 12:00 PM"),
        ({"days": 365}, "Nov 21, 2025, 12:00 PM"),
    ],
)
def test_times(show: Showing, ago: dict[str, int], time: str) -> None:
    assert show.time(NOW - timedelta(**ago)) == time


@pytest.mark.parametrize(
    ("minutes", "age"),
    [
        (0, "less than a minute"),
        (59, "59 min"),
        (60, "1 h"),
        (125, "2 h 5 min"),
        (48 * 60, "2 days"),
        (4 * 24 * 60 + 99, "4 days"),
    ],
)
def test_ages(show: Showing, minutes: int, age: str) -> None:
    assert show.age(NOW - timedelta(minutes=minutes)) == age


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+16175550101", "(617) 555-0101"),
        ("+442079460000", "+44 20 7946 0000"),
        ("", "number withheld"),
        ("strange", "strange"),
    ],
)
def test_numbers(show: Showing, number: str, shown: str) -> None:
    assert show.phone(number) == shown


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("es", "Spanish"),
        ("ht", "Haitian Creole"),
        ("ar", "Arabic"),
        ("pt-BR", "Portuguese (Brazil)"),
        ("xx", "xx"),
        (None, "language not known"),
    ],
)
def test_languages(show: Showing, tag: str | None, name: str) -> None:
    assert show.language(tag) == name


def test_ages_of_people(show: Showing) -> None:
    assert show.birth_date("1950-11-21") == "Nov 21, 1950 (76)"
    assert show.birth_date("1950-11-22") == "Nov 22, 1950 (75)"
