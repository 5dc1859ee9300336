"""What the carrier tells us, form field by form field: texts, calls and what became of them.

Fields that we don't know are left alone, and so are new values of those that we do. What a field must
hold and doesn't raises Malformed. Sources: https://www.twilio.com/docs/voice/twiml#request-parameters,
https://www.twilio.com/docs/messaging/guides/webhook-request, to be checked [M].
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from carriers.statuses import Answerer, CallState, TextState, answerer, call_state, text_state

Form = Mapping[str, str]

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEYS = re.compile(r"[0-9A-D*#]*", re.IGNORECASE)
_WHOLE = re.compile(r"[0-9]{1,9}")
# Control characters say nothing in a text and can't be stored or spoken; a line break can.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
WITHHELD = frozenset({"+266696687", "+86282452253", "+7378742833", "+2562533", "+8656696", "+464"})
"""ANONYMOUS, UNAVAILABLE, RESTRICTED, BLOCKED, UNKNOWN, N/A ... keyed as numbers, for callers who show none.
https://www.twilio.com/docs/glossary/what-e164 and the carrier's help on blocked caller ids."""
HUNG_UP = "hangup"
"""What Digits says of a recording that ended with the call."""


class Malformed(ValueError):
    """A webhook lacks `field`, or it can't be read. Holds no value: it may be a person's."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class IncomingText:
    """A text that reached a line. `sender` is "" where nobody can be answered (a short code, a name)."""

    id: str
    sender: str
    to: str
    body: str
    media: int
    """How many pictures or files came with it; they are not fetched."""


@dataclass(frozen=True)
class CallWebhook:
    """What happened on a call. `line` is ours, `number` the other person's, "" where withheld."""

    call: str
    number: str
    line: str
    outbound: bool
    """Whether we placed it."""
    word: str
    """The carrier's word for the call's state."""
    state: CallState | None
    keys: str = ""
    answered_by: Answerer | None = None
    recording: str = ""
    recording_seconds: int = 0
    dial_state: CallState | None = None
    """Of the leg that a bridge dialled; None where this is not about a bridge, or in a word new to us."""
    dial_ended: bool = False
    dial_bridged: bool | None = None
    """Whether the carrier says that both talked; None where it says nothing."""
    sequence: int | None = None
    seconds: int | None = None
    """How long the call was, where it is over."""


@dataclass(frozen=True)
class TextStatus:
    """What became of a text that we sent."""

    id: str
    word: str
    state: TextState | None
    code: int | None


def parse_text(form: Form) -> IncomingText:
    """A text that reached one of our lines. Raises Malformed."""
    return IncomingText(
        id=_id(form, "MessageSid"),
        sender=_person(form, "From"),
        to=_number(form, "To"),
        body=_CONTROLS.sub("", _given(form, "Body").replace("\r\n", "\n").replace("\r", "\n")),
        media=_whole(form, "NumMedia") or 0,
    )


def parse_call(form: Form) -> CallWebhook:
    """Any webhook of a call, status callbacks included. Raises Malformed."""
    outbound = _given(form, "Direction").startswith("outbound")
    ours, theirs = ("From", "To") if outbound else ("To", "From")
    word, dial_word = _given(form, "CallStatus"), form.get("DialCallStatus", "")
    bridged = form.get("DialBridged", "").lower()
    return CallWebhook(
        call=_id(form, "CallSid"),
        number=_person(form, theirs),
        line=_number(form, ours),
        outbound=outbound,
        word=word,
        state=call_state(word),
        keys=_keys(form),
        answered_by=answerer(form.get("AnsweredBy")),
        recording=_id(form, "RecordingSid") if form.get("RecordingSid") else "",
        recording_seconds=_whole(form, "RecordingDuration") or 0,
        dial_state=call_state(dial_word),
        dial_ended=bool(dial_word),
        dial_bridged={"true": True, "false": False}.get(bridged),
        sequence=_whole(form, "SequenceNumber"),
        seconds=_whole(form, "CallDuration"),
    )


def parse_text_status(form: Form) -> TextStatus:
    """A status callback of a text that we sent. Raises Malformed."""
    word = _given(form, "MessageStatus")
    return TextStatus(_id(form, "MessageSid"), word, text_state(word), _whole(form, "ErrorCode"))


def _given(form: Form, field: str) -> str:
    value = form.get(field)
    if value is None:
        raise Malformed(field)
    return value


def _id(form: Form, field: str) -> str:
    value = _given(form, field)
    if not _ID.fullmatch(value):
        raise Malformed(field)
    return value


def _number(form: Form, field: str) -> str:
    value = _given(form, field)
    if not _E164.fullmatch(value):
        raise Malformed(field)
    return value


def _person(form: Form, field: str) -> str:
    """A number that can be called back, or "": withheld, a name, a short code, a SIP address."""
    value = _given(form, field).strip()
    return value if _E164.fullmatch(value) and value not in WITHHELD else ""


def _keys(form: Form) -> str:
    value = form.get("Digits", "")
    if value == HUNG_UP:
        return ""
    if not _KEYS.fullmatch(value):
        raise Malformed("Digits")
    return value


def _whole(form: Form, field: str) -> int | None:
    """A whole number; None where it is absent, empty or no number, since it is never needed."""
    value = form.get(field, "")
    return int(value) if _WHOLE.fullmatch(value) else None
