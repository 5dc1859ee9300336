"""Recordings as the carrier keeps them: made, announced, ready a little later, deleted on request."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING

from .audio import RATE, Samples, write_wav
from .fields import API_VERSION
from .state import Call, Recording, new_sid

if TYPE_CHECKING:
    from .exchange import Exchange


def keep_recording(
    exchange: Exchange,
    call: Call,
    samples: Samples,
    *,
    source: str,
    callback: str = "",
    method: str = "POST",
    events: list[str] | None = None,
) -> Recording:
    """A new recording of a call; its file is there some time later, and then the callback says so."""
    recording = Recording(
        sid=new_sid("RE"),
        call_sid=call.sid,
        created=exchange.clock.now(),
        seconds=len(samples) / RATE,
        source=source,
    )
    exchange.records.recordings.add(recording)
    asked = events or ["completed"]
    if callback and "in-progress" in asked:
        _announce(exchange, call, recording, callback, method, "in-progress")

    async def finish() -> None:
        await exchange.clock.wait(exchange.settings.recording_seconds)
        recording.wav = write_wav(samples)
        recording.status = "completed"
        if callback and "completed" in asked:
            _announce(exchange, call, recording, callback, method, "completed")

    exchange.start(finish())
    return recording


def media_url(exchange: Exchange, recording: Recording) -> str:
    """Where the audio is, without an extension, as Twilio gives it."""
    return f"{exchange.base_url}/{API_VERSION}/Accounts/{exchange.account}/Recordings/{recording.sid}"


def _announce(
    exchange: Exchange, call: Call, recording: Recording, url: str, method: str, status: str
) -> None:
    fields = {
        "AccountSid": exchange.account,
        "CallSid": call.sid,
        "RecordingSid": recording.sid,
        "RecordingUrl": media_url(exchange, recording),
        "RecordingStatus": status,
        "RecordingDuration": str(recording.duration),
        "RecordingChannels": "1",
        "RecordingStartTime": format_datetime(recording.created),
        "RecordingSource": recording.source,
    }
    exchange.status_callback(recording.sid, url, method, fields, call.trace)
