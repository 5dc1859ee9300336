"""A call in Haitian Creole from beginning to end, with all processes: she chooses it, and hears nothing else."""

from __future__ import annotations

import asyncio
import io
import wave
from pathlib import Path

import numpy as np
from aiohttp import ClientSession

from tests.conversation.cast import area_codes, gather
from tests.conversation.company import Company, now
from tests.conversation.phones import Phone
from tests.conversation.stage import SPEED, staged
from tests.installation import Installation

KREYOL = "Pou kreyòl ayisyen, peze 3."
READ_BACK = "Mwen konprann 128 sou 82. Se sa?"


def test_a_reading_is_given_and_confirmed_in_haitian_creole(tmp_path: Path) -> None:
    with staged(tmp_path, SPEED) as made:
        played = asyncio.run(_a_call(made))
        assert "Traceback" not in "".join(made.printed(name) for name in made.running)
    assert len(played) > 15
    for sound in played:
        with wave.open(io.BytesIO(sound)) as heard:
            assert (heard.getframerate(), heard.getnchannels(), heard.getsampwidth()) == (8000, 1, 2)
            samples = np.frombuffer(heard.readframes(heard.getnframes()), np.int16)
        assert np.abs(samples).max() > 3000, "something is heard"


async def _a_call(made: Installation) -> list[bytes]:
    """Rosa calls; returns the sounds that she heard after she had chosen her language."""
    company = Company(made)
    cast = gather(company.database, next(area_codes()), "ht", now())
    async with Phone(company.url, cast.number("rosa"), cast.told, company.words_at) as rosa:
        await rosa.do("call", cast.number("line"))
        await _hears(rosa, KREYOL)
        await rosa.do("keys 3", "")
        for keys, then in (
            ("1", "Kijan nou ka ede ou?"),
            ("03021994", "dat nesans"),
            ("128*82#", "tansyon ou"),
            ("1", READ_BACK),
            ("2", "Ou gen youn nan sa yo?"),
            ("", "Nou note tansyon ou"),
        ):
            await _hears(rosa, then)
            if keys:
                await rosa.do(f"keys {keys}", "")
        chosen = next(place for place, event in enumerate(rosa.events) if event["event"] == "gathered")
        after = rosa.events[chosen:]
        assert [event["text"] for event in after if event["event"] == "saying"] == []
        async with ClientSession(company.url) as phonelab:
            return [
                await (await phonelab.get(event["audio"])).read()
                for event in after
                if event["event"] == "playing"
            ]


async def _hears(phone: Phone, words: str) -> None:
    while words not in (heard := await phone.next_line("heard")):
        assert not heard.startswith("["), heard
    await phone.until(lambda: phone.waits_for_us or phone.is_idle, f"the question after {words!r}")
