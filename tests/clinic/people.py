"""Who takes part: a patient who texts and calls, a nurse at the console, and a clock that they share."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from html import unescape

from flask import Flask
from werkzeug.test import TestResponse

from conversation.events import Event, Kind
from conversation.house import House
from dialogue.reply import Reply
from dialogue.said import Channel

LINE = "+16175550100"
NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
"""Noon in Boston."""
keys = itertools.count(1)


class Clock:
    """Tells the time that a test says it is."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment

    def go_on(self, **by: float) -> None:
        self.moment += timedelta(**by)


class Patient:
    """Texts and calls the clinic from one number."""

    def __init__(self, house: House, number: str, birth_date: str = "", line: str = LINE) -> None:
        self.house, self.number, self.birth_date, self.line = house, number, birth_date, line

    def text(self, *words: str) -> Reply:
        """Send these texts one after another; the reply to the last."""
        reply = Reply()
        for word in words:
            reply = self.house.take_turn(
                Event(Kind.SAID, Channel.TEXT, self.line, self.number, f"SM{next(keys)}", text=word)
            )
        return reply

    def text_reading(self, reading: str, *then: str) -> Reply:
        """In Spanish: who she is, a reading, and what she answers then."""
        return self.text(reading, "sí", self.birth_date, *then)

    def call(self, *answers: str | Event) -> Reply:
        """Call and answer each question with keys; the reply to the last."""
        call = f"CA{next(keys)}"
        reply = self._turn(Kind.STARTED, call, Reply())
        for answer in answers:
            reply = self._turn(Kind.SAID, call, reply, keys=str(answer))
        self._open = call, reply
        return reply

    def speak_message(self, recording: str = "RE1", seconds: int = 12) -> Reply:
        """After the tone of the call that is open."""
        call, reply = self._open
        return self._turn(Kind.RECORDED, call, reply, recording=recording, seconds=seconds)

    def _turn(self, kind: Kind, call: str, reply: Reply, **more: str | int) -> Reply:
        return self.house.take_turn(
            Event(
                kind,
                Channel.VOICE,
                self.line,
                self.number,
                f"{call}:{reply.turn}",
                call=call,
                conversation=reply.conversation,
                turn=reply.turn,
                **more,  # type: ignore[arg-type]
            )
        )


class Nurse:
    """One browser: follows redirects, and sends forms as the page has them."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def open(self, path: str = "/clinic/") -> TestResponse:
        return self.client.get(path)

    def read(self, path: str = "/clinic/") -> str:
        """The words of a page, without its markup."""
        response = self.client.get(path, follow_redirects=True)
        assert response.status_code == 200, (path, response.status)
        return words(response)

    def token(self, path: str = "/clinic/sign-in") -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get(path, follow_redirects=True).text)
        assert found
        return found[1]

    def post(self, path: str, on: str = "/clinic/", **fields: str) -> TestResponse:
        """Send a form of the page `on`."""
        return self.client.post(path, data={"csrf": self.token(on), **fields}, follow_redirects=True)

    def sign_in(self, login: str = "demo", password: str = "harbor-demo") -> TestResponse:
        return self.post("/clinic/sign-in", "/clinic/sign-in", login=login, password=password)


def words(response: TestResponse) -> str:
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())
