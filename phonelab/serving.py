"""The application served: in the foreground for `python -m phonelab`, in a thread for tests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from .app import EXCHANGE, create_app
from .settings import Settings
from .sounds import Speak


async def start(settings: Settings, speak: Speak | None = None) -> tuple[web.AppRunner, str]:
    """Listen. Returns what stops it (`cleanup`) and the base URL. Raises OSError if the port is taken."""
    app = create_app(settings, speak)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, settings.host, settings.port)
    try:
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    port = runner.addresses[0][1]
    app[EXCHANGE].base_url = f"http://127.0.0.1:{port}"
    return runner, app[EXCHANGE].base_url


@contextmanager
def serve_in_thread(settings: Settings, speak: Speak | None = None) -> Iterator[str]:
    """A telephone company for the length of a block, in a thread of its own; gives its base URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="phonelab", daemon=True)
    thread.start()
    try:
        runner, base_url = asyncio.run_coroutine_threadsafe(start(settings, speak), loop).result(30)
        try:
            yield base_url
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
