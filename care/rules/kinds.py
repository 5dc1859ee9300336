"""The kinds of message and the promise of each, from kinds.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from care.rules.consent import topics


@dataclass(frozen=True)
class MessageKind:
    name: str
    queue: str
    priority: int
    promise: str
    to: str
    topic: str | None
    clinical: bool
    """What is not waits where the clinic's budget of the month is spent."""
    quiet_hours: bool
    urgent: bool
    gives_way: bool
    after_machine: str
    """The kind of the text that follows where a machine answered."""
    again: tuple[timedelta, ...]
    by_outcome: Mapping[str, tuple[timedelta, ...]]
    expires: timedelta | None
    most_a_day: int | None
    most_a_week: int | None

    def next_try(
        self, attempts: int, outcome: str = "", tries: Mapping[str, int] = MappingProxyType({})
    ) -> timedelta | None:
        """How long to wait after `attempts` tries; None where a person must look now.

        What must arrive is tried for ever, at the last interval. Where outcomes are told apart, `tries` counts
        how many had each, this one's too: a call that never rang uses up none of those that did.
        """
        waits = self.again
        if self.by_outcome:
            named = outcome in self.by_outcome
            waits = self.by_outcome[outcome] if named else self.again
            of_these = (
                (outcome,) if named else tuple(other for other in tries if other not in self.by_outcome)
            )
            attempts = sum(tries[other] for other in of_these)
        if attempts <= len(waits):
            return waits[max(attempts, 1) - 1] if waits else None
        return self.again[-1] if self.promise == "at_least_once" else None


@cache
def kinds() -> Mapping[str, MessageKind]:
    written: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return {name: _kind(name, body) for name, body in written.items()}


def _minutes(written: Sequence[float]) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=minutes) for minutes in written)


def _kind(name: str, body: Mapping[str, Any]) -> MessageKind:
    caps = body.get("caps", {})
    return MessageKind(
        name,
        body["queue"],
        body["priority"],
        body["promise"],
        body["to"],
        topic := body.get("topic"),
        topic is None or topics()[topic]["clinical"],
        body["quiet_hours"],
        body.get("urgent", False),
        body.get("gives_way", False),
        body.get("after_machine", "call_me_back"),
        _minutes(body["again"]),
        {outcome: _minutes(waits) for outcome, waits in body.get("by_outcome", {}).items()},
        timedelta(hours=body["expires"]) if "expires" in body else None,
        caps.get("day"),
        caps.get("week"),
    )
