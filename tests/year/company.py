"""A telephone company that fails as real ones do, by a seeded chance: written by hand, and honest about what it did."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import count
from typing import Protocol

from carriers import CallState, Found, Meaning, OutcomeUnknown, Refused, Status, TextState, Unavailable
from tests.conversation.clinic_day import Clock
from tests.year.agenda import Agenda
from tests.year.mortal import Fate
from tests.year.people import Phone

FAILS = 0.05
"""Of all requests; what becomes of these, in parts."""
FAILURES = {"unavailable": 30, "lost": 20, "never came": 20, "refused": 30}
DROPPED, DOUBLED, LATE = 0.10, 0.15, 0.05
LIST_LAGS, LIST_AWAY = 0.10, 0.05


class Watching(Protocol):
    """Whoever hears at once of what the company was asked, and what truly became of it."""

    def asked(self, channel: str, number: str, body: str, row: int, outcome: str) -> object: ...
    def became(self, contact: object, outcome: str) -> None: ...
    def read(self, sent: Sent) -> None: ...
    def picked_up(self, sent: Sent, by: str) -> None: ...
    def told(self, sent: Sent, status: Status, sequence: int) -> None: ...
    def looked_late(self) -> None: ...


@dataclass
class Sent:
    """A text or a call that the company took, and how it stands now."""

    id: str
    channel: str
    to: str
    at: datetime
    row: int
    body: str
    token: str
    status: Status
    contact: object
    steps: int = 0


@dataclass
class Company:
    """A `carriers.Carrier`."""

    clock: Clock
    chance: random.Random
    agenda: Agenda
    fate: Fate
    phones: dict[str, Phone]
    watching: Watching
    sent: dict[str, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    by_id: dict[str, Sent] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    away: bool = False
    """Out of service: nothing is taken."""
    _ids: count[int] = field(default_factory=lambda: count(1))

    # What the house asks for

    def send_text(self, to: str, sender: str, body: str, status_callback: str) -> str:
        return self._take("text", to, body, "", status_callback, self._text_goes)

    def place_call(self, to: str, sender: str, url: str, status_callback: str, detect_machine: bool) -> str:
        return self._take("call", to, "", url.partition("token=")[2], status_callback, self._call_goes)

    def end_call(self, call: str) -> None:
        sent = self.by_id[call]
        if sent.status.state is CallState.QUEUED:
            self._moves(sent, Status("canceled", CallState.CANCELED))
            self.watching.became(sent.contact, "failed")

    def find_texts(self, to: str, sender: str, since: datetime) -> list[Found]:
        return self._find("text", to, since)

    def find_calls(self, to: str, sender: str, since: datetime) -> list[Found]:
        return self._find("call", to, since)

    def text_status(self, text: str) -> Status:
        return self._status(text)

    def call_status(self, call: str) -> Status:
        return self._status(call)

    def signed(self, url: str, form: object, signature: str, settings: str = "") -> bool:
        raise AssertionError("nobody asks by HTTP here")

    def fetch_recording(self, recording: str) -> bytes:
        raise AssertionError("nobody records here")

    def delete_recording(self, recording: str) -> None:
        raise AssertionError("nobody records here")

    # What becomes of it

    def _take(
        self, channel: str, to: str, body: str, token: str, callback: str, goes: Callable[[Sent], None]
    ) -> str:
        row = int(callback.partition("outbox=")[2])
        self.fate.meets("before a hand-over")
        outcome, code = self._outcome(channel, to)
        contact = self.watching.asked(channel, to, body, row, outcome)
        if outcome == "unavailable":
            raise Unavailable("no service")
        if outcome == "refused":
            raise Refused(code, _MEANINGS[code])
        if outcome == "never came":
            raise OutcomeUnknown("no answer in time")
        first = Status("queued", TextState.QUEUED if channel == "text" else CallState.QUEUED)
        prefix = "SM" if channel == "text" else "CA"
        sent = Sent(
            f"{prefix}{next(self._ids):032d}", channel, to, self.clock(), row, body, token, first, contact
        )
        self.sent[to].append(sent)
        self.by_id[sent.id] = sent
        goes(sent)
        if outcome == "lost":
            raise OutcomeUnknown("no answer in time")
        self.fate.meets("after a hand-over")
        return sent.id

    def _outcome(self, channel: str, to: str) -> tuple[str, int]:
        if self.away:
            return "unavailable", 0
        phone = self.phones[to]
        if channel == "text" and (to in self.blocked or phone.blocks):
            return "refused", 21610
        if channel == "text" and phone.truly == "landline" and self.chance.random() < 0.5:
            return "refused", 21614
        if self.chance.random() >= FAILS:
            return "taken", 0
        return self.chance.choices(list(FAILURES), list(FAILURES.values()))[0], 30001

    def _text_goes(self, sent: Sent) -> None:
        draw = self.chance.random()
        if self.phones[sent.to].truly == "landline":
            self._later(2, sent, "undelivered", TextState.UNDELIVERED, 30006)
        elif draw < 0.94:
            self._later(1, sent, "sent", TextState.SENT)
            self._later(self.chance.uniform(2, 9), sent, "delivered", TextState.DELIVERED)
        elif draw < 0.955:
            self._later(self.chance.uniform(5, 600), sent, "undelivered", TextState.UNDELIVERED, 30003)
        elif draw < 0.96:
            self._later(5, sent, "undelivered", TextState.UNDELIVERED, 30005)
        else:
            self._later(1, sent, "sent", TextState.SENT)  # and nobody ever hears more of it

    def _call_goes(self, sent: Sent) -> None:
        draw = self.chance.random()
        if draw < 0.03:
            self._later(3, sent, "failed", CallState.FAILED)
            return
        self._later(2, sent, "initiated", CallState.QUEUED)
        self._later(4, sent, "ringing", CallState.RINGING)
        if draw < 0.11:
            self._later(6, sent, "busy", CallState.BUSY)
        elif draw < 0.28:
            self._later(34, sent, "no-answer", CallState.NO_ANSWER)
        else:
            by = "machine" if draw < 0.45 else "human"
            self.agenda.after(self.chance.uniform(8, 25), partial(self._answered, sent, by))

    def _answered(self, sent: Sent, by: str) -> None:
        self._moves(sent, Status("in-progress", CallState.ANSWERED))
        self.watching.became(sent.contact, by)
        self.watching.picked_up(sent, by)

    def ends(self, sent: Sent, seconds: int) -> None:
        """Both have hung up."""
        self._moves(sent, Status("completed", CallState.COMPLETED, seconds=seconds))

    def _later(
        self, seconds: float, sent: Sent, word: str, state: TextState | CallState, code: int | None = None
    ) -> None:
        self.agenda.after(seconds, partial(self._becomes, sent, Status(word, state, code)))

    def _becomes(self, sent: Sent, status: Status) -> None:
        if sent.status.word in _ENDS:
            return
        if status.word in _TRULY:
            self.watching.became(sent.contact, _TRULY[status.word])
        self._moves(sent, status)
        if status.state is TextState.DELIVERED:
            self.watching.read(sent)

    def _moves(self, sent: Sent, status: Status) -> None:
        """It stands so now; whether, when and how often anybody is told of it is another matter."""
        sent.status = status
        sent.steps += 1
        if self.chance.random() < DROPPED:
            self.watching.looked_late()
            return
        for _ in range(2 if self.chance.random() < DOUBLED else 1):
            late = self.chance.random() < LATE
            wait = self.chance.uniform(60, 1500) if late else self.chance.expovariate(0.5)
            self.agenda.after(wait, partial(self.watching.told, sent, status, sent.steps))

    def _find(self, channel: str, to: str, since: datetime) -> list[Found]:
        if self.away or self.chance.random() < LIST_AWAY:
            raise Unavailable("no list now")
        if self.chance.random() < LIST_LAGS:
            return []
        return [
            Found(one.id, one.at, one.status, one.body)
            for one in reversed(self.sent[to])
            if one.channel == channel and one.at >= since.replace(microsecond=0)
        ]

    def _status(self, sid: str) -> Status:
        if self.away:
            raise Unavailable("no service")
        return self.by_id[sid].status


_ENDS = ("delivered", "undelivered", "completed", "busy", "no-answer", "failed", "canceled")
_TRULY = {
    "delivered": "delivered",
    "undelivered": "undelivered",
    "busy": "busy",
    "no-answer": "no answer",
    "failed": "failed",
}
_MEANINGS = {21610: Meaning.OPTED_OUT, 21614: Meaning.NOT_A_MOBILE, 30001: Meaning.RATE_LIMITED}
