"""`<Gather>`: keys, while the prompts inside play and for a while after."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from xml.etree.ElementTree import Element as Node

from .line import Goto, Line
from .prompts import Prompts
from .webhooks import absolute

DEFAULT_TIMEOUT = 5.0  # seconds


async def gather(line: Line, prompts: Prompts, verb: Node, base: str) -> Goto | None:
    """Where the call goes on: to the action with the keys, or None (to the next verb) where none came.

    A key stops the prompts inside. After each key the timeout begins anew. A finishing key ends it; one
    without any keys before is as good as silence. Silence goes to the action only where
    `actionOnEmptyResult` asks for it.
    """
    finish = verb.get("finishOnKey", "#")
    timeout = float(verb.get("timeout", DEFAULT_TIMEOUT))
    most = int(verb.get("numDigits", "0")) or None
    with line.listening() as keys:
        line.tell("gathering", numDigits=most, finishOnKey=finish, timeout=timeout, until=None)
        key = await _while_prompted(line, prompts, verb, base, keys)
        if key is None:
            until = None if line.ear.waits_for_word else line.clock.date_in(timeout).isoformat()
            line.tell("gathering", numDigits=most, finishOnKey=finish, timeout=timeout, until=until)
            key = await _next_key(line, keys, line.wait_for_silence(timeout))
        digits, finished_on = "", ""
        while key is not None:
            if key in finish:
                finished_on = key
                break
            digits += key
            if len(digits) == most:
                break
            key = await _next_key(line, keys, line.clock.wait(timeout))
    line.tell("gathered", digits=digits, finishedOnKey=finished_on)
    if not digits and verb.get("actionOnEmptyResult") != "true":
        return None
    told = {"Digits": digits, "FinishedOnKey": finished_on, "msg": "Gather End"}
    return Goto(absolute(base, verb.get("action", base)), verb.get("method", "POST"), told)


async def _while_prompted(
    line: Line, prompts: Prompts, verb: Node, base: str, keys: asyncio.Queue[str]
) -> str | None:
    """The first key pressed while the prompts play, or None when they have ended."""
    playing = asyncio.ensure_future(_play(prompts, verb, base))
    pressed = asyncio.ensure_future(keys.get())
    try:
        await line.race(asyncio.wait({playing, pressed}, return_when=asyncio.FIRST_COMPLETED))
        if pressed.done():
            if not playing.done():
                line.tell("silenced")
            return pressed.result()
        await playing  # raises what playing raised
        return None
    finally:
        pressed.cancel()
        playing.cancel()
        await asyncio.gather(playing, pressed, return_exceptions=True)


async def _play(prompts: Prompts, verb: Node, base: str) -> None:
    for node in verb:
        await prompts.perform(node, base)


async def _next_key(line: Line, keys: asyncio.Queue[str], silence: Coroutine[Any, Any, None]) -> str | None:
    """The next key, or None when the silence is long enough."""
    pressed = asyncio.ensure_future(keys.get())
    silent = asyncio.ensure_future(silence)
    try:
        await line.race(asyncio.wait({pressed, silent}, return_when=asyncio.FIRST_COMPLETED))
        return pressed.result() if pressed.done() else None
    finally:
        pressed.cancel()
        silent.cancel()
        await asyncio.gather(pressed, silent, return_exceptions=True)
