"""What can happen in a talk, whatever brought it: the one thing that channels hand to `take_turn`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dialogue.said import Channel


class Kind(StrEnum):
    STARTED = "started"
    """A call reached our line, or its TwiML was asked for again at the very start."""
    ANSWERED = "answered"
    """A call that we placed was answered: `answered_by` says by whom."""
    SAID = "said"
    """Keys, a text or recognised speech."""
    SILENT = "silent"
    """A question on a call got no answer in its time."""
    RECORDED = "recorded"
    """A spoken message ended: `recording`, `seconds`."""
    DIAL_ENDED = "dial ended"
    """A bridge that we asked for is over: `dial_status`."""
    HUNG_UP = "hung up"
    """The call is over, whoever ended it."""


class AnsweredBy(StrEnum):
    HUMAN = "human"
    MACHINE = "machine"
    """A machine whose greeting has ended: a message may be left now."""
    MACHINE_GREETING = "machine greeting"
    """A machine that is still speaking: nothing may be left."""
    FAX = "fax"
    UNKNOWN = "unknown"


class DialStatus(StrEnum):
    JOINED = "joined"
    """The other person pressed a key and both talked."""
    NO_ANSWER = "no answer"
    BUSY = "busy"
    FAILED = "failed"


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    `line` is the clinic's number and `number` the other person's, both E.164 (`number` is "" where
    withheld). `key` names the event for good (the carrier's message id, or call id and turn): an
    event with a key seen before gets the reply stored for it. `conversation` and `turn` are those
    of the reply that it answers; both empty for what begins a talk. `call` is the carrier's call id.
    """

    kind: Kind
    channel: Channel
    line: str
    number: str
    key: str
    call: str = ""
    conversation: str = ""
    turn: int = 0
    keys: str = ""
    text: str = ""
    transcript: str = ""
    confidence: float = 1.0
    recording: str = ""
    seconds: int = 0
    answered_by: AnsweredBy | None = None
    dial_status: DialStatus | None = None
    ended: str = ""
    """How a call to our line ended (a `CallState`); "" of calls that we placed, and while one goes on."""
