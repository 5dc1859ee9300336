"""A handset held by a program: what a person does with a phone, and what she may expect of it.

Expectations wait for what they expect, up to a deadline, and fail with a transcript of all that happened.
For programs that are not asyncio there is `Handset`, in handset_client.py.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

Pattern = str | re.Pattern[str]
DEADLINE = 15.0  # seconds
OPENS = {"gathering": "keys", "recording": "voice", "bridged": "talk", "streaming": "talk"}
CLOSES = frozenset({"gathered", "recorded", "unbridged", "streamed", "ended", "dialing", "ringing"})


class ScriptFailed(AssertionError):
    """Something expected did not happen; the message holds the transcript."""


class AsyncHandset:
    """One handset. Use as `async with AsyncHandset(base_url, number) as rosa:`.

    Silence passes only when the script says so (`silence()`), whatever the carrier's speed: a slow machine
    changes nothing. With `by_the_clock=True` it passes as for a person.
    """

    def __init__(
        self,
        base_url: str,
        number: str,
        *,
        deadline: float = DEADLINE,
        audio: bool = False,
        by_the_clock: bool = False,
    ) -> None:
        self.number = number
        self.events: list[dict[str, Any]] = []
        self.texts_seen: list[dict[str, Any]] = []
        self._url = f"{base_url}/handset/ws"
        self._query = {
            "number": number,
            "audio": str(int(audio)),
            "silence": "clock" if by_the_clock else "said",
        }
        self._deadline = deadline
        self._changed = asyncio.Condition()
        self._lines: list[str] = []
        self._unheard = ""
        self._busy = False
        self._unread: list[dict[str, Any]] = []
        self._open: str | None = None  # what the call waits for: keys, voice, talk
        self._call: str | None = None  # dialing, ringing, connected, ended
        self._said = 0
        self._ready = False
        self._session: ClientSession | None = None
        self._socket: ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._session = ClientSession()
        try:
            self._socket = await self._session.ws_connect(self._url, params=self._query, max_msg_size=0)
        except BaseException:
            await self._session.close()
            raise
        self._reader = asyncio.create_task(self._read())
        await self._until(lambda: self._ready, "the exchange to know the handset")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await self._reader
        if self._session is not None:
            await self._session.close()

    # --- what a person does

    async def call(self, to: str) -> None:
        self._unheard = ""
        self._busy = False
        await self._do(f"call {to}", do="call", to=to)
        await self._until(lambda: self._call in ("dialing", "connected", "ended"), "the call to be placed")

    async def flashes(self, to: str) -> None:
        """Ring, and hang up before the call is answered: a missed call on purpose."""
        self._unheard = ""
        self._busy = False
        over = sum(event["event"] == "ended" for event in self.events)
        await self._do(f"flash {to}", do="call", to=to, flash=True)
        await self._until(
            lambda: sum(event["event"] == "ended" for event in self.events) > over, "the call to be hung up"
        )

    async def answers(self) -> None:
        """Wait for the phone to ring, and answer."""
        await self.rings()
        self._unheard = ""
        await self._do("answer", do="answer")
        await self._until(lambda: self._call in ("connected", "ended"), "the call to be connected")

    async def rejects(self) -> None:
        await self.rings()
        await self._do("reject", do="reject")
        await self._until(lambda: self._call == "ended", "the call to be rejected")

    async def press(self, digits: str, *, at_once: bool = False) -> None:
        """Keys, once the call waits for something (`at_once`: whatever it does)."""
        if not at_once:
            await self._until(lambda: self._open is not None, f"the call to take the keys {digits}")
        self._unheard = ""
        await self._do(f"keys {digits}", do="keys", digits=digits)

    async def says(self, wav: Path | str, then: str = "silence") -> None:
        """Speak a WAV file to its end once the call listens; then `silence`, keys (`then="#"`) or nothing."""
        await self._until(lambda: self._open in ("voice", "talk"), "the call to listen")
        self._unheard = ""
        before, data = self._said, base64.b64encode(Path(wav).read_bytes()).decode()
        await self._do(f"says {Path(wav).name}", do="voice", wav=data)
        await self._until(lambda: self._said > before, "the speech to end")
        if then == "silence" and self._open == "voice":
            await self._do("silence", do="silence")
        elif then and then != "silence":
            await self._do(f"keys {then}", do="keys", digits=then)

    async def silence(self) -> None:
        """Say and press nothing until the call has waited long enough."""
        await self._until(lambda: self._open in ("keys", "voice"), "the call to wait for keys or speech")
        self._unheard = ""
        await self._do("silence", do="silence")

    async def hangs_up(self) -> None:
        await self._do("hang up", do="hangup")
        await self._until(lambda: self._call == "ended", "the call to end")

    async def texts(self, to: str, body: str) -> None:
        await self._do(f"text {body}", do="text", to=to, body=body)

    # --- what she may expect

    async def rings(self) -> None:
        await self._until(lambda: self._call == "ringing", "the phone to ring")

    async def hears(self, pattern: Pattern) -> str:
        """Wait until this is said, after what was heard before. Words, in any case, or a regex."""
        wanted = _compiled(pattern)

        def heard() -> bool:
            if wanted.search(self._unheard):
                return True
            if self._call == "ended":
                raise ScriptFailed(self._failure(f"to hear {wanted.pattern!r}, but the call is over"))
            return False

        await self._until(heard, f"to hear {wanted.pattern!r}")
        found = wanted.search(self._unheard)
        assert found is not None
        self._unheard = self._unheard[found.end() :]
        return found.group()

    async def hears_the_busy_tone(self) -> None:
        """Wait until the call is turned away by a busy tone."""
        await self._until(lambda: self._busy, "the busy tone")

    async def is_hung_up(self) -> dict[str, Any]:
        """Wait for the end of the call. Returns its last event: status and reason."""
        await self._until(lambda: self._call == "ended", "the call to end")
        return next(event for event in reversed(self.events) if event["event"] == "ended")

    async def reads(self, pattern: Pattern) -> dict[str, Any]:
        """Wait for a text to this number that holds this. Texts before it count as read."""
        wanted = _compiled(pattern)

        def found() -> int | None:
            return next(
                (i for i, text in enumerate(self._unread) if wanted.search(_plain(text["body"]))), None
            )

        await self._until(lambda: found() is not None, f"to read {wanted.pattern!r}")
        index = found()
        assert index is not None
        text = self._unread[index]
        del self._unread[: index + 1]
        return text

    def transcript(self) -> str:
        """All that happened: `>` what the person did, `<` what she got, `!` what went wrong."""
        return "\n".join(self._lines)

    @property
    def on_a_call(self) -> bool:
        return self._call in ("dialing", "connected")

    # --- how

    async def _do(self, line: str, **message: str | bool) -> None:
        self._lines.append(f"> {line}")
        if message["do"] == "call":
            self._call = None
        assert self._socket is not None, "the handset is not connected: use `with`"
        await self._socket.send_json(message)

    async def _read(self) -> None:
        assert self._socket is not None
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                async with self._changed:
                    self._take(message.json())
                    self._changed.notify_all()

    def _take(self, event: dict[str, Any]) -> None:
        name = event["event"]
        self.events.append(event)
        if name in OPENS:
            self._open = OPENS[name]
        elif name in CLOSES:
            self._open = None
        if name in ("dialing", "ringing", "connected", "ended"):
            self._call = name
        match name:
            case "state":
                self._ready = True
                self._call = _state_of(event)
            case "saying":
                self._hear(event["text"])
            case "playing" if event.get("url"):
                self._hear(event["url"])
            case "tone":
                self._busy = event["tone"] == "busy"
                self._lines.append(f"< [{event['tone']}]")
            case "marked":
                self._hear(f"[mark {event['name']}]")
            case "said":
                self._said += 1
            case "text":
                self._take_text(event)
            case "error":
                self._lines.append(f"! {event['code']} {event['message']}")
            case "ringing":
                self._lines.append(f"< [ringing] {event['from']}")
            case "ended":
                self._lines.append(f"< [ended] {event['status']}: {event['reason']}")

    def _hear(self, words: str) -> None:
        self._unheard = f"{self._unheard} {_plain(words)}"
        self._lines.append(f"< {words}")

    def _take_text(self, event: dict[str, Any]) -> None:
        self.texts_seen.append(event)
        if event["to"] == self.number:
            self._unread.append(event)
            self._lines.append(f"< [text] {event['body']}")

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something about this handset. Raises ScriptFailed after the deadline."""
        try:
            async with asyncio.timeout(self._deadline), self._changed:
                await self._changed.wait_for(condition)
        except TimeoutError:
            raise ScriptFailed(self._failure(f"{what}, for {self._deadline:g} s")) from None

    def _failure(self, what: str) -> str:
        return f"{self.number} waited for {what}.\n{self.transcript()}"


def _compiled(pattern: Pattern) -> re.Pattern[str]:
    """Words match in any case and spacing; a compiled pattern, or `/…/`, as it is."""
    if isinstance(pattern, re.Pattern):
        return pattern
    if len(pattern) > 2 and pattern[0] == pattern[-1] == "/":
        return re.compile(pattern[1:-1], re.IGNORECASE)
    return re.compile(re.escape(_plain(pattern)), re.IGNORECASE)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _state_of(event: dict[str, Any]) -> str | None:
    calls = event["calls"]
    if not calls:
        return None
    return "ringing" if calls[0]["ringing"] else "connected"
