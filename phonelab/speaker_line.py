"""The line to the speaking process: starts it, ends it when it hangs, starts it again when it has died."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path

COMMAND = (sys.executable, "-m", "phonelab.speaker_process")


class SpeakingError(Exception):
    """A prompt could not be spoken; the message says why."""


class SpeakerLine:
    """One speaking process and the requests to it, strictly one after the other."""

    def __init__(self, *, deadline: float, command: tuple[str, ...] = COMMAND) -> None:
        """`deadline` is in seconds, for one prompt, the start of the process included."""
        self._deadline = deadline
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._one_at_a_time = asyncio.Lock()

    async def speak(self, text: str, voice: str, path: Path) -> None:
        """Have `text` spoken by an espeak-ng voice into the WAV file `path`. Raises SpeakingError."""
        request = json.dumps({"text": text, "voice": voice, "path": str(path)}).encode() + b"\n"
        async with self._one_at_a_time:
            try:
                await self._ask(request)
            except EOFError:  # it may have died long before this prompt: a fresh one gets one try
                try:
                    await self._ask(request)
                except EOFError:
                    raise SpeakingError("the speaking process died twice on this prompt") from None

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()

    async def _ask(self, request: bytes) -> None:
        """One request and its reply; EOFError if the process died. Without a reply, the process is ended."""
        answered = False
        try:
            async with asyncio.timeout(self._deadline):
                reply = json.loads(await self._exchange(request))
            answered = True
        except TimeoutError:
            raise SpeakingError(f"the prompt was not spoken within {self._deadline:g} s") from None
        except ValueError as error:
            raise SpeakingError(f"the speaking process answered nonsense: {error}") from error
        finally:
            if not answered:  # its late reply would be taken for the next one's
                await self.close()
        if "error" in reply:
            raise SpeakingError(reply["error"])

    async def _exchange(self, request: bytes) -> bytes:
        if self._process is None or self._process.returncode is not None:
            self._process = await self._start()
        assert self._process.stdin
        assert self._process.stdout
        reply = b""
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(request)
            await self._process.stdin.drain()
            reply = await self._process.stdout.readline()
        if not reply:
            raise EOFError
        return reply

    async def _start(self) -> asyncio.subprocess.Process:
        root = str(Path(__file__).resolve().parent.parent)  # wherever we were started from
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        try:
            return await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,  # pyttsx3 chats about every file
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,  # Ctrl-C in the terminal is for us; it goes when we close its input
            )
        except OSError as error:
            raise SpeakingError(f"the speaking process did not start: {error}") from error
