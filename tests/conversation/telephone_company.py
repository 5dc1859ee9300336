"""A telephone company for tests, written by hand: it notes what it is asked for and fails as it is told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, pairwise

from carriers import CallState, CarrierError, Found, OutcomeUnknown, Status, TextState
from carriers.twilio import TwilioCarrier


class WorkerKilled(BaseException):
    """The worker dies at this very moment: nothing of ours catches it."""


@dataclass(frozen=True)
class Asked:
    """A text or a call that the company took, and when."""

    id: str
    to: str
    sender: str
    at: datetime
    status_callback: str
    body: str = ""
    url: str = ""
    detect_machine: bool = False

    @property
    def outbox(self) -> str:
        """The row that its status callback names."""
        return self.status_callback.partition("outbox=")[2]


def fastest(asked: list[Asked]) -> float:
    """The shortest time in seconds between two."""
    return min((later.at - earlier.at).total_seconds() for earlier, later in pairwise(asked))


@dataclass
class TelephoneCompany:
    """A `carriers.Carrier`. Signatures are checked as Twilio's are.

    `fails` holds what happens to the next sends, one each: an exception is raised and nothing sent;
    "lost" is sent, and the answer is lost; "killed" is sent, and our worker dies before it hears so.
    """

    now: Callable[[], datetime]
    token: str
    texts: list[Asked] = field(default_factory=list)
    calls: list[Asked] = field(default_factory=list)
    fails: list[CarrierError | str] = field(default_factory=list)
    statuses: dict[str, Status] = field(default_factory=dict)
    recordings: dict[str, bytes | CarrierError] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    deleting_fails: list[CarrierError] = field(default_factory=list)
    list_lags: bool = False
    list_fails: CarrierError | None = None
    on_send: Callable[[], None] = lambda: None
    on_end_call: Callable[[str], None] | None = None
    _ids: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._twilio = TwilioCarrier("http://127.0.0.1:9", "AC0", (self.token,))

    def signed(self, url: str, form: Mapping[str, str], signature: str, settings: str = "") -> bool:
        return self._twilio.signed(url, form, signature, settings)

    def send_text(self, to: str, sender: str, body: str, status_callback: str) -> str:
        asked = Asked(f"SM{next(self._ids)}", to, sender, self.now(), status_callback, body)
        return self._take(self.texts, asked)

    def place_call(self, to: str, sender: str, url: str, status_callback: str, detect_machine: bool) -> str:
        asked = Asked(
            f"CA-out-{next(self._ids)}", to, sender, self.now(), status_callback,
            url=url, detect_machine=detect_machine,
        )  # fmt: skip
        return self._take(self.calls, asked)

    def _take(self, taken: list[Asked], asked: Asked) -> str:
        failure = self.fails.pop(0) if self.fails else None
        if isinstance(failure, CarrierError):
            raise failure
        taken.append(asked)
        self.on_send()
        if failure == "lost":
            raise OutcomeUnknown("no answer in time")
        if failure == "killed":
            raise WorkerKilled
        return asked.id

    def end_call(self, call: str) -> None:
        if self.on_end_call is None:
            raise AssertionError("nobody asked for this")
        self.on_end_call(call)

    def find_texts(self, to: str, sender: str, since: datetime) -> list[Found]:
        return self._find(self.texts, to, sender, since, Status("queued", TextState.QUEUED))

    def find_calls(self, to: str, sender: str, since: datetime) -> list[Found]:
        return self._find(self.calls, to, sender, since, Status("queued", CallState.QUEUED))

    def _find(self, asked: list[Asked], to: str, sender: str, since: datetime, unless: Status) -> list[Found]:
        if self.list_fails:
            raise self.list_fails
        if self.list_lags:
            return []
        return [
            Found(one.id, one.at, self.statuses.get(one.id, unless), one.body)
            for one in reversed(asked)
            if (one.to, one.sender) == (to, sender) and one.at >= since
        ]

    def text_status(self, text: str) -> Status:
        return self.statuses.get(text, Status("sent", TextState.SENT))

    def call_status(self, call: str) -> Status:
        return self.statuses.get(call, Status("ringing", CallState.RINGING))

    def fetch_recording(self, recording: str) -> bytes:
        sound = self.recordings[recording]
        if isinstance(sound, CarrierError):
            raise sound
        return sound

    def delete_recording(self, recording: str) -> None:
        if self.deleting_fails:
            raise self.deleting_fails.pop(0)
        self.deleted.append(recording)
