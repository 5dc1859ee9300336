"""What the handset's page and the scripts use: one websocket per handset, and the sounds it plays."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from .audio import RATE, AudioError, read_wav, write_wav
from .exchange import Exchange
from .handsets import Handset
from .line import Line

PAGE = Path(__file__).parent / "handset"
LARGEST_MESSAGE = 40_000_000  # bytes: ten minutes of 16 kHz speech in base64
E164 = re.compile(r"\+[1-9]\d{6,14}")


class HandsetSocket:
    """One websocket that holds a handset. Messages are queued, so that a slow page holds up nobody."""

    def __init__(self, response: web.WebSocketResponse, audio: bool, waits_for_word: bool) -> None:
        self.audio = audio
        self.waits_for_word = waits_for_word
        self._response = response
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    def send(self, message: str) -> None:
        self._queue.put_nowait(message)

    async def pump(self) -> None:
        """Send what is queued, until cancelled or the page is gone."""
        while True:
            message = await self._queue.get()
            try:
                await self._response.send_str(message)
            except ConnectionError:
                return


class HandsetApi:
    """The routes under `/` and `/handset/`."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def add_to(self, router: web.UrlDispatcher) -> None:
        router.add_get("/", self._page)
        router.add_get("/handset/ws", self._socket)
        router.add_get("/handset/audio/{sid}.wav", self._audio)
        if PAGE.is_dir():
            router.add_static("/handset/", PAGE)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        index = PAGE / "index.html"
        if not index.exists():
            return web.Response(status=404, text="the handset's page is not installed")
        return web.FileResponse(index)

    async def _audio(self, request: web.Request) -> web.Response:
        sound = self._exchange.sounds.get(request.match_info["sid"])
        if sound is None:
            raise web.HTTPNotFound
        return web.Response(body=sound[0], headers={"Content-Type": sound[1]})

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        number = request.query.get("number", "").strip()
        number = "+" + number if number[:1].isdigit() else number  # "+" unescaped in a URL is a space
        if not E164.fullmatch(number):
            raise web.HTTPBadRequest(text="number: a number in E.164 form, such as +16175550101")
        response = web.WebSocketResponse(max_msg_size=LARGEST_MESSAGE, heartbeat=30)
        await response.prepare(request)
        by_word = request.query.get("silence") == "said"
        socket = HandsetSocket(response, request.query.get("audio", "1") != "0", by_word)
        handset = self._exchange.handsets.at(number)
        pump = asyncio.create_task(socket.pump())
        socket.send(json.dumps(handset.state()))
        handset.sockets.add(socket)
        try:
            async for message in response:
                if message.type is WSMsgType.TEXT:
                    self._take(handset, socket, message.data)
        finally:
            handset.sockets.discard(socket)
            pump.cancel()
            if not handset.sockets and handset.line is not None:
                self._exchange.start(self._gone(handset, handset.line))
        return response

    async def _gone(self, handset: Handset, line: Line) -> None:
        """Nobody holds the handset any more: unless somebody comes back, the call ends."""
        await asyncio.sleep(self._exchange.settings.offline_seconds)
        if not handset.sockets and handset.line is line:
            line.hang_up("far")

    def _take(self, handset: Handset, socket: HandsetSocket, data: str) -> None:
        try:
            asked = json.loads(data)
            self._act(handset, str(asked["do"]), asked)
        except (AudioError, KeyError, TypeError, ValueError) as error:
            told = f"no {error}" if isinstance(error, KeyError) else str(error)
            socket.send(json.dumps({"event": "error", "code": 0, "message": f"not understood: {told}"}))

    def _act(self, handset: Handset, do: str, asked: dict[str, Any]) -> None:
        """One wish of whoever holds the handset. Raises KeyError, ValueError."""
        match do:
            case "call":
                flash = asked.get("flash") is True
                self._exchange.calls.dial_in(handset, _number(asked["to"]), flash=flash)
            case "text":
                self._exchange.messages.text_in(handset.number, _number(asked["to"]), str(asked["body"]))
            case "answer" | "reject":
                if not handset.pick_up(do == "answer"):
                    raise ValueError("nothing is ringing")
            case "hangup":
                if handset.line is not None:
                    handset.line.hang_up("far")
                elif not handset.pick_up(False):
                    raise ValueError("there is no call")
            case "keys":
                self._on_call(handset).press(_keys(asked["digits"]))
            case "silence":
                self._on_call(handset).keep_silent()
            case "voice":
                self._speak(handset, self._on_call(handset), str(asked["wav"]))
            case _:
                raise ValueError(f"{do!r} is nothing that a handset does")

    def _speak(self, handset: Handset, line: Line, wav: str) -> None:
        try:
            samples = read_wav(base64.b64decode(wav, validate=True))
        except binascii.Error as error:
            raise AudioError("wav: not base64") from error
        end = line.speak(samples)
        seconds = round(len(samples) / RATE, 2)
        if line.peer is not None:
            sid, audio = self._exchange.sounds.keep(write_wav(samples))
            line.peer.tell("hearing", id=sid, audio=audio, seconds=seconds)

        async def spoken() -> None:
            await self._exchange.clock.wait(end - self._exchange.clock.elapsed())
            handset.tell("said", call=line.call.sid, seconds=seconds)

        self._exchange.start(spoken())

    @staticmethod
    def _on_call(handset: Handset) -> Line:
        if handset.line is None:
            raise ValueError("there is no call")
        return handset.line


def _number(value: Any) -> str:
    number = re.sub(r"[\s().-]", "", str(value))
    if not E164.fullmatch(number):
        raise ValueError(f"{number[:20]!r} is no number in E.164 form, such as +16175550100")
    return number


def _keys(value: Any) -> str:
    if not re.fullmatch(r"[0-9*#]{1,100}", str(value)):
        raise ValueError("digits: 0-9, * and #")
    return str(value)
