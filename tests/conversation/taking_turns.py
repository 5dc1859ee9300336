"""A process that takes turns by text until its input ends, then says how many; the first that fails ends it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import count
from threading import Event as Flag
from threading import Thread

from app import furnish
from conversation.events import Event, Kind
from conversation.house import House
from dialogue.said import Channel
from settings import Settings

LINE = "+16175550100"
WORDS = ("hello", "2", "I need my results, please")
"""A stranger leaves a message."""


def talk(house: House, number: str, ids: Iterator[str]) -> int:
    """How many turns it took; every one of them must be answered."""
    for word in WORDS:
        reply = house.take_turn(Event(Kind.SAID, Channel.TEXT, LINE, number, next(ids), text=word))
        assert reply.says, f"no answer to {word!r}"
    return len(WORDS)


def main(name: str) -> None:
    over = Flag()
    Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    house = furnish(Settings.from_environ(os.environ))
    ids = (f"SM{name}{number:030d}" for number in count())
    turns = 0
    for place in count():
        turns += talk(house, f"+1212555{int(name):01d}{place % 1000:03d}", ids)
        if place == 0:
            print("begun", flush=True)
        if over.is_set():
            break
    print(turns, flush=True)
    house.database.close()


if __name__ == "__main__":
    main(sys.argv[1])
