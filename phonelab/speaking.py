"""Prompts as heard on a phone: text in, an 8 kHz 16-bit mono WAV out.

Keeps what was spoken in a folder, and lets requests for the same prompt share one piece of work.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import tempfile
import uuid
from pathlib import Path

from .speaker_line import SpeakerLine, SpeakingError
from .voices import voice_for

__all__ = ["Speaker", "SpeakingError", "close", "configure", "speak"]

DEADLINE = 20.0  # seconds for one prompt; the longest that TwiML allows (4,096 characters) takes under 2
CACHE_BYTES = 64_000_000  # a little over an hour of speech


class Speaker:
    """Speaks prompts into a folder. It belongs to the event loop that first uses it; `close` it there."""

    def __init__(
        self, folder: Path, *, line: SpeakerLine | None = None, cache_bytes: int = CACHE_BYTES
    ) -> None:
        self.folder = folder
        self._line = line or SpeakerLine(deadline=DEADLINE)
        self._cache_bytes = cache_bytes
        self._under_way: dict[Path, asyncio.Task[Path]] = {}

    async def speak(self, text: str, language: str, voice: str | None = None) -> Path:
        """The WAV of `text` spoken in `language` (a tag such as "es-MX"). Raises SpeakingError."""
        said = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        if not said:
            raise SpeakingError("there is nothing to say: the text is empty")
        speaks = voice_for(language, voice)
        name = hashlib.sha256(json.dumps([said, speaks]).encode()).hexdigest()
        kept = self.folder / f"{name}.wav"
        if kept.exists():
            os.utime(kept)  # what was used longest ago goes first
            return kept
        task = self._under_way.get(kept)
        if task is None:
            task = asyncio.create_task(self._make(said, speaks, kept))
            self._under_way[kept] = task
            task.add_done_callback(lambda done: self._forget(kept, done))
        return await asyncio.shield(task)  # one caller who hangs up must not silence the others

    async def close(self) -> None:
        """End the process and the work under way."""
        under_way = list(self._under_way.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self._line.close()

    def _forget(self, kept: Path, done: asyncio.Task[Path]) -> None:
        self._under_way.pop(kept, None)
        if not done.cancelled():
            done.exception()  # looked at here: the callers may all have hung up

    async def _make(self, text: str, voice: str, kept: Path) -> Path:
        draft = kept.with_name(f".{kept.stem}.{uuid.uuid4().hex}.draft")
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            await self._line.speak(text, voice, draft)
            draft.replace(kept)  # whole or not at all
        except OSError as error:
            raise SpeakingError(f"the prompt could not be stored: {error}") from error
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()
        self._make_room(kept)
        return kept

    def _make_room(self, just_made: Path) -> None:
        """Drop what was used longest ago until the folder is within bounds; never the newest prompt."""
        prompts = sorted(
            (facts.st_mtime_ns, facts.st_size, wav)
            for wav in self.folder.glob("*.wav")
            for facts in [wav.stat()]
        )
        over = sum(size for _, size, _ in prompts) - self._cache_bytes
        for _, size, wav in prompts:
            if over <= 0:
                return
            if wav != just_made:
                wav.unlink(missing_ok=True)
                over -= size


_folder: Path | None = None
_temporary: tempfile.TemporaryDirectory[str] | None = None  # where nobody says where; goes with the program
_speaker: tuple[asyncio.AbstractEventLoop, Speaker] | None = None


def configure(folder: Path) -> None:
    """Where spoken prompts are kept from now on; until it is called, a temporary folder."""
    global _folder
    _folder = folder
    if _speaker is not None:
        _speaker[1].folder = folder


async def speak(text: str, language: str, voice: str | None = None) -> Path:
    """The WAV (8 kHz, 16-bit, mono) of `text` spoken in `language`. Raises SpeakingError."""
    return await _current().speak(text, language, voice)


async def close() -> None:
    """End the speaking process, when the program or its event loop ends."""
    global _folder, _speaker, _temporary
    speaker, _speaker = _speaker, None
    if speaker is not None and speaker[0] is asyncio.get_running_loop():
        await speaker[1].close()
    if _temporary is not None:
        _temporary.cleanup()
        if _folder == Path(_temporary.name):
            _folder = None
        _temporary = None


def _current() -> Speaker:
    """The speaker of the running event loop: pipes and locks can't be carried from one loop to another."""
    global _folder, _speaker, _temporary
    loop = asyncio.get_running_loop()
    if _speaker is None or _speaker[0] is not loop:
        if _folder is None:
            _temporary = _temporary or tempfile.TemporaryDirectory(prefix="phonelab-speech-")
            _folder = Path(_temporary.name)
        _speaker = (loop, Speaker(_folder))
    return _speaker[1]
