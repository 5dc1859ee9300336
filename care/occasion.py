"""The turn in which an act happens: who, where, when, and the write that it is part of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from records import Database


class Overtaken(Exception):
    """What the turn was decided on is no longer so: it is thought about again from what is now true."""


@dataclass
class Occasion:
    """Acts of one turn run in order on one `connection`; `patient_id` is set once she is confirmed.

    `proxy_id` is who speaks for her, where somebody does.
    """

    database: Database
    connection: Connection
    now: datetime
    clinic_id: int
    clinic_line: str
    emergency_number: str
    conversation_id: str
    turn: int
    channel: str
    number: str
    number_hash: str
    language: str
    outbox_id: int | None
    patient_id: int | None = None
    proxy_id: int | None = None

    def key(self, what: str) -> str:
        """A key that names this act for good: the same turn done again gives the same key."""
        return f"{what}:{self.conversation_id}:{self.turn}"
