"""A worker in a process of its own, on the same database, that is killed while it hands a message to the carrier.

Its clock stands at the moment at which it is started, and its carrier is at the other end of a pipe: a line for each
request, and no answer until somebody gives one. Nobody does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import furnish
from conversation import sending
from records import Database
from settings import Settings
from tests.conversation.clinic_day import Clock, environment

if TYPE_CHECKING:
    from tests.year.world import World

ROOT = Path(__file__).resolve().parent.parent.parent


class Pipe:
    """The carrier, as far as this worker comes to know it."""

    def send_text(self, to: str, sender: str, body: str, status_callback: str) -> str:
        return self._ask("text", to, sender, body, status_callback)

    def place_call(self, to: str, sender: str, url: str, status_callback: str, detect_machine: bool) -> str:
        return self._ask("call", to, sender, url, status_callback)

    def _ask(self, *request: str) -> str:
        print(json.dumps(request), flush=True)
        return sys.stdin.readline()


def kill_one(world: World, *, takes: bool) -> bool:
    """True where it had something to send, and died of it; the carrier has that, where it `takes` it."""
    arguments = [
        sys.executable,
        "-m",
        "tests.year.killed_worker",
        world.url,
        str(world.home),
        world.clock().isoformat(),
    ]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as worker:  # fmt: skip
        assert worker.stdout is not None
        line = worker.stdout.readline()
        if line and takes:
            _take(world, json.loads(line))
        os.killpg(worker.pid, signal.SIGKILL)
    return bool(line)


def _take(world: World, request: list[str]) -> None:
    channel, to, sender, what, callback = request
    try:
        if channel == "text":
            world.company.send_text(to, sender, what, callback)
        else:
            world.company.place_call(to, sender, what, callback, True)
    except Exception as refusal:  # whatever the carrier said, nobody was there to hear it
        world.truth.counted[f"said to the dead: {type(refusal).__name__}"] += 1


def main(url: str, home: str, moment: str) -> None:
    settings = replace(Settings.from_environ(environment(Path(home))), database_url=url)
    clock = Clock(datetime.fromisoformat(moment))
    carrier: Any = Pipe()
    house = replace(furnish(settings), database=Database(url), carrier=carrier, now=clock)
    sending.send_due(house, "sending", clock.pause)


if __name__ == "__main__":
    main(*sys.argv[1:])
