"""`<Connect><Stream>`: the call's live audio over a websocket, both ways, as Twilio's media streams have it.

To the customer: connected, start, media, dtmf, mark, stop; 20 ms of mu-law a frame, numbers as strings.
From it: media, mark, clear. The stream lasts until the customer closes it or the call ends.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from contextlib import suppress
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element as Node

from aiohttp import ClientWebSocketResponse, WSMsgType

from .audio import FRAME, RATE, decode, write_wav
from .line import Goto
from .state import new_sid
from .webhooks import WebhookFailed, absolute

if TYPE_CHECKING:
    from .interpreter import Interpreter

INVALID_MESSAGE = 31951  # Twilio's "stream protocol: invalid message"
FRAME_SECONDS = FRAME / RATE
DRAIN_SECONDS = 0.1  # how often what was played is looked at


async def stream(interpreter: Interpreter, verb: Node, base: str) -> Goto | None:
    """Where the call goes on when the stream has ended: to the action, or None (to the next verb).

    A stream that does not open is an error in the list, and the next verb follows.
    """
    noun = verb[0]
    sid = new_sid("MZ")
    error = ""
    try:
        socket = await interpreter.line.race(interpreter.exchange.webhooks.websocket(noun.get("url", "")))
    except WebhookFailed as failed:
        error = failed.message
        interpreter.report(failed, failed.url)
        _announce(interpreter, noun, base, sid, "stream-error", error)
    else:
        _announce(interpreter, noun, base, sid, "stream-started")
        try:
            await _Stream(interpreter, socket, sid).run(noun)
        finally:
            _announce(interpreter, noun, base, sid, "stream-stopped")
    if "action" not in verb.attrib:
        return None
    told = {"StreamSid": sid, **({"StreamError": error} if error else {})}
    return Goto(absolute(base, verb.get("action", "")), verb.get("method", "POST"), told)


def _announce(interpreter: Interpreter, noun: Node, base: str, sid: str, event: str, error: str = "") -> None:
    url = noun.get("statusCallback")
    if not url:
        return
    exchange, call = interpreter.exchange, interpreter.line.call
    fields = {
        "AccountSid": exchange.account,
        "CallSid": call.sid,
        "StreamSid": sid,
        "StreamName": noun.get("name", sid),
        "StreamEvent": event,
        "Timestamp": format_datetime(exchange.clock.now()),
        **({"StreamError": error} if error else {}),
    }
    method = noun.get("statusCallbackMethod", "POST")
    exchange.status_callback(sid, absolute(base, url), method, fields, call.trace)


class _Stream:
    """One open stream."""

    def __init__(self, interpreter: Interpreter, socket: ClientWebSocketResponse, sid: str) -> None:
        self._interpreter = interpreter
        self._line = interpreter.line
        self._clock = interpreter.exchange.clock
        self._socket = socket
        self._sid = sid
        self._sequence = 0
        self._played_until = 0.0
        self._marks: list[tuple[float, str]] = []
        self._heard = bytearray()  # what the caller is about to be shown as heard

    async def run(self, noun: Node) -> None:
        """Carry audio until the customer closes the stream. Raises Stopped when the call does."""
        parameters = {str(p.get("name")): str(p.get("value")) for p in noun.findall("Parameter")}
        await self._socket.send_json({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        await self._send("start", start=self._start(parameters))
        self._line.tell("streaming", id=self._sid, url=noun.get("url", "").partition("?")[0])
        with self._line.listening() as keys:
            work = [
                asyncio.ensure_future(job)
                for job in (self._send_media(), self._send_keys(keys), self._send_marks())
            ]
            receiving = asyncio.ensure_future(self._receive())
            try:
                await self._line.race(asyncio.wait({receiving, *work}, return_when=asyncio.FIRST_COMPLETED))
            finally:
                for job in (*work, receiving):
                    job.cancel()
                await asyncio.gather(*work, receiving, return_exceptions=True)
                await self._end()

    def _start(self, parameters: dict[str, str]) -> dict[str, Any]:
        return {
            "accountSid": self._interpreter.exchange.account,
            "streamSid": self._sid,
            "callSid": self._line.call.sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": RATE, "channels": 1},
            "customParameters": parameters,
        }

    async def _end(self) -> None:
        self._show_heard()
        ids = {"accountSid": self._interpreter.exchange.account, "callSid": self._line.call.sid}
        with suppress(ConnectionError):  # the customer may be gone
            await self._send("stop", stop=ids)
        await self._socket.close()
        self._line.tell("streamed", id=self._sid)

    async def _send(self, event: str, **fields: Any) -> None:
        self._sequence += 1
        message = {"event": event, "sequenceNumber": str(self._sequence), "streamSid": self._sid, **fields}
        await self._socket.send_json(message)

    async def _send_media(self) -> None:
        """The caller's audio, a frame when its 20 ms have passed; late ones follow at once."""
        began, chunk = self._clock.elapsed(), 0
        while True:
            start = began + chunk * FRAME_SECONDS
            await self._clock.wait(start + FRAME_SECONDS - self._clock.elapsed())
            frame = self._line.said.between(start, start + FRAME_SECONDS)
            chunk += 1
            media = {
                "track": "inbound",
                "chunk": str(chunk),
                "timestamp": str(round((chunk - 1) * FRAME_SECONDS * 1000)),
                "payload": base64.b64encode(frame).decode(),
            }
            await self._send("media", media=media)

    async def _send_keys(self, keys: asyncio.Queue[str]) -> None:
        while True:
            digit = await keys.get()
            await self._send("dtmf", dtmf={"track": "inbound_track", "digit": digit})

    async def _send_marks(self) -> None:
        """Give marks back once what was sent before them has been played."""
        while True:
            await self._clock.wait(DRAIN_SECONDS)
            now = self._clock.elapsed()
            if self._heard and now >= self._played_until:
                self._show_heard()
            while self._marks and self._marks[0][0] <= now:
                await self._give_back(self._marks.pop(0)[1])

    async def _give_back(self, name: str) -> None:
        self._line.tell("marked", name=name)
        await self._send("mark", mark={"name": name})

    async def _receive(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                try:
                    await self._take(json.loads(message.data))
                except (binascii.Error, AttributeError, KeyError, TypeError, ValueError) as error:
                    self._refuse(f"a stream message is not understood: {error}")
            else:
                self._refuse("a stream message is not text")

    async def _take(self, message: dict[str, Any]) -> None:
        if message.get("streamSid") != self._sid:
            raise ValueError("streamSid is not this stream's")
        match message["event"]:
            case "media":
                ulaw = base64.b64decode(message["media"]["payload"], validate=True)
                self._heard += ulaw
                start = max(self._played_until, self._clock.elapsed())
                self._played_until = self._line.heard_until = start + len(ulaw) / RATE
            case "mark":
                self._show_heard()
                self._marks.append((self._played_until, str(message["mark"]["name"])))
            case "clear":
                self._heard.clear()
                self._played_until = self._clock.elapsed()
                marks, self._marks = self._marks, []
                self._line.tell("silenced")
                for _, name in marks:
                    await self._give_back(name)
            case event:
                raise ValueError(f"event {event!r} is none of media, mark, clear")

    def _refuse(self, message: str) -> None:
        exchange, call = self._interpreter.exchange, self._line.call
        exchange.errors.report(INVALID_MESSAGE, message, sid=call.sid, trace=call.trace)
        self._line.ear.tell("error", call=call.sid, code=INVALID_MESSAGE, message=message)

    def _show_heard(self) -> None:
        if not self._heard:
            return
        samples = decode(bytes(self._heard))
        self._heard.clear()
        sid, audio = self._interpreter.exchange.sounds.keep(write_wav(samples))
        self._line.tell("playing", id=sid, url=None, audio=audio, seconds=round(len(samples) / RATE, 2))
