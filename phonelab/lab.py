"""What only a telephone company on a desk has: settings, numbers, traces and errors, for tests and people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from .behaviours import BehaviourError
from .exchange import Exchange
from .handset_api import E164
from .messages import shown
from .resources import call_json
from .settings import SettingsError


class Lab:
    """The routes under `/lab/`. They need no credentials: phonelab serves this machine only."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def add_to(self, router: web.UrlDispatcher) -> None:
        router.add_get("/lab/settings", self._settings)
        router.add_post("/lab/settings", self._change)
        router.add_get("/lab/numbers", self._numbers)
        router.add_get("/lab/numbers/{number}", self._number)
        router.add_post("/lab/numbers/{number}", self._set_number)
        router.add_get("/lab/calls", self._calls)
        router.add_get("/lab/calls/{sid}", self._call)
        router.add_get("/lab/messages", self._messages)
        router.add_get("/lab/errors", self._errors)
        router.add_post("/lab/reset", self._reset)

    async def _settings(self, request: web.Request) -> web.Response:
        return web.json_response(self._exchange.settings.shown())

    async def _change(self, request: web.Request) -> web.Response:
        try:
            self._exchange.change(await _object(request))
        except SettingsError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response(self._exchange.settings.shown())

    async def _numbers(self, request: web.Request) -> web.Response:
        numbers = self._exchange.records.numbers.values()
        handsets = self._exchange.handsets.all()
        return web.json_response(
            {
                "account": [
                    {"number": n.phone_number, "voice_url": n.voice_url, "sms_url": n.sms_url}
                    for n in numbers
                ],
                "handsets": [{"number": h.number, "held": bool(h.sockets), "busy": h.busy} for h in handsets],
            }
        )

    async def _number(self, request: web.Request) -> web.Response:
        return web.json_response(asdict(self._exchange.behaviour(_number(request))))

    async def _set_number(self, request: web.Request) -> web.Response:
        try:
            behaviour = self._exchange.set_behaviour(_number(request), await _object(request))
        except BehaviourError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response(asdict(behaviour))

    async def _calls(self, request: web.Request) -> web.Response:
        calls = self._exchange.records.calls.newest_first()
        return web.json_response({"calls": [call_json(call, self._exchange.account) for call in calls]})

    async def _call(self, request: web.Request) -> web.Response:
        call = self._exchange.records.calls.get(request.match_info["sid"])
        if call is None:
            raise web.HTTPNotFound(text="no such call")
        children = [c.sid for c in self._exchange.records.calls if c.parent_sid == call.sid]
        shown_call = call_json(call, self._exchange.account)
        return web.json_response({**shown_call, "legs": children, "trace": call.trace, "left": call.left})

    async def _messages(self, request: web.Request) -> web.Response:
        messages = [
            {**shown(message), "error_code": message.error_code, "trace": message.trace}
            for message in self._exchange.records.messages
        ]
        return web.json_response({"messages": messages})

    async def _errors(self, request: web.Request) -> web.Response:
        return web.json_response({"errors": list(self._exchange.records.errors)})

    async def _reset(self, request: web.Request) -> web.Response:
        """Forget what is over: calls, texts, recordings, errors, opt-outs, and the texts on handsets."""
        records = self._exchange.records
        records.calls.clear()
        records.messages.clear()
        records.recordings.clear()
        records.errors.clear()
        records.opted_out.clear()
        for handset in self._exchange.handsets.all():
            handset.texts.clear()
        return web.json_response({})


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        read = await request.json()
    except ValueError as error:
        raise web.HTTPBadRequest(text="the body is no JSON") from error
    if not isinstance(read, dict):
        raise web.HTTPBadRequest(text="the body is no JSON object")
    return read


def _number(request: web.Request) -> str:
    number = request.match_info["number"]
    if not E164.fullmatch(number):
        raise web.HTTPBadRequest(text="a number in E.164 form, such as +16175550101")
    return number
