"""Processes are kept running, heard, and ended together. The processes here are real ones."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from deploy.processes import Process
from deploy.supervisor import (
    EARLY_ENDS,
    FIRST_PAUSE,
    STEADY_SECONDS,
    STOP_SECONDS,
    GaveUp,
    Supervisor,
    _History,
)

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 20.0
WAITS = "import signal; print('up', flush=True); signal.pause()"
LEAVES = "print('no such table', flush=True); raise SystemExit(3)"
STUBBORN_CHILD = """
import os, signal
child = os.fork()
if child == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("grandchild", os.getpid(), flush=True)
    while True:
        signal.pause()
signal.pause()
"""


def python(name: str, program: str) -> Process:
    return Process(name, [sys.executable, "-c", program])


async def at_once(seconds: float) -> None:
    """The pause before a restart, without waiting."""


def supervise(*processes: Process) -> tuple[Supervisor, io.StringIO]:
    out = io.StringIO()
    return Supervisor(processes, dict(os.environ), out, pause=at_once), out


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)


def run(supervisor: Supervisor, meanwhile: Callable[[], Coroutine[None, None, None]]) -> None:
    async def both() -> None:
        running = asyncio.create_task(supervisor.run())
        try:
            await meanwhile()
        finally:
            supervisor.stop()
            await asyncio.wait_for(running, DEADLINE)

    asyncio.run(both())


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_what_processes_print_stands_beside_their_names() -> None:
    supervisor, out = supervise(python("web", WAITS), python("alerts", WAITS))

    async def both_are_up() -> None:
        await until(lambda: out.getvalue().count("| up\n") == 2)

    run(supervisor, both_are_up)
    assert "web    | up\n" in out.getvalue()
    assert "alerts | up\n" in out.getvalue()
    assert out.getvalue().count("started (process ") == 2


def test_those_that_follow_wait_for_those_that_serve() -> None:
    follower = Process("alerts", [sys.executable, "-c", WAITS], follows=True)
    supervisor, out = supervise(python("web", WAITS), follower)

    async def first_one_then_both() -> None:
        await until(lambda: "web    | up\n" in out.getvalue())
        assert "alerts" not in out.getvalue()
        supervisor.let_others_follow()
        await until(lambda: "alerts | up\n" in out.getvalue())

    run(supervisor, first_one_then_both)


def test_one_that_never_got_to_follow_does_not_hold_up_the_end() -> None:
    supervisor, out = supervise(Process("alerts", [sys.executable, "-c", WAITS], follows=True))
    run(supervisor, lambda: asyncio.sleep(0))
    assert out.getvalue() == ""


def test_a_last_line_without_its_end_is_not_lost() -> None:
    supervisor, out = supervise(python("web", "import signal; print('half', end='', flush=True)"))
    with pytest.raises(GaveUp):
        asyncio.run(asyncio.wait_for(supervisor.run(), DEADLINE))
    assert out.getvalue().count("half\n") == EARLY_ENDS


def test_a_process_that_is_killed_is_started_again() -> None:
    supervisor, out = supervise(python("alerts", WAITS))

    async def kill_it_often() -> None:
        for times in range(1, EARLY_ENDS + 3):
            await until(lambda: out.getvalue().count("| up\n") == times)  # noqa: B023 (awaited at once)
            os.kill(int(out.getvalue().rpartition("(process ")[2].partition(")")[0]), signal.SIGKILL)
        await until(lambda: out.getvalue().count("| up\n") == EARLY_ENDS + 3)

    run(supervisor, kill_it_often)
    assert "alerts | ended (SIGKILL); starts again in 0.5 s" in out.getvalue()


def test_a_process_that_cannot_start_stops_the_others() -> None:
    supervisor, out = supervise(python("web", LEAVES), python("alerts", WAITS))
    with pytest.raises(GaveUp, match="web ended 3 times in a row"):
        asyncio.run(asyncio.wait_for(supervisor.run(), DEADLINE))
    assert out.getvalue().count("web    | no such table\n") == EARLY_ENDS
    alerts = int(out.getvalue().partition("alerts | started (process ")[2].partition(")")[0])
    assert not is_alive(alerts)


def test_a_pause_before_a_restart_does_not_hold_up_the_end() -> None:
    async def for_ever(seconds: float) -> None:
        await asyncio.Event().wait()

    supervisor, out = supervise(python("web", LEAVES))
    supervisor.pause = for_ever
    began = time.monotonic()
    run(supervisor, lambda: until(lambda: "starts again" in out.getvalue()))
    assert time.monotonic() - began < STOP_SECONDS / 2


def test_asked_twice_it_ends_what_will_not_end() -> None:
    stubborn = "import signal as s; s.signal(15, s.SIG_IGN); print('up', flush=True)\nwhile 1: s.pause()"
    supervisor, out = supervise(python("web", stubborn))
    began = time.monotonic()

    async def ask_twice() -> None:
        await until(lambda: "| up\n" in out.getvalue())
        supervisor.stop()
        await asyncio.sleep(0)
        supervisor.stop()

    run(supervisor, ask_twice)
    assert time.monotonic() - began < STOP_SECONDS / 2


def test_what_a_process_started_ends_with_it() -> None:
    supervisor, out = supervise(python("web", STUBBORN_CHILD))

    async def the_grandchild_is_up() -> None:
        await until(lambda: "grandchild" in out.getvalue())

    run(supervisor, the_grandchild_is_up)
    grandchild = int(out.getvalue().rpartition("grandchild ")[2].split()[0])
    deadline = time.monotonic() + DEADLINE
    while is_alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(grandchild)


def test_the_processes_end_when_the_supervisor_is_killed() -> None:
    program = f"""
import asyncio, os, sys
from deploy.processes import Process
from deploy.supervisor import Supervisor
process = Process("web", [sys.executable, "-c", {WAITS!r}])
asyncio.run(Supervisor([process], dict(os.environ), sys.stdout).run())
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline().rpartition("(process ")[2].partition(")")[0])
        assert supervisor.stdout.readline() == "web | up\n"
        supervisor.kill()
    deadline = time.monotonic() + DEADLINE
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(pid)


def test_pauses_grow_and_start_anew_after_a_steady_while() -> None:
    history = _History()
    assert [history.pause_after(-9, 0.1) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert history.pause_after(1, STEADY_SECONDS) == FIRST_PAUSE
    assert [history.pause_after(1, 0.1) for _ in range(4)] == [0.5, 1, 2, 4], "it has run well before"
