"""What a carrier remembers: numbers, calls, messages, recordings, errors. In memory, and bounded."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

CALL_OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
MESSAGE_OVER = frozenset({"delivered", "undelivered", "failed", "received", "canceled"})


def new_sid(prefix: str) -> str:
    """A Twilio-shaped id: two letters and 32 hex digits."""
    return prefix + uuid.uuid4().hex


@dataclass
class Number:
    """A number of the account, with the webhooks that its owner set."""

    sid: str
    phone_number: str
    friendly_name: str
    created: datetime
    updated: datetime
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"


@dataclass
class Call:
    """One leg. `asked` holds what the request that made it asked for (Url, StatusCallback, …)."""

    sid: str
    from_: str
    to: str
    direction: str  # inbound, outbound-api, outbound-dial
    created: datetime
    status: str = "queued"
    parent_sid: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    updated: datetime | None = None
    answered_at: float | None = None  # carrier seconds
    ended_at: float | None = None
    queued_seconds: float = 0.0
    answered_by: str | None = None
    number_sid: str | None = None
    asked: dict[str, Any] = field(default_factory=dict)
    sequence: int = 0
    trace: list[dict[str, Any]] = field(default_factory=list)
    left: list[dict[str, Any]] = field(default_factory=list)  # what an answering machine kept

    @property
    def over(self) -> bool:
        return self.status in CALL_OVER

    @property
    def duration(self) -> int | None:
        """Whole seconds of talk, None while it lasts; 0 for a call that was never answered."""
        if not self.over:
            return None
        if self.answered_at is None or self.ended_at is None:
            return 0
        return max(0, round(self.ended_at - self.answered_at))


@dataclass
class Message:
    """One text."""

    sid: str
    from_: str
    to: str
    body: str
    direction: str  # inbound, outbound-api, outbound-reply
    created: datetime
    segments: int
    status: str = "queued"
    media: list[str] = field(default_factory=list)
    sent: datetime | None = None
    updated: datetime | None = None
    error_code: int | None = None
    status_callback: str = ""
    trace: list[dict[str, Any]] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return self.status in MESSAGE_OVER


@dataclass
class Recording:
    """Audio that the carrier keeps until it is deleted. `wav` is None until it is ready."""

    sid: str
    call_sid: str
    created: datetime
    seconds: float
    source: str = "RecordVerb"
    status: str = "processing"
    wav: bytes | None = None
    deleted: bool = False

    @property
    def over(self) -> bool:
        return self.status != "processing"

    @property
    def duration(self) -> int:
        return round(self.seconds)


Kept = TypeVar("Kept", Call, Message, Recording)


class Shelf(Generic[Kept]):
    """Things by sid, oldest first. Beyond `keep`, the oldest finished ones are dropped."""

    def __init__(self, keep: Callable[[], int]) -> None:
        self._keep = keep
        self._things: dict[str, Kept] = {}

    def add(self, thing: Kept) -> Kept:
        self._things[thing.sid] = thing
        excess = len(self._things) - self._keep()
        if excess > 0:
            for sid in [sid for sid, kept in self._things.items() if kept.over][:excess]:
                del self._things[sid]
        return thing

    def get(self, sid: str) -> Kept | None:
        return self._things.get(sid)

    def remove(self, sid: str) -> None:
        self._things.pop(sid, None)

    def clear(self) -> None:
        for sid in [sid for sid, kept in self._things.items() if kept.over]:
            del self._things[sid]

    def __iter__(self) -> Iterator[Kept]:
        return iter(list(self._things.values()))

    def newest_first(self) -> list[Kept]:
        return list(reversed(self._things.values()))


class Records:
    """All that is remembered."""

    def __init__(self, keep: Callable[[], int]) -> None:
        self.numbers: dict[str, Number] = {}  # by phone number
        self.calls: Shelf[Call] = Shelf(keep)
        self.messages: Shelf[Message] = Shelf(keep)
        self.recordings: Shelf[Recording] = Shelf(keep)
        self.errors: deque[dict[str, Any]] = deque(maxlen=1000)
        self.opted_out: set[tuple[str, str]] = set()  # (person, number of the account)
