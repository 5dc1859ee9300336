"""`make run`: prepares the database, starts every process on 127.0.0.1, says where they are, stops them all.

deploy/install.py has filled the virtual environment before this runs in it.
"""

import asyncio
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

from deploy.machine import DATA_BYTES, MachineError, check_folder, check_ports, check_space
from deploy.preparing import prepare
from deploy.processes import Process, processes, uses_phonelab
from deploy.supervisor import GaveUp, Supervisor
from settings import Settings, SettingsError
from variables import Variables

READY_SECONDS = 60.0
MOVE_HOME = "Set CARELINE_HOME to a folder of your own: CARELINE_HOME=~/careline make run"


def main() -> int:
    """The exit code: 0 after Ctrl-C or SIGTERM, 1 when Careline could not run."""
    os.umask(0o077)  # what is kept about people is for this account alone
    try:
        settings = Settings.from_environ(os.environ)
        phonelab_port = Variables(os.environ).port("PHONELAB_PORT", 8001)
        started = processes(settings, phonelab_port)
        print("[2/4] checking this machine", flush=True)
        check_folder(settings.home, MOVE_HOME)
        check_space(settings.home, DATA_BYTES, "The clinic's data")
        ports = {"CARELINE_PORT": settings.port}
        if uses_phonelab(settings, phonelab_port):
            ports["PHONELAB_PORT"] = phonelab_port
        check_ports(ports)
        settings.ensure_folders()
        print(f"[3/4] preparing the database in {settings.home}", flush=True)
        login = prepare(settings)
        return asyncio.run(serve(started, _addresses(settings, started, login)))
    except (SettingsError, MachineError, GaveUp) as trouble:
        print(f"\nCareline can't run: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


async def serve(started: Sequence[Process], welcome: str) -> int:
    """Run until SIGINT or SIGTERM. Raises GaveUp when a process can't be kept running.

    `welcome` is printed once all answer that are to answer.
    """
    print("[4/4] starting", flush=True)
    supervisor = Supervisor(started, dict(os.environ), sys.stdout)

    def stop() -> None:
        print("\nStopping; this takes some seconds. Ctrl-C again to stop at once.", flush=True)
        supervisor.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    running = asyncio.create_task(supervisor.run())
    enough = threading.Event()
    ready = asyncio.create_task(asyncio.to_thread(_wait_until_ready, started, enough))
    await asyncio.wait([running, ready], return_when=asyncio.FIRST_COMPLETED)
    enough.set()
    if not running.done():
        missing = ", ".join(ready.result())
        print(f"\nStill not answering: {missing}. See above.\n" if missing else welcome, flush=True)
        supervisor.let_others_follow()
    await running
    print("\nCareline has stopped.", flush=True)
    return 0


def _wait_until_ready(started: Sequence[Process], enough: threading.Event) -> list[str]:
    """Names of the processes that do not answer after READY_SECONDS, or once that is `enough`."""
    deadline = time.monotonic() + READY_SECONDS
    waiting = {process.name: process.ready for process in started if process.ready}
    while waiting and time.monotonic() < deadline and not enough.wait(0.05):
        waiting = {name: address for name, address in waiting.items() if not _answers(address)}
    return list(waiting)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as reply:  # noqa: S310 (http, from us)
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _addresses(settings: Settings, started: Sequence[Process], login: str) -> str:
    lines = [f"  Handset:        {process.ready}" for process in started if process.name == "phonelab"]
    lines.append(f"  Staff console:  http://127.0.0.1:{settings.port}/clinic/")
    lines += [f"  {line}" for line in login.splitlines()[1:]]
    return "\n".join(["", "Careline is running. Ctrl-C stops it.", "", *lines, ""])


if __name__ == "__main__":
    sys.exit(main())
