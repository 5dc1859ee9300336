"""The form fields that the carrier sends with its webhooks, as Twilio names them."""

from __future__ import annotations

from email.utils import format_datetime

from .clock import Clock
from .state import Call, Message

API_VERSION = "2010-04-01"
PLACES = ("City", "State", "Zip", "Country")


def _places(*roles: str) -> dict[str, str]:
    """The carrier's guess at where numbers are: for 555-01xx numbers it has none but the country."""
    return {f"{role}{place}": "US" if place == "Country" else "" for role in roles for place in PLACES}


def of_call(call: Call, account: str) -> dict[str, str]:
    """The fields of every request about a call."""
    fields = {
        "AccountSid": account,
        "ApiVersion": API_VERSION,
        "CallSid": call.sid,
        "CallStatus": call.status,
        "Direction": call.direction,
        "From": call.from_,
        "To": call.to,
        "Caller": call.from_,
        "Called": call.to,
        "CallerName": "",
        "ForwardedFrom": "",
        **_places("From", "To", "Caller", "Called"),
    }
    if call.parent_sid:
        fields["ParentCallSid"] = call.parent_sid
    if call.answered_by:
        fields["AnsweredBy"] = call.answered_by
    return fields


def of_call_status(call: Call, account: str, status: str, sequence: int, clock: Clock) -> dict[str, str]:
    """The fields of a call's status callback."""
    fields = {
        **of_call(call, account),
        "CallStatus": status,
        "Timestamp": format_datetime(clock.now()),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
    }
    if call.over:
        seconds = call.duration or 0
        fields["CallDuration"] = str(seconds)
        fields["Duration"] = str(-(-seconds // 60))  # billed minutes
    return fields


def of_incoming_message(message: Message, account: str) -> dict[str, str]:
    """The fields of the webhook for a text that came in."""
    return {
        "AccountSid": account,
        "ApiVersion": API_VERSION,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "SmsStatus": "received",
        "From": message.from_,
        "To": message.to,
        "Body": message.body,
        "NumMedia": str(len(message.media)),
        "NumSegments": str(message.segments),
        **{f"MediaUrl{index}": url for index, url in enumerate(message.media)},
        **_places("From", "To"),
    }


def of_message_status(message: Message, account: str, status: str, clock: Clock) -> dict[str, str]:
    """The fields of a text's status callback."""
    fields = {
        "AccountSid": account,
        "ApiVersion": API_VERSION,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "From": message.from_,
        "To": message.to,
        "MessageStatus": status,
        "SmsStatus": status,
    }
    if status in ("failed", "undelivered") and message.error_code:
        fields["ErrorCode"] = str(message.error_code)
    if status in ("delivered", "undelivered"):
        fields["RawDlrDoneDate"] = clock.now().strftime("%y%m%d%H%M")
    return fields
