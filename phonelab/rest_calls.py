"""Calls through the REST API: placed, looked at, listed, ended, sent elsewhere."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from .exchange import Exchange
from .handset_api import E164
from .line import Goto
from .parameters import dated, whole
from .resources import call_json, page_json
from .rest import Asked, Door, not_found
from .rest_errors import (
    BAD_FROM,
    BAD_TO,
    BAD_URL,
    CALL_NOT_RUNNING,
    INVALID,
    NO_CALLER,
    NO_TO,
    UNVERIFIED_FROM,
    RestError,
)
from .state import Call
from .values import url as url_problem

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
URLS = ("Url", "FallbackUrl", "StatusCallback", "AsyncAmdStatusCallback", "RecordingStatusCallback")
METHODS = ("Method", "FallbackMethod", "StatusCallbackMethod", "AsyncAmdStatusCallbackMethod")
NOT_HERE = ("ApplicationSid", "Record", "SipAuthUsername", "SipAuthPassword", "Byoc", "CallToken")


class RestCalls:
    """The routes of `Calls`."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def add_to(self, door: Door, router: web.UrlDispatcher) -> None:
        door.add(router, "POST", "/Calls.json", "CreateCall", self.create)
        door.add(router, "GET", "/Calls.json", "ListCall", self.list)
        door.add(router, "GET", "/Calls/{sid}.json", "FetchCall", self.fetch)
        door.add(router, "POST", "/Calls/{sid}.json", "UpdateCall", self.update)

    async def create(self, asked: Asked) -> web.Response:
        to, from_ = asked.get("To"), asked.get("From")
        if not to:
            raise RestError(NO_TO, "No 'To' number is specified")
        if not from_:
            raise RestError(NO_CALLER, "No 'From' number specified")
        if not E164.fullmatch(to) or self._exchange.behaviour(to).kind == "invalid":
            raise RestError(BAD_TO, f"The phone number you are attempting to call, {to}, is not valid.")
        if not E164.fullmatch(from_):
            raise RestError(BAD_FROM, f"The source phone number provided, {from_}, is not valid.")
        if from_ not in self._exchange.records.numbers:
            raise RestError(UNVERIFIED_FROM, f"The source phone number provided, {from_}, is not yours.")
        if not asked.get("Url") and not asked.get("Twiml"):
            raise RestError(BAD_URL, "Url parameter is required.")
        call = self._exchange.calls.place(from_, to, _wishes(asked))
        return self._shown(call, 201)

    async def fetch(self, asked: Asked) -> web.Response:
        return self._shown(self._call(asked))

    async def list(self, asked: Asked) -> web.Response:
        calls = [call for call in self._exchange.records.calls.newest_first() if _matches(call, asked)]
        account = self._exchange.account
        page = page_json(
            "calls",
            asked.path,
            calls,
            lambda call: call.sid,
            lambda call: call_json(call, account),
            {name: values[-1] for name, values in asked.given.items()},
        )
        return web.json_response(page)

    async def update(self, asked: Asked) -> web.Response:
        """End a call or send it elsewhere. One that is over can't be; ending it again is accepted."""
        call = self._call(asked)
        line = self._exchange.calls.line(call.sid)
        status = asked.get("Status")
        wishes = _wishes(asked)
        if status not in ("", "completed", "canceled"):
            raise RestError(INVALID, f"Status is {status!r}: completed or canceled")
        if status and line is not None:
            if status == "completed" or call.answered_at is None:
                line.hang_up("api", "completed" if call.answered_at is not None else "canceled")
                self._exchange.calls.end_soon(line)
        elif asked.get("Url") or asked.get("Twiml"):
            if line is None or call.answered_at is None:
                raise RestError(CALL_NOT_RUNNING, "Call is not in-progress. Cannot redirect.")
            line.redirect(Goto(wishes.get("Url", ""), wishes.get("Method", "POST"), {}, wishes.get("Twiml")))
        for name in ("FallbackUrl", "FallbackMethod", "StatusCallback", "StatusCallbackMethod"):
            if name in wishes:
                call.asked[name] = wishes[name]
        return self._shown(call)

    def _call(self, asked: Asked) -> Call:
        call = self._exchange.records.calls.get(asked.sid)
        if call is None:
            raise not_found(asked)
        return call

    def _shown(self, call: Call, status: int = 200) -> web.Response:
        return web.json_response(call_json(call, self._exchange.account), status=status)


def _wishes(asked: Asked) -> dict[str, Any]:
    """The checked parameters of a call. Raises RestError."""
    for name in NOT_HERE:
        if asked.get(name) not in ("", "false"):
            raise RestError(INVALID, f"{name}: phonelab does not have it")
    for name in URLS:
        if asked.get(name) and (problem := url_problem(asked.get(name)) or _relative(asked.get(name))):
            raise RestError(BAD_URL, f"{name} is not a valid URL: it {problem}")
    for name in METHODS:
        if asked.get(name, "POST") not in ("GET", "POST"):
            raise RestError(INVALID, f"{name} is {asked.get(name)!r}: GET or POST")
    events = [part for value in asked.given.get("StatusCallbackEvent", []) for part in value.split()]
    if wrong := set(events) - EVENTS:
        raise RestError(
            INVALID, f"StatusCallbackEvent {sorted(wrong)[0]!r} is none of {', '.join(sorted(EVENTS))}"
        )
    if asked.get("MachineDetection") not in ("", "Enable", "DetectMessageEnd"):
        raise RestError(INVALID, "MachineDetection: Enable or DetectMessageEnd")
    wishes: dict[str, Any] = {name: values[-1] for name, values in asked.given.items()}
    wishes["StatusCallbackEvent"] = events
    for name, high in (("Timeout", 600), ("MachineDetectionTimeout", 59), ("TimeLimit", 86400)):
        if (number := whole(asked.given, name, 1, high)) is not None:
            wishes[name] = number
    return wishes


def _relative(url: str) -> str | None:
    return None if url.startswith(("http://", "https://")) else "must be absolute"


def _matches(call: Call, asked: Asked) -> bool:
    by_end = any(name in asked.given for name in ("EndTime", "EndTime<", "EndTime>"))
    if by_end and (call.ended is None or not dated(asked.given, "EndTime", call.ended)):
        return False
    return (
        asked.get("To", call.to) == call.to
        and asked.get("From", call.from_) == call.from_
        and asked.get("Status", call.status) == call.status
        and asked.get("ParentCallSid", call.parent_sid or "") == (call.parent_sid or "")
        # One that has not started is found by when it was asked for: who looks for a lost answer needs it.
        and dated(asked.given, "StartTime", call.started or call.created)
    )
