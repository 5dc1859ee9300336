"""What we ask of a telephone company, and nothing about which one: `carriers.twilio` is the one we have.

Numbers are E.164; times are aware; ids are the carrier's own. The methods of a carrier speak HTTP and
may take seconds: only the worker calls them, and `signed` alone is for the web.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from carriers.outcomes import CarrierError, Gone, NotYet, OutcomeUnknown, Refused, TooLarge, Unavailable
from carriers.refusals import Meaning, meaning
from carriers.statuses import Answerer, CallState, Status, TextState, is_final, moves_on

__all__ = [
    "Answerer",
    "CallState",
    "Carrier",
    "CarrierError",
    "Found",
    "Gone",
    "Meaning",
    "NotYet",
    "OutcomeUnknown",
    "Refused",
    "Status",
    "TextState",
    "TooLarge",
    "Unavailable",
    "is_final",
    "meaning",
    "moves_on",
]


@dataclass(frozen=True)
class Found:
    """A text or a call in the carrier's list. `at` is when it was asked for (None: the carrier won't say)."""

    id: str
    at: datetime | None
    status: Status
    body: str = ""
    """Of a text."""


class Carrier(Protocol):
    """Sending and calling raise Refused, Unavailable or OutcomeUnknown; asking the first two alone."""

    def signed(self, url: str, form: Mapping[str, str], signature: str, settings: str = "") -> bool:
        """Whether the carrier signed this form for this address. `form` may be a multi-dict.

        `settings` is the header that names another algorithm than the usual, "" where there is none.
        """

    def send_text(self, to: str, sender: str, body: str, status_callback: str) -> str:
        """Send one text; returns the carrier's message id."""

    def place_call(self, to: str, sender: str, url: str, status_callback: str, detect_machine: bool) -> str:
        """Call `to`; once answered, `url` is asked what to do. Returns the carrier's call id."""

    def end_call(self, call: str) -> None:
        """Hang up; a call that is over already is fine."""

    def find_texts(self, to: str, sender: str, since: datetime) -> list[Found]:
        """The texts asked for at or after `since` (to the second), newest first."""

    def find_calls(self, to: str, sender: str, since: datetime) -> list[Found]:
        """The calls asked for at or after `since` (to the second), newest first."""

    def text_status(self, text: str) -> Status:
        """What became of a text."""

    def call_status(self, call: str) -> Status:
        """What became of a call."""

    def fetch_recording(self, recording: str) -> bytes:
        """The recording as WAV. Also raises NotYet, Gone or TooLarge."""

    def delete_recording(self, recording: str) -> None:
        """Delete it at the carrier; one that is gone already is fine."""
