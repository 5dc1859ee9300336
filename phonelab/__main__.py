"""`python -m phonelab`: a telephone company on this machine, until Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from . import speaking
from .serving import start
from .settings import Settings, SettingsError, from_environment


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        settings = from_environment(os.environ)
    except SettingsError as error:
        print(f"phonelab: {error}", file=sys.stderr)
        return 2
    return asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> int:
    with TemporaryDirectory(prefix="phonelab-") as passing:
        speaking.configure(Path(settings.sounds or passing))
        return await _serve_until_told(settings)


async def _serve_until_told(settings: Settings) -> int:
    try:
        runner, base_url = await start(settings, speaking.speak)
    except OSError as error:
        reason = error.strerror or error
        print(f"phonelab: port {settings.port} can't be used: {reason} (PHONELAB_PORT)", file=sys.stderr)
        return 1
    print(f"phonelab: a handset is at {base_url}/?number=%2B16175550101", flush=True)
    ended = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, ended.set)
    await ended.wait()
    await runner.cleanup()
    await speaking.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
