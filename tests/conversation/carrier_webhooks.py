"""What the carrier asks of the application and what it gets: signed forms out, TwiML back, as a person meets it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from twilio.request_validator import RequestValidator

FORM = "application/x-www-form-urlencoded"
_ids = count(1)


class Answer(Protocol):
    """An HTTP answer, of Flask's test client or of a real connection."""

    @property
    def status_code(self) -> int: ...
    @property
    def text(self) -> str: ...


class Web(Protocol):
    """Whatever brings a request to the application."""

    def __call__(self, target: str, body: bytes, headers: Mapping[str, str]) -> Answer: ...


class Webhooks:
    """Posts as the carrier does: signed for the public address, form-encoded."""

    def __init__(self, web: Web, public_url: str, token: str) -> None:
        self.web, self._public_url = web, public_url
        self._validator = RequestValidator(token)

    def post(self, target: str, form: Mapping[str, str], *, signature: str | None = None) -> Answer:
        """`signature` replaces the right one."""
        shown = self.sign(target, form) if signature is None else signature
        headers = {"X-Twilio-Signature": shown, "Content-Type": FORM}
        return self.web(target, urlencode(form).encode(), headers)

    def sign(self, target: str, form: Mapping[str, str]) -> str:
        return str(self._validator.compute_signature(f"{self._public_url}{target}", form))

    def take(self, target: str, form: Mapping[str, str]) -> Answer:
        """Post what must be accepted."""
        answer = self.post(target, form)
        assert answer.status_code in (200, 204), f"{target}: {answer.status_code} {answer.text}"
        return answer


def new_id(prefix: str) -> str:
    return f"{prefix}{next(_ids):032x}"


class Phone:
    """A person's phone: what she texts and calls, and what comes back."""

    def __init__(self, webhooks: Webhooks, number: str, line: str) -> None:
        self.webhooks, self.number, self.line = webhooks, number, line

    def text_form(self, words: str, sid: str = "") -> dict[str, str]:
        return {
            "MessageSid": sid or new_id("SM"), "From": self.number, "To": self.line, "Body": words, "NumMedia": "0",
        }  # fmt: skip

    def text(self, words: str, sid: str = "") -> list[str]:
        """Send a text; returns the texts that answer it."""
        return texts_in(self.webhooks.take("/sms/receive", self.text_form(words, sid)))

    def texts(self, *words: str) -> list[str]:
        """Send several, one after the other; returns what answered the last."""
        return [self.text(one) for one in words][-1]

    def call(self, call: str = "") -> Call:
        """Ring the clinic; the call has been answered by it when this returns."""
        made = Call(self.webhooks, self.number, self.line, call or new_id("CA"))
        made.ask("/voice/answer")
        return made

    def answer(self, asked: Any, by: str = "human", call: str = "") -> Call:
        """Pick up a call that Careline placed (or let a machine do it)."""
        made = Call(self.webhooks, self.number, self.line, call or asked.id, outbound=True)
        made.ask(target_of(asked.url), AnsweredBy=by)
        return made


class Call:
    """One call. `said` is what she heard last; `waits` what for: Gather, Record, Dial, or Hangup when it is over."""

    def __init__(
        self, webhooks: Webhooks, number: str, line: str, call: str, *, outbound: bool = False
    ) -> None:
        self.webhooks, self.id = webhooks, call
        ends = {"From": line, "To": number} if outbound else {"From": number, "To": line}
        direction = "outbound-api" if outbound else "inbound"
        self.form = {"CallSid": call, "Direction": direction, "CallStatus": "in-progress", **ends}
        self.said: list[str] = []
        self.waits = self.action = self.document = ""

    def ask(self, target: str, **fields: str) -> str:
        """Let the carrier ask what to do next; returns the document."""
        self.read(self.webhooks.take(target, {**self.form, **fields}).text)
        return self.document

    def read(self, document: str) -> None:
        self.document = document
        root = ElementTree.fromstring(document)
        self.said = [say.text or "" for say in root.iter("Say")]
        verb = next(
            (one for one in root if one.tag in ("Gather", "Record", "Dial", "Hangup", "Reject")), None
        )
        self.waits = verb.tag if verb is not None else ""
        self.action = target_of(verb.get("action", "")) if verb is not None else ""

    def keys(self, *keys: str) -> Call:
        """Press keys at each question in turn; "" is silence."""
        for pressed in keys:
            self.ask(self.action, Digits=pressed)
        return self

    def record(self, recording: str, seconds: int, **fields: str) -> Call:
        self.ask(self.action, RecordingSid=recording, RecordingDuration=str(seconds), **fields)
        return self

    def dial_ended(self, status: str) -> Call:
        self.ask(self.action, DialCallStatus=status, DialCallSid=new_id("CA"))
        return self

    def over(self, status: str = "completed", outbox: str = "") -> None:
        """The carrier's last word on the call."""
        target = f"/voice/status?outbox={outbox}" if outbox else "/voice/status"
        self.webhooks.take(target, {**self.form, "CallStatus": status})


def texts_in(answer: Answer) -> list[str]:
    return [message.text or "" for message in ElementTree.fromstring(answer.text).iter("Message")]


def target_of(address: str) -> str:
    """The path and query of an address of ours."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
