"""Talks written down as data: a few flows, what a person says, and what comes of it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from dialogue.engine import Advance, Surroundings, advance, begin
from dialogue.flows import FlowSet
from dialogue.reply import Ask, Dial, Record, Wait
from dialogue.said import Channel, Said
from languages import load

RULES = {"same": lambda value: value, "sum": lambda first, second: first + second}
"""Rules for flows that are themselves only tests."""
DAYS = [
    {"kind": "visit_time", "at": "2026-03-03T09:00+00:00", "zone": "UTC", "who": "Dr. Silva"},
    {"kind": "visit_time", "at": "2026-03-04T09:00+00:00", "zone": "UTC"},
]
FINDERS = {
    "free_days": lambda month, most: [{"who": most, **day} for day in DAYS if day["at"][5:7] == f"{month:02}"]
}
FACTS = {
    "clinic_name": "Harbor Community Clinic",
    "clinic_number": {"kind": "phone", "e164": "+16175550100"},
    "emergency_number": {"kind": "phone", "e164": "+16175550190"},
    "today": "2026-11-21",
}
HERS = ("keys", "text", "transcript", "recording", "seconds", "dialed")


def flow_set(written: Mapping[str, Any]) -> FlowSet:
    return FlowSet(written["flows"], written.get("translations", {}))


def surroundings(talk: Mapping[str, Any], **facts: Any) -> Surroundings:
    return Surroundings(
        Channel(talk.get("channel", "text")),
        load(),
        RULES,
        {**FACTS, **talk.get("facts", {}), **facts},
        finders=FINDERS,
    )


def said(turn: Mapping[str, Any]) -> Said:
    """What she says in a turn; nothing at all is silence."""
    return Said(**{name: turn[name] for name in HERS if name in turn})


def played(flows: FlowSet, talk: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What comes in each turn of a talk, in the shape in which `expected` gives what should come."""
    around = surroundings(talk)
    result = begin(flows, talk.get("flow", "main"), around, talk.get("language", "en"), talk.get("values"))
    found = [_came(result, talk["turns"][0])]
    for turn in talk["turns"][1:]:
        before = copy.deepcopy(result.position)
        following = advance(flows, result.position, said(turn), around)
        assert result.position == before, "the position that was passed in has been changed"
        result = following
        found.append(_came(result, turn))
    return found


def expected(talk: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What should come: all that is said, waited for and done, and those variables that are named."""
    return [
        {
            "says": turn.get("says", []),
            "waits": turn["waits"],
            "acts": turn.get("acts", []),
            "at": turn.get("at"),
            "language": turn.get("language"),
            "has": turn.get("has", {}),
        }
        for turn in talk["turns"]
    ]


def _came(result: Advance, turn: Mapping[str, Any]) -> dict[str, Any]:
    stack = result.position["stack"]
    return {
        "says": [say.text for say in result.says],
        "waits": waiting(result.wait),
        "acts": [{act.name: dict(act.values)} for act in result.acts],
        "at": ".".join(stack[-1][part] for part in ("flow", "step")) if "at" in turn else None,
        "language": result.language if "language" in turn else None,
        "has": {name: result.position["vars"].get(name, "(nothing)") for name in turn.get("has", {})},
    }


def waiting(wait: Wait | None) -> str:
    """A wait in a few words: `ask 1` ends after a key, `ask #` at a pound, `ask` at a pause."""
    if isinstance(wait, Ask):
        return " ".join(
            ["ask", *([str(wait.digits)] if wait.digits else []), *(["#"] if wait.hash_ends else [])]
        )
    if isinstance(wait, Record):
        return "record"
    if isinstance(wait, Dial):
        return f"dial {wait.to}: {' '.join(say.text for say in wait.whisper)}"
    return "end"
