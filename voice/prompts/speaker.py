"""The line to the speaking process: starts it when it is first needed, ends it when it hangs or has died."""

from __future__ import annotations

import base64
import json
import select
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

COMMAND = (sys.executable, "-m", "voice.prompts.speaker_process")
DEADLINE = 20.0
"""Seconds for one part, the start of the process included."""
_ROOT = Path(__file__).resolve().parent.parent.parent


class SpeakingError(Exception):
    """A part can't be spoken; the message says why, and not what should have been said."""


class Speaker:
    """One speaking process; requests of several threads go to it strictly one after the other."""

    def __init__(self, command: Sequence[str] = COMMAND, deadline: float = DEADLINE) -> None:
        self._command = command
        self._deadline = deadline
        self._running: list[subprocess.Popen[bytes]] = []  # one at most
        self._one_at_a_time = threading.Lock()
        weakref.finalize(self, _end, self._running)  # also when the program ends

    def speak(self, words: str, voice: str) -> bytes:
        """`words` in an espeak-ng voice: 8 kHz, one channel, 16 bits. Raises SpeakingError."""
        return self._asked({"words": words, "voice": voice})

    def take_over(self, recording: Path) -> bytes:
        """A WAV that a person spoke, in the same form. Raises SpeakingError."""
        return self._asked({"recording": str(recording)})

    def close(self) -> None:
        """End the process; another request would start another."""
        _end(self._running)

    def _asked(self, request: Mapping[str, str]) -> bytes:
        with self._one_at_a_time:
            # It may have died long before this request: a fresh one gets one try.
            reply = self._exchange(request) or self._exchange(request)
        if not reply:
            raise SpeakingError("the speaking process died twice")
        if "error" in reply:
            raise SpeakingError(reply["error"])
        return base64.b64decode(reply["pcm"])

    def _exchange(self, request: Mapping[str, str]) -> dict[str, str]:
        """The reply, or nothing where the process is dead; without one in time it is ended."""
        if not self._running:
            self._running.append(self._start())
        (process,) = self._running
        assert process.stdin
        assert process.stdout
        with suppress(OSError):
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            if not select.select([process.stdout], [], [], self._deadline)[0]:
                _end(self._running)
                raise SpeakingError(f"nothing was spoken within {self._deadline:g} s")
            if line := process.stdout.readline():
                reply: dict[str, str] = json.loads(line)
                return reply
        _end(self._running)
        return {}

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                self._command,
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # pyttsx3 chats about every file
                start_new_session=True,  # Ctrl-C in the terminal is for us; it goes when we close its input
            )
        except OSError as error:
            raise SpeakingError(f"the speaking process did not start: {error}") from error


def _end(running: list[subprocess.Popen[bytes]]) -> None:
    while running:
        process = running.pop()
        process.kill()
        # Closes its pipes and waits; what was not written yet is of no use to the dead.
        with suppress(BrokenPipeError), process:
            pass
