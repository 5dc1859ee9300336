"""Writing transcripts down: what people do is kept, what they get and what is found is written anew."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import monotonic

from tests.conversation.phones import DEADLINE
from tests.conversation.playing import Play
from tests.conversation.transcript import Line, Transcript

QUIET_SECONDS = 0.4
"""How long nothing more comes before what somebody got is taken to be whole."""
ALWAYS_WAITED_FOR = ("[ringing]", "[text]")


async def record(play: Play) -> None:
    """Play a transcript by its `>`, `given` and `~` lines, and write the file with what came of them.

    A `<` line is kept as a wait where it is something that Careline began: `[ringing]`, and a text that
    is no reply (in a new transcript, `[text] ?`).
    """
    shown: list[str] = []
    for line, begun_by_us in _with_waits(play.transcript):
        if line.way == "<":
            if begun_by_us:
                words = (await play.next_of(line)).removeprefix("[text] ")
                mark = "[text] " if line.words.startswith("[text]") and play.phones[line.who].talking else ""
                shown.append(_line(play, line.who, mark + words))
        elif line.way != "=":
            shown.append(("\n" if line.way == "~" else "") + play.transcript.shown(line))
            await play.act(line)
            shown += await _got(play, line)
    findings = await play.settle()
    for name in play.phones:
        shown += [_line(play, name, words) for words in await play.rest_of(name)]
    parts = [
        play.transcript.head.rstrip(),
        "\n".join(shown).strip(),
        "\n".join(f"= {one}" for one in findings),
    ]
    play.transcript.path.write_text("\n\n".join(parts) + "\n", "utf-8")
    print(f"{play.transcript.name}: written", flush=True)


def _with_waits(transcript: Transcript) -> Iterator[tuple[Line, bool]]:
    """Each line, and whether a `<` line is one that Careline began, by what stands before it."""
    talking: set[str] = set()
    acted = Line(0, "", "")
    for line in transcript.lines:
        if line.way == "<":
            replies = acted.words.startswith("text ") and acted.who == line.who
            begun = line.words.startswith("[ringing]") or not (
                replies or line.who in talking or line.words.startswith("[")
            )
            yield line, begun or (line.words.startswith("[text]") and not replies)
            if line.words == "[hung up]":
                talking.discard(line.who)
            continue
        yield line, False
        if line.way in (">", "~"):
            acted = line
        if line.words in ("call", "answer"):
            talking.add(line.who)
        elif line.words == "hang up":
            talking.discard(line.who)


async def _got(play: Play, line: Line) -> list[str]:
    """What everybody got of a `>` line, whoever acted first; what rings is left to be waited for."""
    if line.way != ">":
        return []
    await _quiet(play)
    shown = []
    for name in sorted(play.phones, key=lambda name: name != line.who):
        phone = play.phones[name]
        texts = phone.rest("read") if name == line.who and line.words.startswith("text ") else []
        for words in [*phone.rest("heard", but="[ringing]"), *texts]:
            shown.append(_line(play, name, words))
            if words == "[hung up]":
                phone.talking = False
    return shown


def _line(play: Play, who: str, words: str) -> str:
    return play.transcript.shown(Line(0, "<", words, who))


async def _quiet(play: Play) -> None:
    """Until every call listens or is over, and has been so for a while."""
    deadline = monotonic() + DEADLINE
    since = monotonic()
    while monotonic() < min(since + QUIET_SECONDS, deadline):
        await asyncio.sleep(0.05)
        if not _all_wait(play):
            since = monotonic()


def _all_wait(play: Play) -> bool:
    """A call that is being connected to somebody in the transcript waits for what she does."""
    phones = play.phones.values()
    waits = [phone.is_idle or phone.is_ringing or phone.waits_for_us for phone in phones]
    rings = any(phone.is_ringing for phone in phones)
    connecting = sum(not phone.is_idle for phone in phones) > 1
    return all(waits) or ((rings or connecting) and any(waits))
