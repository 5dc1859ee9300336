"""Answering-machine detection: who answered, found out before the call goes on or beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .behaviours import ANSWERED_BY, AnsweringMachine
from .exchange import Exchange
from .fields import of_call
from .line import Line

MACHINE_SPEECH = 2.4  # seconds of talk after which it can only be a machine (Twilio's default threshold)
FAX_SECONDS = 2.0


@dataclass(frozen=True)
class Detection:
    """What a call asked for. `to_the_end`: wait for the end of a machine's greeting."""

    to_the_end: bool
    beside: bool
    timeout: float
    callback: str
    callback_method: str

    @staticmethod
    def asked_for(asked: Mapping[str, Any]) -> Detection | None:
        """From the parameters of the API call; None where it asked for no detection."""
        mode = asked.get("MachineDetection")
        if mode not in ("Enable", "DetectMessageEnd"):
            return None
        return Detection(
            to_the_end=mode == "DetectMessageEnd",
            beside=str(asked.get("AsyncAmd", "")).lower() == "true",
            timeout=float(asked.get("MachineDetectionTimeout", 30)),
            callback=asked.get("AsyncAmdStatusCallback", ""),
            callback_method=asked.get("AsyncAmdStatusCallbackMethod", "POST"),
        )

    async def run(self, exchange: Exchange, line: Line) -> dict[str, str]:
        """The fields that the first request carries: empty where detection goes on beside the call."""
        if self.beside:
            exchange.start(self._beside(exchange, line))
            return {}
        began = exchange.clock.elapsed()
        line.call.answered_by = await line.race(self._verdict(exchange, line))
        milliseconds = round((exchange.clock.elapsed() - began) * 1000)
        return {"AnsweredBy": line.call.answered_by, "MachineDetectionDuration": str(milliseconds)}

    async def _beside(self, exchange: Exchange, line: Line) -> None:
        began = exchange.clock.elapsed()
        verdict = await self._verdict(exchange, line)
        if line.call.over:
            return
        line.call.answered_by = verdict
        line.note("detected", answered_by=verdict)
        if self.callback:
            milliseconds = round((exchange.clock.elapsed() - began) * 1000)
            fields = {**of_call(line.call, exchange.account), "MachineDetectionDuration": str(milliseconds)}
            exchange.status_callback(
                line.call.sid, self.callback, self.callback_method, fields, line.call.trace
            )

    async def _verdict(self, exchange: Exchange, line: Line) -> str:
        clock, behaviour = exchange.clock, exchange.behaviour(line.call.to)
        try:
            if not isinstance(line.ear, AnsweringMachine):
                verdict = ANSWERED_BY.get(behaviour.kind, "human")
                seconds = {"fax": FAX_SECONDS, "unknown": self.timeout}.get(verdict, behaviour.human_seconds)
                await clock.wait(min(seconds, self.timeout))
                return verdict
            if self.to_the_end:
                await clock.within(self.timeout, line.ear.recording.wait())
                return f"machine_end_{behaviour.end}"
            await clock.wait(min(MACHINE_SPEECH, behaviour.greeting_seconds, self.timeout))
            return "machine_start"
        except TimeoutError:
            return "unknown"
