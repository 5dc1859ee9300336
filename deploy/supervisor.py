"""Keeps processes running until told to stop, and shows what they print beside their names."""

import asyncio
import contextlib
import ctypes
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from deploy.processes import Process

STOP_SECONDS = 10.0
"""From SIGTERM to SIGKILL: longer than a request or a tick takes."""
STEADY_SECONDS = 20.0
"""A process that lived this long was well."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
EARLY_ENDS = 3
"""Exits of its own in a row before it ever was steady: starting it again would not help."""
PR_SET_PDEATHSIG = 1


class GaveUp(Exception):
    """A process can't be kept running; the message names it."""


@dataclass
class _History:
    """How often a process ended early, to tell one that can't start from one that was killed."""

    was_steady: bool = False
    early_ends: int = 0

    def pause_after(self, code: int, lived: float) -> float | None:
        """Seconds until it is started again; None where that would not help. `code` < 0: by a signal."""
        if lived >= STEADY_SECONDS:
            self.was_steady, self.early_ends = True, 0
            return FIRST_PAUSE
        self.early_ends += 1
        if self.early_ends >= EARLY_ENDS and code >= 0 and not self.was_steady:
            return None
        return min(FIRST_PAUSE * 2.0 ** (self.early_ends - 1), LONGEST_PAUSE)


@dataclass
class Supervisor:
    """Runs processes in `environment`. They stop together: on `stop`, or when one can't be kept running."""

    processes: Sequence[Process]
    environment: Mapping[str, str]
    out: TextIO
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    _serving: asyncio.Event = field(default_factory=asyncio.Event)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    def let_others_follow(self) -> None:
        """Start the processes that follow those that serve."""
        self._serving.set()

    def stop(self) -> None:
        """Ask all to end; `run` returns when they have. Asked again, end them at once."""
        if self._stopping.is_set():
            for child in self._running.values():
                _signal_group(child.pid, signal.SIGKILL)
        self._stopping.set()

    async def run(self) -> None:
        """Start all, restart what ends, return after `stop`. Raises GaveUp, with everything stopped."""
        keepers = [asyncio.create_task(self._keep(process)) for process in self.processes]
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            done, _ = await asyncio.wait([stopped, *keepers], return_when=asyncio.FIRST_COMPLETED)
            self._stopping.set()
            for keeper in done - {stopped}:
                keeper.result()  # raises what made it give up
        finally:
            await self._end_all(keepers)
            stopped.cancel()

    async def _keep(self, process: Process) -> None:
        loop = asyncio.get_running_loop()
        history = _History()
        if process.follows:
            await self._serving.wait()
        while not self._stopping.is_set():
            started = loop.time()
            code = await self._run_once(process)
            if self._stopping.is_set():
                return
            seconds = history.pause_after(code, loop.time() - started)
            if seconds is None:
                raise GaveUp(
                    f"{process.name} ended {EARLY_ENDS} times in a row; what it printed stands above."
                )
            self._tell(process.name, f"ended ({_how(code)}); starts again in {seconds:g} s")
            await self.pause(seconds)

    async def _run_once(self, process: Process) -> int:
        reading, writing = os.pipe()  # of our own: with asyncio's, wait() outlasts grandchildren that hold it
        try:
            child = await asyncio.create_subprocess_exec(
                *process.command,
                env={**self.environment, "PYTHONUNBUFFERED": "1", **process.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,  # Ctrl-C in a terminal reaches us alone: we end them in order
                preexec_fn=_end_with_parent,
            )
        finally:
            os.close(writing)
        self._running[process.name] = child
        self._tell(process.name, f"started (process {child.pid})")
        telling = asyncio.create_task(self._pass_on(process.name, reading))
        try:
            return await child.wait()
        finally:
            _signal_group(child.pid, signal.SIGKILL)  # what it may have left behind
            self._running.pop(process.name)
            await telling

    async def _pass_on(self, name: str, reading: int) -> None:
        reader = asyncio.StreamReader()
        with os.fdopen(reading, "rb") as pipe:
            transport, _ = await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), pipe
            )
            rest = b""
            while chunk := await reader.read(65536):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._tell(name, line.decode(errors="replace").rstrip())
            if rest:
                self._tell(name, rest.decode(errors="replace"))
            transport.close()

    async def _end_all(self, keepers: Sequence["asyncio.Task[None]"]) -> None:
        for process, keeper in zip(self.processes, keepers, strict=True):
            if child := self._running.get(process.name):
                _signal_group(child.pid, signal.SIGTERM)
            else:
                keeper.cancel()  # it has not started, or pauses before a restart
        _, late = await asyncio.wait(keepers, timeout=STOP_SECONDS)
        for child in self._running.values():
            _signal_group(child.pid, signal.SIGKILL)
        for keeper in late:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)

    def _tell(self, name: str, line: str) -> None:
        if not line:
            return
        width = max(len(process.name) for process in self.processes)
        print(f"{name:<{width}} | {line}", file=self.out, flush=True)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _end_with_parent() -> None:
    """In the child: if the supervisor is killed, its children get SIGTERM rather than keep the ports."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
