"""What a row of the outbox is about, and whoever knows whether that is still wanted and what else can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from care import bulk, check_ins, missed_calls
from care.reminders import in_flight, rebooking
from care.scheduling import follow_ups, slot_offers
from records import Database


class Subject(Protocol):
    """One of these modules; each is named by the fact that its rows carry."""

    def not_wanted(self, connection: Connection, rows: Sequence[Any], now: datetime) -> Mapping[int, str]:
        """Of these rows, those that nobody wants any more: by id, with the reason."""

    def was_sent(self, connection: Connection, row: Any, now: datetime) -> None:
        """The carrier has it."""

    def another_way(
        self, database: Database, connection: Connection, row: Any, why: str, now: datetime
    ) -> bool:
        """It did not reach her: False where there is nothing else that a machine can do."""

    def not_let_through(
        self, database: Database, connection: Connection, row: Any, why: str, now: datetime
    ) -> None:
        """It may not go out any more, or its time is over."""


SUBJECTS: Mapping[str, Subject] = {
    "check_in": check_ins,
    "reminder": in_flight,
    "rebook": rebooking,
    "slot_offer": slot_offers,
    "follow_up": follow_ups,
    "missed_call": missed_calls,
    "bulk": bulk,
}


def subject_of(row: Any) -> Subject | None:
    return next((subject for fact, subject in SUBJECTS.items() if fact in row.facts), None)


def why_not_wanted(connection: Connection, rows: Sequence[Any], now: datetime) -> Mapping[int, str]:
    """Of rows about anything those that nobody wants any more; a query for each subject."""
    found: dict[int, str] = {}
    for fact, subject in SUBJECTS.items():
        if about := [row for row in rows if fact in row.facts]:
            found |= subject.not_wanted(connection, about, now)
    return found
