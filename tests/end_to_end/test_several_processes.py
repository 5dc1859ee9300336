"""A clinic that has grown: two web processes, two workers for each queue, PostgreSQL and Redis. Nothing comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from carriers.twilio import TwilioCarrier
from clinic import demo
from conversation.house import utc_now
from records.alerts import Alert
from records.conversations import Conversation, Turn
from records.outbox import OutboxRow
from tests.conversation.at_once import at_once
from tests.conversation.carrier_webhooks import Answer, Call, Phone, Webhooks, new_id
from tests.end_to_end.test_killed import DESK, LINE, the_desk_answers
from tests.installation import Installation, grown, installed
from tests.servers import Addresses

REDIS = 3
MANY = 3
TAKEN_SECONDS = 120.0


@pytest.fixture
def careline(tmp_path: Path, addresses: Addresses) -> Iterator[Installation]:
    fast = {
        "PHONELAB_SPEED": "20",
        "PHONELAB_CALLS_PER_SECOND": "50",
        "CARELINE_CALLS_PER_SECOND": "50",
        "CARELINE_MESSAGES_PER_SECOND": "50",
    }
    with installed(tmp_path, [LINE], {**fast, **grown(addresses, REDIS)}, twice=True) as made:
        demo.load(made.database, utc_now())
        yield made


class _Received:
    def __init__(self, status: int, body: bytes) -> None:
        self.status_code, self.text = status, body.decode()


def _webs(careline: Installation) -> list[Webhooks]:
    """The way in to each of the two, as the carrier's webhooks come to it through a proxy."""
    ports = [urlsplit(process.ready).port for process in careline.started if process.name.startswith("web")]
    assert len(set(ports)) == 2

    def post(port: int, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("POST", target, body, dict(headers))
            response = connection.getresponse()
            return _Received(response.status, response.read())
        finally:
            connection.close()

    settings = careline.settings
    return [
        Webhooks(partial(post, port), settings.public_url, settings.auth_tokens[0]) for port in ports if port
    ]


def test_a_turn_that_comes_to_both_at_once_gets_one_reply(careline: Installation) -> None:
    first, second = _webs(careline)
    for person in range(MANY):
        number, sid = f"+161755530{person:02d}", new_id("SM")
        answers = at_once([partial(Phone(web, number, LINE).text, "hello", sid) for web in (first, second)])
        assert answers[0] == answers[1] != []
        call, target = Call(first, number, LINE, new_id("CA")), "/voice/answer"
        spoken = at_once([partial(_said, web, target, call.form) for web in (first, second)])
        assert spoken[0] == spoken[1]
    with careline.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(Conversation)) == 2 * MANY
        assert connection.scalar(select(func.count()).select_from(Turn)) == 2 * MANY
    assert _tracebacks(careline) == {}


def _said(web: Webhooks, target: str, form: Mapping[str, str]) -> str:
    return web.take(target, form).text


def test_an_alert_is_raised_once_and_each_try_is_one_call(careline: Installation) -> None:
    """Words of danger come to both web processes at once; four workers look for what is due."""
    first, second = _webs(careline)
    began = utc_now() - timedelta(seconds=5)
    for person in range(MANY):
        number, sid = f"+161755530{person:02d}", new_id("SM")
        at_once(
            [partial(Phone(web, number, LINE).text, "I want to kill myself", sid) for web in (first, second)]
        )

    def all_taken() -> bool:
        with careline.database.reading() as connection:
            states = connection.scalars(select(Alert.state)).all()
        return len(states) == MANY and set(states) == {"taken"}

    asyncio.run(asyncio.wait_for(the_desk_answers(careline.phonelab_url, all_taken), TAKEN_SECONDS))
    with careline.database.reading() as connection:
        assert connection.scalars(select(Alert.reason)).all() == ["words_of_danger"] * MANY
        tries = connection.scalars(select(OutboxRow.attempts).where(OutboxRow.kind == "alert")).all()
    assert len(tries) == MANY
    settings = careline.settings
    carrier = TwilioCarrier(settings.carrier_url, settings.account_sid, settings.auth_tokens)
    assert len(carrier.find_calls(DESK, LINE, began)) == sum(tries)
    assert _tracebacks(careline) == {}


def _tracebacks(careline: Installation) -> dict[str, str]:
    printed = {name: careline.printed(name) for name in careline.running}
    return {name: lines for name, lines in printed.items() if "Traceback" in lines}
