"""Calls from their beginning to their end: coming in, going out, ringing, answered, over."""

from __future__ import annotations

import asyncio
from typing import Any

from .behaviours import AnsweringMachine
from .detection import Detection
from .exchange import Exchange
from .fields import of_call_status
from .handsets import Handset
from .interpreter import Interpreter
from .line import Deaf, Goto, HungUp, Line, Redirected
from .state import Call, new_sid

RING_LIMIT = 60.0  # seconds an outbound API call rings where it does not say
CALL_LIMIT = 14400.0  # seconds, the longest call
EVENT_OF = {"in-progress": "answered"}  # a status' name among StatusCallbackEvent, where it differs


class Calls:
    """All calls that go on."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._lines: dict[str, Line] = {}

    def line(self, sid: str) -> Line | None:
        """The wire of a call that goes on."""
        return self._lines.get(sid)

    # --- in

    def dial_in(self, handset: Handset, to: str, *, flash: bool = False) -> Line | None:
        """A handset calls a number. None: it is busy with another call.

        `flash`: it rings, and hangs up when it would be answered, so that nothing is said and nobody pays. The
        customer is asked what to do all the same, as the carrier asks at the first ring.
        """
        if handset.busy:
            handset.tell("error", code=0, message="this handset is on a call already")
            return None
        number = self._exchange.records.numbers.get(to)
        asked: dict[str, Any] = {}
        if number is not None:
            asked = {
                "FallbackUrl": number.voice_fallback_url,
                "FallbackMethod": number.voice_fallback_method,
                "StatusCallback": number.status_callback,
                "StatusCallbackMethod": number.status_callback_method,
            }
        call = self._new(handset.number, to, "inbound", asked)
        call.number_sid = number.sid if number else None
        line = self._open(call)
        line.ear = handset
        line.rings_once = flash
        handset.line = line
        line.tell("dialing", to=to, **{"from": handset.number})
        self._exchange.start(self._inbound(line, to))
        return line

    async def _inbound(self, line: Line, to: str) -> None:
        number = self._exchange.records.numbers.get(to)
        line.call.started = self._exchange.clock.now()
        self.set_status(line.call, "ringing")
        if number is None or not number.voice_url:
            reason = "the number is not in service" if number is None else "the number has no voice URL"
            self._exchange.errors.report(0, f"{to}: {reason}", sid=line.call.sid, trace=line.call.trace)
            self.end(line, "failed", reason)
            return
        await self.direct(line, Goto(number.voice_url, number.voice_method))

    # --- out

    def place(self, from_: str, to: str, asked: dict[str, Any]) -> Call:
        """An API call, queued: it starts when the account's rate lets it."""
        call = self._new(from_, to, "outbound-api", asked)
        number = self._exchange.records.numbers.get(from_)
        call.number_sid = number.sid if number else None
        self._exchange.start(self._outbound(self._open(call)))
        return call

    async def _outbound(self, line: Line) -> None:
        call, asked, clock = line.call, line.call.asked, self._exchange.clock
        queued = clock.elapsed()
        try:
            await line.race(self._exchange.call_pacer.pass_through())
            call.queued_seconds = clock.elapsed() - queued
            call.started = clock.now()
            self.set_status(call, "initiated")
            outcome = await self.ring(line, call.to, float(asked.get("Timeout", RING_LIMIT)))
        except HungUp as over:
            self.end(line, "canceled", str(over))
            return
        if outcome != "answered":
            self.end(line, outcome, outcome)
            return
        if asked.get("SendDigits"):
            line.tell("playing", id=None, url=None, audio=None, digits=asked["SendDigits"])
        self.answer(line)
        goto = Goto(asked.get("Url", ""), asked.get("Method", "POST"), {}, asked.get("Twiml"))
        await self.direct(line, goto, Detection.asked_for(asked))

    async def ring(self, line: Line, to: str, seconds: float) -> str:
        """Ring a number. Returns answered, busy, no-answer or failed. Raises HungUp if given up."""
        self.set_status(line.call, "ringing")
        behaviour, clock = self._exchange.behaviour(to), self._exchange.clock
        patience = min(self._exchange.settings.ring_seconds, seconds)
        if behaviour.kind in ("busy", "failed", "invalid"):
            await line.race(clock.wait(patience))
            return "busy" if behaviour.kind == "busy" else "failed"
        if behaviour.kind in ("no-answer", "unreachable"):
            await line.race(clock.wait(seconds))
            return "no-answer"
        if behaviour.kind == "machine":
            await line.race(clock.wait(patience))
            line.ear = AnsweringMachine(line.call.left)
            return "answered"
        if behaviour.kind in ("fax", "unknown") or behaviour.auto_answer:
            await line.race(clock.wait(patience))
            line.ear = Deaf()
            return "answered"
        return await self._ring_handset(line, self._exchange.handsets.at(to), seconds)

    async def _ring_handset(self, line: Line, handset: Handset, seconds: float) -> str:
        if handset.busy:
            return "busy"
        try:
            answered = await line.race(self._exchange.clock.within(seconds, handset.ring(line)))
        except TimeoutError:
            return "no-answer"
        return "answered" if answered else "busy"

    # --- under way

    def answer(self, line: Line) -> None:
        """The leg is answered, if it was not before."""
        call = line.call
        if call.answered_at is not None or call.over:
            return
        call.answered_at = self._exchange.clock.elapsed()
        self.set_status(call, "in-progress")
        line.tell("connected", to=call.to, **{"from": call.from_})
        behaviour = self._exchange.behaviour(call.to)
        if isinstance(line.ear, AnsweringMachine):
            self._exchange.start(
                self._greet(line, line.ear, behaviour.greeting_seconds, behaviour.keeps_seconds)
            )

    async def direct(self, line: Line, goto: Goto, detection: Detection | None = None) -> None:
        """Follow the customer's TwiML to the end of the call, and end it."""
        limit = float(line.call.asked.get("TimeLimit", CALL_LIMIT))
        guard = self._exchange.start(self._limit(line, limit))
        status, reason = "completed", "the end of the TwiML"
        try:
            if detection is not None:
                goto = await self._detect(line, goto, detection)
            await Interpreter(self._exchange, line).run(goto)
        except HungUp as over:
            status, reason = over.status, str(over)
        except asyncio.CancelledError:
            raise
        except Exception:
            self.end(line, "failed", "phonelab itself failed")
            raise
        finally:
            guard.cancel()
        self.end(line, status, reason)

    async def _detect(self, line: Line, goto: Goto, detection: Detection) -> Goto:
        """Find out who answered, and where the call begins then. Raises HungUp."""
        try:
            told = await detection.run(self._exchange, line)
        except Redirected as redirected:
            line.resume()
            return redirected.goto
        return Goto(goto.url, goto.method, {**goto.parameters, **told}, goto.twiml)

    def set_status(self, call: Call, status: str) -> None:
        """A new status, and its callback where the call asks for that event."""
        if call.over:
            return
        call.status = status
        call.updated = self._exchange.clock.now()
        call.trace.append(
            {"what": "status", "at": round(self._exchange.clock.elapsed(), 3), "status": status}
        )
        event = "completed" if call.over else EVENT_OF.get(status, status)
        sequence = call.sequence
        call.sequence += 1
        url = call.asked.get("StatusCallback")
        if url and event in (call.asked.get("StatusCallbackEvent") or ["completed"]):
            fields = of_call_status(call, self._exchange.account, status, sequence, self._exchange.clock)
            method = call.asked.get("StatusCallbackMethod", "POST")
            self._exchange.status_callback(call.sid, url, method, fields, call.trace)

    def end(self, line: Line, status: str, reason: str) -> None:
        """The leg is over."""
        call = line.call
        if call.over:
            return
        if call.answered_at is None and status == "completed":
            # Of a caller who gives up [M]: what Twilio says of an incoming call then was not found in a source.
            status = "no-answer" if call.direction == "inbound" else "canceled"
        call.ended, call.ended_at = self._exchange.clock.now(), self._exchange.clock.elapsed()
        line.hang_up("carrier")
        self.set_status(call, status)
        line.tell("ended", status=status, reason=reason)
        if isinstance(line.ear, Handset):
            line.ear.put_down(line)
        self._lines.pop(call.sid, None)

    def end_soon(self, line: Line) -> None:
        """The customer ended the call: it is over at once, whatever was going on unwinds behind it."""
        reason = line.reason
        status = reason.status if isinstance(reason, HungUp) else "completed"
        self.end(line, status, str(reason))

    def open_leg(self, parent: Line, from_: str, to: str, asked: dict[str, Any]) -> Line:
        """A leg that `<Dial>` makes: no API call, so no rate holds it back."""
        call = self._new(from_, to, "outbound-dial", asked)
        call.parent_sid = parent.call.sid
        call.started = self._exchange.clock.now()
        return self._open(call)

    def _new(self, from_: str, to: str, direction: str, asked: dict[str, Any]) -> Call:
        call = Call(new_sid("CA"), from_, to, direction, self._exchange.clock.now(), asked=asked)
        return self._exchange.records.calls.add(call)

    def _open(self, call: Call) -> Line:
        line = Line(call, self._exchange.clock)
        self._lines[call.sid] = line
        return line

    async def _greet(self, line: Line, machine: AnsweringMachine, greeting: float, keeps: float) -> None:
        await self._exchange.clock.wait(greeting)
        machine.beep(line.heard_until > self._exchange.clock.elapsed())
        line.note("machine records")
        await self._exchange.clock.wait(keeps)
        line.hang_up("far")

    async def _limit(self, line: Line, seconds: float) -> None:
        await self._exchange.clock.wait(seconds)
        line.hang_up("carrier")
