"""A whole Careline on this machine for tests: the processes of `make run`, with a home and ports of their own.

Beside phonelab, the web application and the workers nothing of it is ours: what a test sees is what runs.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from sqlalchemy.engine import make_url

from deploy.processes import Process, processes
from records import Database, sealing
from records.migrating import upgrade
from settings import Settings
from tests import prepared_prompts
from tests.databases import PostgresqlDatabases
from tests.servers import Addresses, free_ports

REPOSITORY = Path(__file__).resolve().parent.parent
READY_SECONDS = 60.0
STOP_SECONDS = 10.0


@dataclass
class Installation:
    """Running processes by name, and the ways in: the database, and phonelab's address."""

    settings: Settings
    database: Database
    phonelab_url: str
    environment: Mapping[str, str]
    started: Sequence[Process]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start one process; what it prints goes to `<home>/<name>.log`."""
        process = next(one for one in self.started if one.name == name)
        with (self.settings.home / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                process.command,
                cwd=REPOSITORY,
                env={**self.environment, **process.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        for process in self.started:
            while process.ready and not _answers(process.ready):
                if self.running[process.name].poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{process.name} does not answer:\n{self.printed(process.name)}")
                time.sleep(0.05)

    def revive(self) -> None:
        """Start again what has ended, as the supervisor of `make run` does."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.start(name)

    def printed(self, name: str) -> str:
        """What a process has printed: nothing, as long as all is well."""
        return (self.settings.home / f"{name}.log").read_text(errors="replace")

    def stop(self) -> None:
        for process in self.running.values():
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(process, signal.SIGKILL)
                process.wait()
        self.database.close()


def grown(addresses: Addresses, broker: int) -> dict[str, str]:
    """What a clinic sets that has grown: PostgreSQL and Redis, each reached as on another machine, with a password.

    `broker` is the number of Redis' database, this installation's own.
    """
    name = str(make_url(PostgresqlDatabases(addresses).empty()).database)
    return {
        "CARELINE_DATABASE_URL": addresses.database(name, over_network=True),
        "CARELINE_BROKER_URL": addresses.redis(broker),
    }


@contextmanager
def installed(
    home: Path,
    lines: Sequence[str],
    environment: Mapping[str, str] | None = None,
    instead: Mapping[str, str] | None = None,
    twice: bool = False,
) -> Iterator[Installation]:
    """An installation for the length of a block, with nobody in its database.

    `lines` are the clinics' numbers that phonelab knows. `environment` is added to what the processes
    get. `instead` replaces parts of their command lines, such as the application that is served, by the
    part alone or by it and the option before it (`--app worker`). With `twice`, two of each of our own
    processes run, as on two machines: the carrier calls the first web, `web2` waits for whoever asks it.
    """
    web, phonelab, stream = free_ports(3)
    variables = {name: value for name, value in os.environ.items() if not _is_ours(name)}
    variables |= {
        "CARELINE_HOME": str(home),
        "CARELINE_PORT": str(web),
        "CARELINE_STREAM_PORT": str(stream),
        "PHONELAB_PORT": str(phonelab),
        "PYTHONUNBUFFERED": "1",
        **(environment or {}),
    }
    settings = Settings.from_environ(variables)
    settings.ensure_folders()
    prepared_prompts.share(home)
    sealing.use(*settings.data_keys)
    database = Database(settings.database_url)
    upgrade(database)
    started = [_changed(one, settings, lines, instead or {}) for one in processes(settings, phonelab)]
    started += _others(started) if twice else []
    made = Installation(settings, database, f"http://127.0.0.1:{phonelab}", variables, started)
    try:
        for process in started:
            made.start(process.name)
        made.wait_until_ready()
        yield made
    finally:
        made.stop()


def _changed(
    process: Process, settings: Settings, lines: Sequence[str], instead: Mapping[str, str]
) -> Process:
    pairs = zip(["", *process.command], process.command, strict=False)
    command = [instead.get(f"{option} {part}", instead.get(part, part)) for option, part in pairs]
    environment = dict(process.environment)
    if process.name == "phonelab":
        here = settings.public_url
        numbers = [
            {
                "number": line,
                "voice_url": f"{here}/voice/answer#rc=2&rp=all",
                "sms_url": f"{here}/sms/receive#rc=2&rp=all",
                "status_callback": f"{here}/voice/status",
            }
            for line in lines
        ]
        environment["PHONELAB_NUMBERS"] = json.dumps(numbers)
    return replace(process, command=command, environment=environment)


def _others(started: Sequence[Process]) -> list[Process]:
    """A second one of each process but phonelab, with a port, a name and a beat of its own."""
    second = []
    for process in started:
        if process.name == "phonelab":
            continue
        named = [part.replace("@%h", "2@%h") for part in process.command]
        pairs = zip(["", *named], named, strict=False)
        command = [f"{part}2" if option == "--schedule" else part for option, part in pairs]
        ready = process.ready
        if ready:
            old, [port] = str(urlsplit(ready).port), free_ports(1)
            command = [str(port) if part == old else part for part in command]
            ready = ready.replace(f":{old}", f":{port}")
        second.append(replace(process, name=f"{process.name}2", command=command, ready=ready))
    return second


def _is_ours(name: str) -> bool:
    """A variable that would make this installation another one's twin."""
    return name.startswith(("CARELINE_", "PHONELAB_", "TWILIO_"))


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=2) as reply:
            return bool(reply.status == 200)
    except (URLError, OSError):
        return False


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    if process.poll() is None:
        os.killpg(process.pid, number)
