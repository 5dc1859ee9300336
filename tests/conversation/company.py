"""What a transcript needs of the running installation: how a number answers, and ticks that come at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession
from celery import Celery
from sqlalchemy import select

import file_broker
from records.conversations import Turn
from tests.installation import Installation

TICKS = {
    "send_alerts": "alerts",
    "sweep": "alerts",
    "send": "sending",
    "ask_for_check_ins": "sending",
    "work_on_wait_list": "sending",
    "write_bulk_sends": "sending",
    "work_on_recordings": "speech",
}
"""The worker's tasks and their queues. The beat sends them too, some only every 15 seconds."""
TICK_SECONDS = 0.3


def now() -> datetime:
    return datetime.now(UTC)


class Company:
    """One installation, used by many transcripts at once."""

    def __init__(self, installation: Installation) -> None:
        self.database = installation.database
        self.url = installation.phonelab_url
        settings = installation.settings
        file_broker.use()
        self._revive = installation.revive
        self._celery = Celery("ticks", broker=settings.broker_url, set_as_current=False)
        self._celery.conf.broker_transport_options = settings.broker_options
        self._waiting = 0

    async def set_number(self, number: str, behaviour: dict[str, Any]) -> None:
        """How a number answers from now on, as phonelab names it."""
        async with (
            ClientSession() as session,
            session.post(f"{self.url}/lab/numbers/{number}", json=behaviour) as answer,
        ):
            answer.raise_for_status()

    async def kept_by_a_machine(self, number: str) -> list[str]:
        """What a machine that answers at a number has recorded: once what it may have heard twice or clipped."""
        async with ClientSession() as session:
            async with session.get(f"{self.url}/lab/calls") as answer:
                calls = [call for call in (await answer.json())["calls"] if call["to"] == number]
            kept = []
            for call in reversed(calls):
                async with session.get(f"{self.url}/lab/calls/{call['sid']}") as answer:
                    kept += [
                        heard.get("text") or self.words_at(heard["url"])
                        for heard in (await answer.json())["left"]
                    ]
        return list(dict.fromkeys(kept))

    def words_at(self, address: str) -> str:
        """The words of a sentence that is played: its address says which reply they stand in."""
        conversation, turn, file = urlsplit(address).path.split("/")[-3:]
        with self.database.reading() as connection:
            reply = connection.scalars(
                select(Turn.reply).where(Turn.conversation_id == conversation, Turn.turn == int(turn) - 1)
            ).one()
        return str(reply["says"][int(file.removesuffix(".wav"))][0])

    @asynccontextmanager
    async def hurried(self) -> AsyncIterator[None]:
        """While somebody waits for what the worker does, its ticks come fast."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def tick(self) -> None:
        """Send ticks where they are waited for, until cancelled, and see that there is somebody to take them."""
        while True:
            self._revive()
            if self._waiting:
                for task, queue in TICKS.items():
                    self._celery.send_task(task, queue=queue, expires=5)
            await asyncio.sleep(TICK_SECONDS)
