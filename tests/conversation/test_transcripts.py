"""Every transcript in `tests/transcripts/`, played against a running installation, and what they cover together.

`python -m tests.conversation.record FILE…` writes them anew when words have changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from dialogue.flows import read_folder
from languages import load
from tests.conversation.cast import area_codes
from tests.conversation.company import Company
from tests.conversation.playing import Play, play_all
from tests.conversation.stage import SPEED, staged
from tests.conversation.transcript import every_transcript, read

FLOWS = Path(__file__).resolve().parents[2] / "ivr_flows"
AT_ONCE = 8
TRANSCRIPTS = {read(path).name: path for path in every_transcript()}
NEVER_RUN: Mapping[str, str] = {
    "stop_choice.no_number": "the phones of transcripts show their numbers",
    "stop_choice.leave_word": "the phones of transcripts show their numbers",
    "danger.nobody": "words are heard on a call only once speech is recognised while it goes on",
}
"""Steps that no transcript can reach, each with the reason."""
NOT_YET: Mapping[str, str] = {
    "call_back.visit": "a transcript of a call back shortly before a visit is still to be written",
} | dict.fromkeys(
    (
        "reminded_visit.changed",
        "reminded_visit.not_answered",
        "reminded_visit.not_told",
        "reminded_visit.somebody_calls",
        "reminder_answer.find_another_time",
        "reminder_answer.is_it_hers",
        "reminder_answer.is_it_there",
        "reminder_answer.move",
        "reminder_answer.which",
        "reminder_answer.who",
        "reminder_answer.whose",
        "reminder_answer.will_move",
        "reminder_call.stop",
        "reminder_text.discreet_opening",
        "reminder_text.later",
        "visit_changed.called_off",
        "visit_changed.over",
    ),
    "reminders: tests/conversation/test_reminders.py talks these through; transcripts are still to be written",
)
"""Steps that a transcript could reach and none does yet."""


@dataclass(frozen=True)
class Played:
    """`outcomes`: what was wrong with each, by name. `steps`: every `flow.step` that ran.

    `printed`: what each process printed.
    """

    outcomes: Mapping[str, Exception | None]
    steps: frozenset[str]
    printed: Mapping[str, str]


@pytest.fixture(scope="session")
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """On SQLite, with the broker that needs no server."""
    return play(request.session, tmp_path_factory.mktemp("installation"), test_a_transcript.__name__)


def play(
    session: pytest.Session,
    home: Path,
    test: str,
    settings: Callable[[], Mapping[str, str]] | None = None,
) -> Played:
    """All transcripts that this run asks `test` for, several at once: most of their time is waiting.

    Each needs an area code of its own: where there are more of them than of those, one installation follows
    another.
    """
    asked = [name for item in session.items if (name := _name_of(item, test))]
    wanted = [read(TRANSCRIPTS[name]) for name in asked or TRANSCRIPTS]
    most = len(list(area_codes()))
    outcomes: dict[str, Exception | None] = {}
    steps: set[str] = set()
    printed: dict[str, str] = {}
    for first in range(0, len(wanted), most):
        here = home / str(first)
        here.mkdir()
        with staged(here, SPEED, settings() if settings else None) as made:
            some = wanted[first : first + most]
            outcomes |= asyncio.run(play_all(Company(made), some, area_codes(), Play.check, AT_ONCE))
        steps |= set((here / "steps").read_text().split())
        printed |= {f"{name} {first}": made.printed(name) for name in made.running}
    return Played(outcomes, frozenset(steps), printed)


def _name_of(item: pytest.Item, test: str) -> str:
    """The transcript that a test is about; nothing where it is about none."""
    is_one = isinstance(item, pytest.Function) and item.originalname == test
    return str(item.callspec.params["name"]) if isinstance(item, pytest.Function) and is_one else ""


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_transcript(played: Played, name: str) -> None:
    if wrong := played.outcomes[name]:
        raise wrong


def test_no_process_broke_down_meanwhile(played: Played) -> None:
    assert {name: lines for name, lines in played.printed.items() if "Traceback" in lines} == {}


def test_every_step_of_every_flow_is_in_some_transcript(played: Played) -> None:
    if len(played.outcomes) < len(TRANSCRIPTS):
        pytest.skip("only some transcripts were played here")
    flows = read_folder(FLOWS).flows
    steps = {f"{flow.name}.{step}" for flow in flows.values() for step in flow.steps}
    assert sorted(steps - played.steps - set(NEVER_RUN) - set(NOT_YET)) == []
    assert sorted(set(NEVER_RUN) & played.steps) == [], "these do run, and are no exceptions"


@pytest.mark.parametrize("tag", sorted(set(load()) - {"en"}))
def test_every_case_is_there_in_every_language(tag: str) -> None:
    cases = {name.replace(".en.", ".", 1) for name in TRANSCRIPTS if ".en." in name}
    hers = {name.replace(f".{tag}.", ".", 1) for name in TRANSCRIPTS if f".{tag}." in name}
    assert cases - hers <= ONE_LANGUAGE
    assert hers - cases <= ONE_LANGUAGE


ONE_LANGUAGE = {
    "main_menu/another_language.call",  # nobody has chosen a language yet: the opening is the same
    "main_menu/no_language_chosen.call",
    "main_menu/language_said_by_name.text",
    "main_menu/stop_in_her_language.text",  # English has only the carrier's words
    "consent/stop_in_another_language.text",  # Spanish words in an English talk
    "identity/day_or_month.text",  # in English, figures are month first
    "alert/keys.text",  # the desk is always spoken to in English
}
