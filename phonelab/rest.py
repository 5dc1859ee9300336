"""The REST API's door: who asks, what is asked, what misfortune befalls the request."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from . import parameters
from .exchange import Exchange
from .fields import API_VERSION
from .rest_errors import AUTHENTICATE, NOT_FOUND, SERVER, TOO_MANY, RestError

if TYPE_CHECKING:
    from .openapi import Description

ROOT = f"/{API_VERSION}/Accounts/{{account}}"


@dataclass(frozen=True)
class Asked:
    """A request that passed the door. Parameters keep their order and repetitions."""

    given: dict[str, list[str]]
    sid: str = ""
    path: str = ""

    def get(self, name: str, default: str = "") -> str:
        return self.given[name][-1] if name in self.given else default


Answer = Callable[[Asked], Awaitable[web.Response]]


class Door:
    """Wraps every operation: credentials, limits, parameters, faults, errors in Twilio's shape."""

    def __init__(self, exchange: Exchange, description: Description | None) -> None:
        self._exchange = exchange
        self._description = description
        self._inside = 0

    def add(self, router: web.UrlDispatcher, method: str, path: str, operation: str, answer: Answer) -> None:
        """One operation, by Twilio's name for it."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await self._admit(request, operation, answer)
            except RestError as error:
                return error.response()

        router.add_route(method, ROOT + path, handle)

    async def _admit(self, request: web.Request, operation: str, answer: Answer) -> web.StreamResponse:
        settings, faults = self._exchange.settings, self._exchange.faults
        self.authenticate(request)
        if faults.strikes("rest_refuse_500"):
            raise RestError(SERVER, "an internal server error has occurred", 500)
        if self._inside >= settings.rest_concurrency or faults.strikes("rest_refuse_429"):
            raise RestError(TOO_MANY, "too many requests", 429)
        self._inside += 1
        try:
            response = await answer(await self._read(request, operation))
        finally:
            self._inside -= 1
        if faults.strikes("rest_lose_response") and request.transport is not None:
            request.transport.abort()  # done, but nobody will hear of it
        return response

    def authenticate(self, request: web.Request) -> None:
        """Raises RestError unless the credentials are the account's and the path is too."""
        settings = self._exchange.settings
        account, token = _credentials(request.headers.get("Authorization", ""))
        tokens = [hmac.compare_digest(token.encode(), known.encode()) for known in settings.auth_tokens]
        if account != settings.account_sid or not any(tokens):
            raise RestError(AUTHENTICATE, "Authenticate", 401)
        if request.match_info["account"] != settings.account_sid:
            raise RestError(NOT_FOUND, f"The requested resource {request.path} was not found", 404)

    async def _read(self, request: web.Request, operation: str) -> Asked:
        form = await request.post() if request.method == "POST" else request.query
        given: dict[str, list[str]] = {}
        for name, value in form.items():
            given.setdefault(name, []).append(str(value))
        if self._description is not None:
            self._description.check(request.method, request.path, given)
        parameters.check(operation, given)
        return Asked(given, request.match_info.get("sid", ""), request.path)


def _credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        if scheme.lower() == "basic":
            account, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
            return account, token
    except (binascii.Error, UnicodeDecodeError):
        pass
    return "", ""


def not_found(asked: Asked) -> RestError:
    return RestError(NOT_FOUND, f"The requested resource {asked.path} was not found", 404)
