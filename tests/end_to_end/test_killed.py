"""Processes killed with SIGKILL at random points while people call and text: nothing lost, nothing doubled.

A small number of kills by default; `CARELINE_KILLS=50 make test ONLY=tests/end_to_end/test_killed.py` for more,
`CARELINE_SEED` for other points.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import wave
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy
import pytest
from sqlalchemy import func, select, update

from care import check_ins
from clinic import demo
from conversation.house import utc_now
from phonelab.handset_client import AsyncHandset, ScriptFailed
from records.alerts import Alert
from records.base import table_of
from records.conversations import Conversation, Turn
from records.messages import Message
from records.outbox import OutboxRow
from records.patients import Patient
from records.readings import Reading
from records.sealing import hashed
from records.tasks import Task
from tests.installation import Installation, grown, installed

LINE, DESK, ROSA, JAMES, FAMILY = (
    "+16175550100",
    "+16175550190",
    "+16175550101",
    "+16175550102",
    "+16175550103",
)
KILLS = int(os.environ.get("CARELINE_KILLS", "4"))
SEED = int(os.environ.get("CARELINE_SEED", "7"))
VICTIMS = ("web", "alerts", "sending", "speech")
SETTLE_SECONDS = 120.0
MOST_TRIES = 12


REDIS = 2


@pytest.fixture(params=["SQLite and files", "PostgreSQL and Redis"])
def careline(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    is_grown = request.param == "PostgreSQL and Redis"
    fast = {
        "PHONELAB_SPEED": "20",
        "PHONELAB_CALLS_PER_SECOND": "50",
        "PHONELAB_MESSAGES_PER_SECOND": "50",
        "CARELINE_CALLS_PER_SECOND": "50",
        "CARELINE_MESSAGES_PER_SECOND": "50",
        "PHONELAB_SEED": str(SEED),
        "PHONELAB_CALLBACK_DOUBLE": "0.2",
        "PHONELAB_CALLBACK_DROP": "0.1",
        "PHONELAB_WEBHOOK_DOUBLE": "0.1",
        **(grown(request.getfixturevalue("addresses"), REDIS) if is_grown else {}),
    }
    with installed(tmp_path, [LINE], fast) as made:
        demo.load(made.database, utc_now())
        with made.database.writing() as connection:
            connection.execute(update(Patient).values(timezone=where_it_is_noon(utc_now())))
        yield made


def where_it_is_noon(now: datetime) -> str:
    """A time zone without quiet hours now: the test runs at any hour."""
    east = (12 - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


class Killer:
    """Kills a process at random moments and starts it again, as a supervisor would."""

    def __init__(self, careline: Installation, chance: random.Random) -> None:
        self.careline, self.chance, self.killed = careline, chance, Counter[str]()

    async def kill(self, many: int) -> None:
        for _ in range(many):
            await asyncio.sleep(self.chance.uniform(0.3, 2.0))  # the random point; nothing waits for it
            victim = self.chance.choice(VICTIMS)
            os.killpg(self.careline.running[victim].pid, signal.SIGKILL)
            self.careline.running[victim].wait()
            self.killed[victim] += 1
            self.careline.start(victim)


async def until_done(talk: Callable[[], Awaitable[None]]) -> None:
    """A person whose call breaks off calls again."""
    for left in reversed(range(MOST_TRIES)):
        try:
            await talk()
            return
        except ScriptFailed:
            if not left:
                raise
            await asyncio.sleep(0.5)  # a person who dials again


async def calls_with_a_severe_reading(url: str) -> None:
    async with AsyncHandset(url, JAMES, deadline=8) as james:
        await dials(james)
        await comes_to_the_menu(james)
        await james.press("1")
        await james.hears("date of birth")
        await james.press("11201950")
        await james.hears("top number")
        await james.press("171*114#")
        await james.hears("171 over 114")
        await james.press("1")
        await james.hears("dangerously high")
        await james.hangs_up()


async def leaves_a_message(url: str, sound: Path) -> None:
    async with AsyncHandset(url, FAMILY, deadline=8) as family:
        await dials(family)
        await comes_to_the_menu(family)
        await family.press("2")
        await family.hears("After the tone")
        await family.says(sound, then="#")
        await family.hears("The clinic has your message")
        await family.hangs_up()


async def dials(handset: AsyncHandset) -> None:
    """Puts the receiver down first where a call broke off."""
    if handset.on_a_call:
        await handset.hangs_up()
    await handset.call(LINE)


async def comes_to_the_menu(handset: AsyncHandset) -> None:
    """Past the language, asked until one was chosen, and past the offer to go on with a call that broke off."""
    if "press 1" in await handset.hears(re.compile("press 1|emergency")):
        await handset.press("1")
    if "finish" in await handset.hears(re.compile("How can we help you|did not finish")):
        await handset.press("2")
        await handset.hears("How can we help you")


async def reports_by_text(url: str) -> None:
    """She sends each answer again when nothing comes back, as people do; that must harm nothing."""
    async with AsyncHandset(url, ROSA, deadline=8) as rosa:
        await rosa.texts(LINE, "menu please")
        await rosa.reads(".")


async def the_desk_answers(url: str, alerts_taken: Callable[[], bool]) -> None:
    """The emergency desk takes every alert that rings."""
    async with AsyncHandset(url, DESK, deadline=5) as desk:
        while not alerts_taken():
            try:
                if desk.on_a_call:
                    await desk.hangs_up()
                await desk.answers()
                await desk.hears("alert")
                await desk.press("1")
                await desk.hears("number to call")
                await desk.press("1")
                await desk.hears("The alert is yours")
                await desk.hangs_up()
            except ScriptFailed:
                continue


def test_nothing_is_lost_or_doubled(careline: Installation, tmp_path: Path) -> None:
    asyncio.run(_scenario(careline, tmp_path))


async def _scenario(careline: Installation, folder: Path) -> None:
    url, chance, database = careline.phonelab_url, random.Random(SEED), careline.database
    sound = _speech(folder / "voice.wav")
    killer = Killer(careline, chance)
    rounds = max(2, KILLS // 4)

    async def people() -> None:
        for _ in range(rounds):
            check_ins.ask_now(database, hashed(ROSA), utc_now())
            await asyncio.gather(
                until_done(lambda: calls_with_a_severe_reading(url)),
                until_done(lambda: leaves_a_message(url, sound)),
                until_done(lambda: reports_by_text(url)),
            )

    def all_taken() -> bool:
        with database.reading() as connection:
            states = connection.scalars(select(Alert.state)).all()
        return done.is_set() and all(state == "taken" for state in states)

    done = asyncio.Event()
    desk = asyncio.create_task(the_desk_answers(url, all_taken))
    await asyncio.gather(people(), killer.kill(KILLS))
    _the_bridge_had_its_time(careline)
    done.set()
    await _settled(careline)
    await asyncio.wait_for(desk, SETTLE_SECONDS)
    _nothing_lost_or_doubled(careline, rounds)
    print(f"killed: {dict(killer.killed)}")


def _the_bridge_had_its_time(careline: Installation) -> None:
    """Calls with an alert wait until the patient's own connection to the desk had its chance: that has passed."""
    with careline.database.writing() as connection:
        connection.execute(
            update(OutboxRow)
            .where(OutboxRow.kind == "alert", OutboxRow.status == "due")
            .values(due_at=utc_now())
        )


async def _settled(careline: Installation) -> None:
    """Wait until nothing is due, being sent or being worked on."""

    def waiting() -> list[Any]:
        with careline.database.reading() as connection:
            return list(
                connection.execute(
                    select(OutboxRow.key, OutboxRow.status, OutboxRow.reason).where(
                        OutboxRow.status.in_(("due", "sending")),
                        OutboxRow.kind.in_(("recording", "check_in_now")),
                    )
                )
            )

    deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
    while left := waiting():
        assert asyncio.get_running_loop().time() < deadline, left
        await asyncio.sleep(0.3)  # polling for the condition above


def _nothing_lost_or_doubled(careline: Installation, rounds: int) -> None:
    with careline.database.reading() as connection:
        turns = dict(
            connection.execute(
                select(Turn.conversation_id, func.count()).group_by(Turn.conversation_id)
            ).all()
        )
        for conversation, turn in connection.execute(select(Conversation.id, Conversation.turn)):
            assert turns.get(conversation, 0) == turn, "a conversation has one stored turn for each reply"
        confirmed = connection.execute(
            select(Reading.conversation_id, func.count())
            .where(Reading.level == "severe", Reading.confirmed)
            .group_by(Reading.conversation_id)
        ).all()
        assert len(confirmed) >= rounds, "every reading that was acknowledged is stored"
        assert all(count == 1 for _, count in confirmed), "no reading twice"
        alerts = connection.execute(select(Alert.conversation_id, Alert.state)).all()
        assert {conversation for conversation, _ in confirmed} <= {alert.conversation_id for alert in alerts}
        assert all(alert.state == "taken" for alert in alerts), "every alert reached a person"
        messages = connection.execute(select(Message.__table__)).all()
        assert len(messages) >= rounds
        assert all(message.state == "ready" and message.erased_at_carrier for message in messages), messages
        assert len({message.recording for message in messages}) == len(messages)
        _check_ins_once(careline, connection)


def _check_ins_once(careline: Installation, connection: Any) -> None:
    """Each question reached her phone at most once, and where that is not sure, a person was told."""
    rows = connection.execute(select(table_of(OutboxRow)).where(OutboxRow.kind == "check_in_now")).all()
    assert rows
    for row in rows:
        if row.status == "unknown":
            assert connection.scalar(select(Task.id).where(Task.key == f"outcome_unknown:{row.key}"))
    with urlopen(f"{careline.phonelab_url}/lab/messages", timeout=10) as answer:
        texts = json.load(answer)["messages"]
    asked = [text for text in texts if text["to"] == ROSA and text["direction"] == "outbound-api"]
    sure = [row for row in rows if row.status in ("sent", "delivered")]
    assert len(sure) <= len(asked) <= len(rows)


def _speech(path: Path) -> Path:
    """Two seconds of a voice-like sound: what is said does not matter here."""
    time = numpy.arange(2 * 8000) / 8000
    tone = sum(numpy.sin(2 * numpy.pi * 140 * k * time) / k for k in range(1, 12))
    samples = (tone * (1 + numpy.sin(2 * numpy.pi * 4 * time)) * 3000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())
    return path
