"""`<Dial>`: other legs rung, the first that answers bridged to the caller."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element as Node

from .audio import RATE, Samples, decode
from .line import Goto, HungUp, Line, Redirected, Stopped
from .recordings import keep_recording, media_url
from .webhooks import absolute

if TYPE_CHECKING:
    from .exchange import Exchange
    from .interpreter import Interpreter

RING_LIMIT = 30.0  # seconds


@dataclass
class Outcome:
    """How the dialling ended, for the action."""

    status: str = "no-answer"
    leg: Line | None = None
    bridged: bool = False
    recording: dict[str, str] | None = None


async def dial(interpreter: Interpreter, verb: Node, base: str) -> Goto | None:
    """Where the call goes on: to the action, or None (to the next verb) where there is none.

    A number's `url` is TwiML for the leg that answers, before it is bridged. A leg that hangs up there was
    not reached: the action gets no-answer and DialBridged=false [M: what Twilio reports then was not found].
    """
    legs = [_open(interpreter, verb, noun, base) for noun in _nouns(verb)]
    outcome = Outcome()
    try:
        await _ring_all(interpreter, verb, base, legs, outcome)
        if outcome.leg is not None:
            await _talk(interpreter, verb, outcome, base)
    except Stopped as stopped:
        for leg, _ in legs:
            interpreter.exchange.calls.end(leg, "completed", "the caller is gone")
        if isinstance(stopped, HungUp):
            if not outcome.bridged:
                outcome.status = "canceled"
            await interpreter.tell_action(_action(verb, base, outcome))
        raise
    return _action(verb, base, outcome)


def _nouns(verb: Node) -> list[Node]:
    numbers = verb.findall("Number")
    if numbers:
        return numbers
    bare = Node("Number")
    bare.text = verb.text
    return [bare]


def _open(interpreter: Interpreter, verb: Node, noun: Node, base: str) -> tuple[Line, Node]:
    call = interpreter.line.call
    callback = noun.get("statusCallback")
    asked: dict[str, Any] = {
        "StatusCallback": absolute(base, callback) if callback else "",
        "StatusCallbackMethod": noun.get("statusCallbackMethod", "POST"),
        "StatusCallbackEvent": noun.get("statusCallbackEvent", "completed").split(),
    }
    caller = verb.get("callerId") or (call.to if call.direction == "outbound-api" else call.from_)
    to = (noun.text or "").strip()
    return interpreter.exchange.calls.open_leg(interpreter.line, caller, to, asked), noun


async def _ring_all(
    interpreter: Interpreter, verb: Node, base: str, legs: list[tuple[Line, Node]], outcome: Outcome
) -> None:
    """Ring the legs, all at once or one after the other; the first that is ready to talk wins."""
    seconds = float(verb.get("timeout", RING_LIMIT))
    groups = [[leg] for leg in legs] if verb.get("sequential") == "true" else [legs]
    for group in groups:
        if await _ring_group(interpreter, base, group, seconds, outcome):
            break
    for leg, _ in legs:
        if leg is not outcome.leg:
            interpreter.exchange.calls.end(leg, "canceled", "another number answered")


async def _ring_group(
    interpreter: Interpreter, base: str, group: list[tuple[Line, Node]], seconds: float, outcome: Outcome
) -> bool:
    attempts = {asyncio.ensure_future(_ready(interpreter, leg, noun, base, seconds)) for leg, noun in group}
    pending = set(attempts)
    try:
        while pending:
            waiting = asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            done, pending = await interpreter.line.race(waiting)
            for attempt in done:
                leg, status = attempt.result()
                outcome.status = status
                if status == "answered":
                    outcome.leg = leg
                    return True
        return False
    finally:
        for attempt in attempts:
            attempt.cancel()
        await asyncio.gather(*attempts, return_exceptions=True)


async def _ready(
    interpreter: Interpreter, leg: Line, noun: Node, base: str, seconds: float
) -> tuple[Line, str]:
    """Ring one leg and have it hear its whisper. Returns it with answered, or why it can't talk."""
    calls, to = interpreter.exchange.calls, leg.call.to
    calls.set_status(leg.call, "initiated")
    try:
        status = await calls.ring(leg, to, seconds)
        if status == "answered":
            calls.answer(leg)
            if noun.get("sendDigits"):
                leg.tell("playing", id=None, url=None, audio=None, digits=noun.get("sendDigits"))
            if noun.get("url"):
                await _whisper(interpreter, leg, noun, base)
    except HungUp as over:
        status = "no-answer"
        calls.end(leg, "completed", str(over))
    if status != "answered":
        calls.end(leg, status, status)
    interpreter.line.tell("dialed", to=to, status=status, sid=leg.call.sid)
    return leg, status


async def _whisper(interpreter: Interpreter, leg: Line, noun: Node, base: str) -> None:
    goto = Goto(absolute(base, noun.get("url", "")), noun.get("method", "POST"))
    await type(interpreter)(interpreter.exchange, leg, whispering=True).run(goto)


async def _talk(interpreter: Interpreter, verb: Node, outcome: Outcome, base: str) -> None:
    """Bridge the legs until one of them hangs up."""
    line, leg, exchange = interpreter.line, outcome.leg, interpreter.exchange
    assert leg is not None
    outcome.bridged, outcome.status = True, "completed"
    began = exchange.clock.elapsed()
    line.peer, leg.peer = leg, line
    line.tell("bridged", to=leg.call.to)
    leg.tell("bridged", to=line.call.from_)
    limit = float(verb.get("timeLimit", "14400"))
    reason = "the other side hung up"
    try:
        with line.listening() as keys, leg.listening():
            star = verb.get("hangupOnStar") == "true"
            await line.race(_until_leg_over(exchange, leg, keys if star else None, limit))
    finally:
        line.peer = leg.peer = None
        if verb.get("record", "do-not-record") != "do-not-record":
            outcome.recording = _record(exchange, line, leg, began, verb, base)
        redirected = leg.reason
        if isinstance(redirected, Redirected):
            leg.resume()
            exchange.start(exchange.calls.direct(leg, redirected.goto))
        else:
            exchange.calls.end(leg, "completed", reason)
        line.tell("unbridged", to=leg.call.to)


async def _until_leg_over(
    exchange: Exchange, leg: Line, keys: asyncio.Queue[str] | None, limit: float
) -> None:
    async def starred() -> None:
        while keys is None or await keys.get() != "*":
            if keys is None:
                await asyncio.Event().wait()

    stops = [asyncio.ensure_future(leg.over()), asyncio.ensure_future(starred())]
    try:
        await asyncio.wait(stops, timeout=limit / exchange.clock.speed, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for stop in stops:
            stop.cancel()
        await asyncio.gather(*stops, return_exceptions=True)


def _record(exchange: Exchange, line: Line, leg: Line, began: float, verb: Node, base: str) -> dict[str, str]:
    ended = exchange.clock.elapsed()
    mixed: Samples = (
        decode(line.said.between(began, ended)) // 2 + decode(leg.said.between(began, ended)) // 2
    )
    callback = verb.get("recordingStatusCallback")
    recording = keep_recording(
        exchange,
        line.call,
        mixed,
        source="DialVerb",
        callback=absolute(base, callback) if callback else "",
        method=verb.get("recordingStatusCallbackMethod", "POST"),
        events=verb.get("recordingStatusCallbackEvent", "completed").split(),
    )
    return {
        "RecordingSid": recording.sid,
        "RecordingUrl": media_url(exchange, recording),
        "RecordingDuration": str(round(len(mixed) / RATE)),
    }


def _action(verb: Node, base: str, outcome: Outcome) -> Goto | None:
    if "action" not in verb.attrib:
        return None
    told = {"DialCallStatus": outcome.status, "DialBridged": str(outcome.bridged).lower()}
    if outcome.leg is not None:
        told["DialCallSid"] = outcome.leg.call.sid
        told["DialCallDuration"] = str(outcome.leg.call.duration or 0)
    told.update(outcome.recording or {})
    return Goto(absolute(base, verb.get("action", "")), verb.get("method", "POST"), told)
