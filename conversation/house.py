"""All that one process has to work with, made once at its start and handed to whatever it does."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from care.rules.prices import Prices, our_prices
from carriers import CallState, Carrier, TextState
from conversation import bridges, refusals, statuses, turn
from conversation.events import Event
from conversation.versions import FlowVersions
from dialogue.reply import Reply, Say
from languages import Languages
from records import Database
from records.database import again_if_obstructed
from settings import Settings


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class House:
    """What `take_turn` and the worker need. The clock, the tokens and the carrier are passed in.

    `compose` makes the texts of what is said and `segments` counts each (the text room's, handed down).
    """

    settings: Settings
    database: Database
    languages: Languages
    flows: FlowVersions
    carrier: Carrier
    compose: Callable[[Sequence[Say]], list[str]]
    segments: Callable[[str], int]
    now: Callable[[], datetime] = utc_now
    prices: Prices = field(default_factory=our_prices)
    pending: refusals.Pending = field(default_factory=refusals.Pending)
    new_id: Callable[[], str] = field(default=partial(secrets.token_urlsafe, 16))

    def take_turn(self, event: Event) -> Reply:
        return turn.take_turn(self, event)

    def note_status(
        self,
        kind: str,
        sid: str,
        status: TextState | CallState | None,
        outbox_id: str,
        sequence: int | None,
        error_code: int | None,
        raw: Mapping[str, Any],
        seconds: int | None = None,
    ) -> None:
        again_if_obstructed(
            partial(statuses.note, self, kind, sid, status, outbox_id, sequence, error_code, raw, seconds)
        )

    def whisper(self, conversation: str, turn: int) -> tuple[Say, ...]:
        return bridges.whisper(self, conversation, turn)

    def note_joined(self, conversation: str, turn: int) -> None:
        again_if_obstructed(partial(bridges.note_joined, self, conversation, turn))

    def joined(self, conversation: str, turn: int) -> bool:
        return bridges.joined(self, conversation, turn)

    def refused(self, reason: str) -> None:
        refusals.count(self, reason)
