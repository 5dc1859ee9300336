"""`<Record>`: the caller's voice, until silence, a key, the longest time, or the end of the call."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element as Node

from .audio import RATE, decode, trim_silence, voiced_frames
from .line import Goto, HungUp, Line
from .recordings import keep_recording, media_url
from .webhooks import absolute

if TYPE_CHECKING:
    from .interpreter import Interpreter

BEEP_SECONDS = 0.5
ANY_KEY = "1234567890*#"


async def record(interpreter: Interpreter, verb: Node, base: str) -> Goto | None:
    """Where the call goes on: to the action with the recording, or None (to the next verb) if nobody spoke.

    A caller who hangs up ends the recording; the action is still requested, with Digits=hangup.
    """
    line = interpreter.line
    timeout = float(verb.get("timeout", "5"))
    longest = float(verb.get("maxLength", "3600"))
    finish = verb.get("finishOnKey", ANY_KEY)
    if verb.get("playBeep") != "false":
        line.tell("beep")
        await line.race(line.clock.wait(BEEP_SECONDS))
    with line.listening() as keys:
        began = line.clock.elapsed()
        line.tell("recording", maxLength=longest, finishOnKey=finish, timeout=timeout)
        hung_up: HungUp | None = None
        try:
            key = await line.race(_until_over(line, keys, finish, began, timeout, longest))
        except HungUp as over:
            key, hung_up = "hangup", over
        ended = min(line.clock.elapsed(), began + longest)
    goto = _keep(interpreter, verb, base, key, began, ended)
    if hung_up is not None:
        await interpreter.tell_action(goto)
        raise hung_up
    return goto


async def _until_over(
    line: Line, keys: asyncio.Queue[str], finish: str, began: float, timeout: float, longest: float
) -> str:
    """Wait for the end of a recording. Returns the key that ended it, or an empty text.

    A far end that says itself when it is silent is waited for: before it speaks, and after.
    """
    while True:
        now = line.clock.elapsed()
        quiet_at = max(began, line.said.voiced_until) + timeout
        if line.silence.is_set():
            quiet_at = max(now, min(quiet_at, line.said.end))
        elif line.ear.waits_for_word:
            quiet_at = began + longest
        due = min(quiet_at, began + longest)
        if now >= due:
            return ""
        key = await _next(line, keys, due - now)
        if key and key in finish:
            return key


async def _next(line: Line, keys: asyncio.Queue[str], seconds: float) -> str | None:
    """A key; None when the far end spoke, fell silent, or the time is up."""
    line.spoke.clear()
    waits = [asyncio.ensure_future(keys.get()), asyncio.ensure_future(line.spoke.wait())]
    if not line.silence.is_set():
        waits.append(asyncio.ensure_future(line.silence.wait()))
    try:
        with suppress(TimeoutError):
            done = asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            await line.clock.within(seconds, done)
        return str(waits[0].result()) if waits[0].done() else None
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


def _keep(
    interpreter: Interpreter, verb: Node, base: str, key: str, began: float, ended: float
) -> Goto | None:
    line, exchange = interpreter.line, interpreter.exchange
    samples = decode(line.said.between(began, ended))
    if True not in voiced_frames(samples):
        line.tell("recorded", seconds=0, empty=True)
        return None  # as Twilio: an empty recording asks for no action, the next verb follows
    if verb.get("trim") != "do-not-trim":
        samples = trim_silence(samples)
    recording = keep_recording(
        exchange,
        line.call,
        samples,
        source="RecordVerb",
        callback=absolute(base, verb.get("recordingStatusCallback", ""))
        if verb.get("recordingStatusCallback")
        else "",
        method=verb.get("recordingStatusCallbackMethod", "POST"),
        events=verb.get("recordingStatusCallbackEvent", "completed").split(),
    )
    line.tell("recorded", seconds=round(len(samples) / RATE, 2), sid=recording.sid, key=key)
    told = {
        "RecordingSid": recording.sid,
        "RecordingUrl": media_url(exchange, recording),
        "RecordingDuration": str(recording.duration),
        "Digits": key,
    }
    return Goto(absolute(base, verb.get("action", base)), verb.get("method", "POST"), told)
