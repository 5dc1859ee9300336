"""Handsets: a number, the pages and scripts that hold it, its texts, and the leg it is on."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any, Protocol

from .line import Line

KEPT_HANDSETS = 20_000
KEPT_TEXTS = 200
KEPT_EVENTS = 200  # of the running call, for a page that is opened again


class Socket(Protocol):
    """What holds a handset: a websocket with a queue of its own."""

    audio: bool
    waits_for_word: bool

    def send(self, message: str) -> None: ...


class Handset:
    """One phone in somebody's hand. Several pages may show the same one."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.sockets: set[Socket] = set()
        self.texts: deque[dict[str, Any]] = deque(maxlen=KEPT_TEXTS)
        self.line: Line | None = None  # the leg it talks on
        self.ringing: Line | None = None
        self.answer: asyncio.Future[bool] | None = None
        self._events: deque[dict[str, Any]] = deque(maxlen=KEPT_EVENTS)

    @property
    def waits_for_word(self) -> bool:
        return any(socket.waits_for_word for socket in self.sockets)

    @property
    def wants_audio(self) -> bool:
        return any(socket.audio for socket in self.sockets)

    @property
    def busy(self) -> bool:
        return self.line is not None or self.ringing is not None

    def tell(self, event: str, **fields: Any) -> None:
        """One event to all that hold the handset."""
        message = {"event": event, **fields}
        if event in ("dialing", "ringing"):
            self._events.clear()
        if event not in ("text", "state"):
            self._events.append(message)
        sent = json.dumps(message)
        for socket in list(self.sockets):
            socket.send(sent)

    def text(self, text: dict[str, Any]) -> None:
        """A text, sent or received; the same again with a new status takes the old one's place."""
        for kept in self.texts:
            if kept["sid"] == text["sid"]:
                kept.update(text)
                break
        else:
            self.texts.append(dict(text))
        self.tell("text", **text)

    def state(self) -> dict[str, Any]:
        """What a page needs to show on connecting."""
        line = self.line or self.ringing
        calls = []
        if line is not None:
            call = line.call
            calls.append(
                {
                    "sid": call.sid,
                    "from": call.from_,
                    "to": call.to,
                    "direction": call.direction,
                    "status": call.status,
                    "ringing": self.ringing is not None,
                    "events": list(self._events),
                }
            )
        return {"event": "state", "number": self.number, "texts": list(self.texts), "calls": calls}

    async def ring(self, line: Line) -> bool:
        """Ring until answered (True) or rejected (False)."""
        self.ringing = line
        self.answer = asyncio.get_running_loop().create_future()
        line.ear = self
        self.tell("ringing", call=line.call.sid, **{"from": line.call.from_, "to": line.call.to})
        try:
            answered = await self.answer
            if answered:
                self.line = line
            return answered
        finally:
            self.ringing, self.answer = None, None

    def pick_up(self, answered: bool) -> bool:
        """Answer or reject what rings. False if nothing does."""
        if self.answer is None or self.answer.done():
            return False
        self.answer.set_result(answered)
        return True

    def put_down(self, line: Line) -> None:
        """The leg is over."""
        if self.line is line:
            self.line = None


class Handsets:
    """All handsets by number; one is made when first spoken of."""

    def __init__(self) -> None:
        self._handsets: dict[str, Handset] = {}

    def at(self, number: str) -> Handset:
        if number not in self._handsets:
            self._make_room()
            self._handsets[number] = Handset(number)
        return self._handsets[number]

    def _make_room(self) -> None:
        """Forget the texts of a number that nobody holds, beyond a bound."""
        if len(self._handsets) >= KEPT_HANDSETS:
            for number, handset in self._handsets.items():
                if not handset.sockets and not handset.busy:
                    del self._handsets[number]
                    return

    def all(self) -> list[Handset]:
        return list(self._handsets.values())
