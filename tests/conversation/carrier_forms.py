"""The forms that the carrier sends, from Rosa's phone to the clinic unless a field says otherwise."""

from __future__ import annotations

from tests.conversation.clinic_day import LINE, NUMBERS


def call_form(**fields: str) -> dict[str, str]:
    form = {
        "CallSid": "CA1", "From": NUMBERS["rosa"], "To": LINE, "Direction": "inbound", "CallStatus": "ringing",
    }  # fmt: skip
    return {**form, **fields}


def text_form(**fields: str) -> dict[str, str]:
    return {"MessageSid": "SM1", "From": NUMBERS["rosa"], "To": LINE, "Body": "hello", **fields}


def status_form(**fields: str) -> dict[str, str]:
    return {"MessageSid": "SM1", "MessageStatus": "sent", **fields}
