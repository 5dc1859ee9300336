"""Plays a transcript against a running installation: as it stands, or to write down what is said now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from time import monotonic

from care import check_ins
from phonelab.handset_client import ScriptFailed
from records.sealing import hashed
from tests.conversation.cast import Cast, gather
from tests.conversation.circumstances import Circumstances
from tests.conversation.company import Company, now
from tests.conversation.findings import Findings
from tests.conversation.happenings import Happenings
from tests.conversation.later import how_long, pass_time
from tests.conversation.phones import DEADLINE, Phone
from tests.conversation.transcript import Line, Transcript

MOST_ASKED = 10
"""How often a transcript may have Careline ask by word of staff."""


class Differs(AssertionError):
    """What happened is not what the transcript says; the message names the line and both."""


class Play:
    """One transcript under way. Used as `async with`; then `check` or `record`."""

    def __init__(self, company: Company, transcript: Transcript, area: str) -> None:
        self.transcript = transcript
        self.cast: Cast = gather(company.database, area, transcript.language, now())
        self.findings = Findings(company.database, self.cast)
        self.phones = {
            name: Phone(company.url, self.cast.number(name), self.cast.told, company.words_at)
            for name in transcript.phones
        }
        self._company = company
        self._given = Circumstances(company.database, self.cast, company.set_number, now)
        self._happenings = Happenings(company.database, self.cast, now)
        self._stack = AsyncExitStack()
        self._asked = 0

    async def __aenter__(self) -> Play:
        for phone in self.phones.values():
            await self._stack.enter_async_context(phone)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def check(self) -> None:
        """Play it line by line. Raises Differs where anything is said or found that is not in it."""
        lines = self.transcript.lines
        for line in lines:
            if line.way == "<":
                await self._compare(line)
            elif line.way != "=":
                await self.act(line)
        self._nothing_more()
        await self._compare_findings([line.words for line in lines if line.way == "="])

    async def act(self, line: Line) -> None:
        """Do what a line says is done: by a person, by time, by circumstances."""
        try:
            if line.way == ">":
                await self.phones[line.who].do(self.cast.meant(line.words), self.cast.number("line"))
                await self._taken_in(line)
            elif line.way == "given":
                await self._given.bring_about(line.words)
            else:
                await self._meanwhile(line)
        except (ScriptFailed, ValueError) as failed:
            raise Differs(f"{self._place(line)}\n{failed}") from None

    async def _taken_in(self, line: Line) -> None:
        """A text, or the end of a call, reaches the clinic before anything else is done."""
        if line.words.startswith("text "):
            missing = partial(self.findings.no_turn, self.phones[line.who].last_text)
        elif line.words in ("hang up", "flash"):
            missing = partial(self.findings.open_calls, hashed(self.cast.number(line.who)))
        else:
            return

        async def still() -> list[str]:
            return missing()

        if await self._until_empty(still):
            raise Differs(f"{self._place(line)}\n  and the clinic never heard of it\n{self._history()}")

    async def rest_of(self, name: str) -> list[str]:
        """What a phone has got beyond what was taken, as `<` lines, what was heard first."""
        phone = self.phones[name]
        mark = "[text] " if phone.talking else ""
        return [*phone.rest("heard"), *(f"{mark}{words}" for words in phone.rest("read"))]

    async def next_of(self, line: Line) -> str:
        """The next thing that the phone of a `<` line gets, once it comes."""
        phone = self.phones[line.who]
        by_text = line.words.startswith("[text]") or not (phone.talking or line.words.startswith("["))
        async with self._company.hurried():
            try:
                words = await phone.next_line("read" if by_text else "heard")
            except ScriptFailed as failed:
                raise Differs(f"{self._place(line)}\n{failed}") from None
        if words == "[hung up]":
            phone.talking = False
        return f"[text] {words}" if line.words.startswith("[text]") else words

    async def settle(self) -> list[str]:
        """Wait until nothing is being worked on, and return what is found then. Raises Differs."""
        async with self._company.hurried():
            moving = await self._until_empty(self._still_moving)
        if moving:
            raise Differs(f"{self.transcript.name}: still under way: {', '.join(moving)}")
        return await self.found()

    async def found(self) -> list[str]:
        """All that is found now: in the clinic's records, and on answering machines."""
        words = " ".join(line.words for line in self.transcript.lines if line.way == "given")
        kept = []
        for name, machine in (("rosa", "rosa's phone"), ("nurse", "the emergency desk")):
            if f"{machine} is answered by a machine" in words:
                heard = await self._company.kept_by_a_machine(self.cast.number(name))
                kept += [f"the machine of {machine} keeps: {self.cast.told(text)}" for text in heard]
        return self.findings.lines() + kept

    async def _still_moving(self) -> list[str]:
        nobody_talks = all(phone.is_idle for phone in self.phones.values())
        return self.findings.still_moving(now(), nobody_talks=nobody_talks)

    async def _compare(self, line: Line) -> None:
        got = await self.next_of(line)
        if got != line.words:
            raise Differs(f"{self._place(line)}\n  but it was\n    < {got}\n{self._history()}")

    def _nothing_more(self) -> None:
        for name, phone in self.phones.items():
            if more := [*phone.rest("heard"), *phone.rest("read")]:
                raise Differs(f"{self.transcript.name}: {name} got more:\n  " + "\n  ".join(more))

    async def _compare_findings(self, expected: list[str]) -> None:
        await self.settle()

        async def missing() -> list[str]:
            found = await self.found()
            return [] if found == expected else found

        async with self._company.hurried():
            found = await self._until_empty(missing)
        self._nothing_more()
        if found:
            both = [f"  = {line}" for line in expected], [f"  = {line}" for line in found]
            raise Differs("\n".join([self.transcript.name, *both[0], "  but it was", *both[1]]))

    async def _meanwhile(self, line: Line) -> None:
        words, lines = line.words, self.transcript.lines
        if span := how_long(words):
            await self.settle()
            pass_time(self._company.database, self.cast.clinic, span)
            if line is lines[-1] or lines[lines.index(line) + 1].way != "<":
                await self.settle()  # nothing is waited for: what the time has brought about is done first
        elif words == "Careline asks rosa for her check-in":
            # The second is in the question's name, and a transcript may ask twice within one real second.
            self._asked += 1
            when = now() - timedelta(seconds=MOST_ASKED - self._asked)
            check_ins.ask_now(self._company.database, hashed(self.cast.number("rosa")), when)
        elif not self._happenings.happen(words):
            raise ValueError(f"nobody knows how {words!r} comes about")

    async def _until_empty(self, still: Callable[[], Awaitable[list[str]]]) -> list[str]:
        """Look again and again until there is nothing left, or the deadline has passed."""
        deadline = monotonic() + DEADLINE
        while (left := await still()) and monotonic() < deadline:
            await asyncio.sleep(0.05)
        return left

    def _place(self, line: Line) -> str:
        return f"{self.transcript.name}, line {line.number}:\n    {self.transcript.shown(line)}"

    def _history(self) -> str:
        return "\n".join(f"--- {name}\n{phone.transcript()}" for name, phone in self.phones.items())


async def play_all(
    company: Company,
    transcripts: Iterable[Transcript],
    areas: Iterable[str],
    how: Callable[[Play], Awaitable[None]],
    at_once: int,
) -> dict[str, Exception | None]:
    """Play several, some at once. Returns what was wrong with each, by name."""
    ticking = asyncio.create_task(company.tick())
    free = asyncio.Semaphore(at_once)

    async def one(transcript: Transcript, area: str) -> Exception | None:
        async with free:
            try:
                async with Play(company, transcript, area) as play:
                    await how(play)
            except Exception as wrong:
                return wrong
        return None

    try:
        named = list(zip(transcripts, areas, strict=False))
        wrong = await asyncio.gather(*(one(transcript, area) for transcript, area in named))
        return {transcript.name: outcome for (transcript, _), outcome in zip(named, wrong, strict=True)}
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
