"""Many people who all want the same few times, each with a phone of her own: half of them call, half of them text."""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from random import Random

from phonelab.handset_client import AsyncHandset

DEADLINE = 60.0
"""Seconds for one answer: with 64 at once on a busy machine they wait for each other."""
AREAS = (617, 413, 508, 774, 781, 857, 978, 351)
REASONS = {"check_up": "1", "follow_up": "3", "medicines": "4"}
"""Of different lengths, and the key of each."""
WAYS = {"audio": "1", "in_person": "2"}
LANGUAGE = re.compile(r"For English, press (\d)|go on in English\? (\d) yes|How can we help you")
OFFERS = re.compile(r"These times are free.*?(?:later times, press (\d)|(\d) later times)")
NOTHING = re.compile(r"What shall we do\?.*?(?:time becomes free, press (\d)|(\d) a message when a time)")
READ_BACK = re.compile(r"(?:phone|clinic)\. (\w+, \w+ \d+ at [^,]+), with ([^.]+\.? ?\w+)\. Is that right\?")
BOOKED = re.compile(r"Your visit is booked: (\w+, \w+ \d+ at [^,]+), with ([^.]+\.? ?\w+)\.")
TAKEN = re.compile(r"That time was taken just now")
WAITS = re.compile(r"You are on the waiting list\.")


@dataclass(frozen=True)
class Person:
    """One of the crowd. `by_call`: she calls rather than texts."""

    place: int
    by_call: bool
    reason: str
    visit_kind: str

    @property
    def number(self) -> str:
        return f"+1{AREAS[self.place % len(AREAS)]}55501{self.place + 1:02d}"

    @property
    def name(self) -> str:
        return f"Sample{chr(97 + self.place // 26)}{chr(97 + self.place % 26)} Caller"

    @property
    def born(self) -> str:
        return f"19{30 + self.place}-0{1 + self.place % 9}-{10 + self.place % 18}"


@dataclass
class Told:
    """What she was told in the end, in its words, and how often her time had been taken before."""

    person: Person
    booked: tuple[str, str] | None = None
    waits: bool = False
    was_taken: int = 0


def crowd(many: int) -> list[Person]:
    """Of each way to talk, some with each reason and each kind of visit."""
    reasons, kinds = list(REASONS), list(WAYS)
    return [
        Person(place, place % 2 == 0, reasons[place // 4 % len(reasons)], kinds[place // 2 % len(kinds)])
        for place in range(many)
    ]


async def all_at_once(url: str, line: str, people: list[Person]) -> list[Told]:
    """Everybody comes as far as the time read back, and when all are there they say yes. Raises where one is left."""
    ready = asyncio.Barrier(len(people))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_wants_a_visit(url, line, person, ready)) for person in people]
    return [task.result() for task in tasks]


async def _wants_a_visit(url: str, line: str, person: Person, ready: asyncio.Barrier) -> Told:
    async with AsyncHandset(url, person.number, deadline=DEADLINE) as handset:
        talk = (_Call if person.by_call else _Texts)(handset, line)
        await talk.begin()
        await _comes_to_the_offers(talk, person)
        return await _chooses(talk, person, ready)


async def _comes_to_the_offers(talk: _Talk, person: Person) -> None:
    asked = await talk.hears(LANGUAGE)
    if key := asked[1] or asked[2]:
        await talk.answers(key)
        await talk.hears(re.compile("How can we help you"))
    await talk.answers("4")
    await talk.hears(re.compile("date of birth"))
    await talk.answers(talk.day(person.born))
    await talk.hears(re.compile("What is the visit for"))
    await talk.answers(REASONS[person.reason])
    await talk.hears(re.compile("How would you like the visit"))
    await talk.answers(WAYS[person.visit_kind])
    await talk.hears(re.compile("When would you like the visit"))
    await talk.answers(talk.SOONEST)


async def _chooses(talk: _Talk, person: Person, ready: asyncio.Barrier) -> Told:
    told, at_random, is_first = Told(person), Random(person.place), True
    while True:
        found = await talk.hears(re.compile(f"{OFFERS.pattern}|{NOTHING.pattern}"))
        if wait := found[3] or found[4]:
            assert not is_first, "something is free as long as nobody has said yes"
            await talk.answers(wait)
            await talk.hears(WAITS)
            told.waits = True
            break
        await talk.answers(str(at_random.randrange(1, int(found[1] or found[2]))))
        read_back = await talk.hears(READ_BACK)
        if is_first:
            await ready.wait()
            is_first = False
        await talk.answers(talk.YES)
        outcome = await talk.hears(re.compile(f"{BOOKED.pattern}|{TAKEN.pattern}"))
        if outcome[1]:
            told.booked = (outcome[1], outcome[2])
            assert told.booked == (read_back[1], read_back[2]), "what was read back is what is booked"
            break
        told.was_taken += 1
    await talk.end()
    return told


class _Talk(ABC):
    """The same talk on either channel."""

    SOONEST: str
    YES: str

    def __init__(self, handset: AsyncHandset, line: str) -> None:
        self._handset, self._line = handset, line

    @abstractmethod
    async def begin(self) -> None: ...

    @abstractmethod
    async def answers(self, what: str) -> None: ...

    @abstractmethod
    async def hears(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Wait for words after those that were heard or read before."""

    @abstractmethod
    async def end(self) -> None: ...

    @staticmethod
    @abstractmethod
    def day(iso: str) -> str:
        """As she gives a date."""


class _Call(_Talk):
    SOONEST, YES = "1", "1"

    async def begin(self) -> None:
        await self._handset.call(self._line)

    async def answers(self, what: str) -> None:
        await self._handset.press(what)

    async def hears(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.search(await self._handset.hears(pattern))
        assert found is not None
        return found

    async def end(self) -> None:
        await self._handset.hangs_up()

    @staticmethod
    def day(iso: str) -> str:
        year, month, day = iso.split("-")
        return f"{month}{day}{year}"


class _Texts(_Talk):
    SOONEST, YES = "as soon as possible", "yes"

    def __init__(self, handset: AsyncHandset, line: str) -> None:
        super().__init__(handset, line)
        self._unread = ""

    async def begin(self) -> None:
        await self._handset.texts(self._line, "hello")

    async def answers(self, what: str) -> None:
        self._unread = ""
        await self._handset.texts(self._line, what)

    async def hears(self, pattern: re.Pattern[str]) -> re.Match[str]:
        while (found := pattern.search(self._unread)) is None:
            text = await self._handset.reads(re.compile("."))
            self._unread = " ".join(f"{self._unread} {text['body']}".split())
        self._unread = self._unread[found.end() :]
        return found

    async def end(self) -> None:
        """Texts need none."""

    @staticmethod
    def day(iso: str) -> str:
        year, month, day = iso.split("-")
        return f"{month}/{day}/{year}"
