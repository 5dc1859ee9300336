"""The web application: wiring only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from .calls import Calls
from .exchange import Exchange
from .handset_api import HandsetApi
from .lab import Lab
from .messages import Messages
from .rest import Door
from .rest_calls import RestCalls
from .rest_messages import RestMessages
from .rest_numbers import RestNumbers
from .rest_recordings import RestRecordings
from .settings import LOOPBACK, Settings
from .sounds import Speak

if TYPE_CHECKING:
    from .openapi import Description

EXCHANGE = web.AppKey("exchange", Exchange)
LARGEST_REQUEST = 1_000_000  # bytes


def create_app(settings: Settings, speak: Speak | None = None) -> web.Application:
    """A telephone company. `speak` makes prompts heard; without it they are read on the handset's screen."""
    exchange = Exchange(settings, speak)
    exchange.calls = Calls(exchange)
    exchange.messages = Messages(exchange)
    app = web.Application(middlewares=[_this_machine_only], client_max_size=LARGEST_REQUEST)
    app[EXCHANGE] = exchange
    door = Door(exchange, _description(settings.openapi))
    for routes in (RestCalls, RestMessages, RestRecordings, RestNumbers):
        routes(exchange).add_to(door, app.router)
    Lab(exchange).add_to(app.router)
    HandsetApi(exchange).add_to(app.router)

    async def close(app: web.Application) -> None:
        await exchange.close()

    app.on_cleanup.append(close)
    return app


@web.middleware
async def _this_machine_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse other hosts' names and other sites' pages: no page on the web may use the lab."""
    host = urlsplit(f"//{request.host}").hostname
    origin = request.headers.get("Origin")
    if host not in LOOPBACK or (origin and urlsplit(origin).hostname not in LOOPBACK):
        raise web.HTTPForbidden(text="phonelab serves this machine only")
    return await handler(request)


def _description(path: str) -> Description | None:
    """The carrier's own description, where it is at hand; openapi-core is there for tests only."""
    if not path:
        return None
    from .openapi import Description

    return Description(Path(path))
