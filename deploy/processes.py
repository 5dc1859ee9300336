"""The processes of a running Careline: what each is called, how it is started, what it is told."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from settings import DEMO_TOKEN, Settings

CLINIC_LINE = "+16175550100"
"""The demo clinic's number at phonelab."""

QUEUES = ("alerts", "sending", "speech")
"""A worker process each, so that a long transcription never holds up an alert."""

QUIET = "ignore:You're running the worker with superuser privileges"
"""Many try Careline as root in a container; the installed service has an account of its own."""


@dataclass(frozen=True)
class Process:
    """One process. `ready` is an address that answers 200 once it serves; empty where it serves nothing.

    One that `follows` starts when those that serve do, so that they have the machine to themselves first.
    """

    name: str
    command: Sequence[str]
    ready: str = ""
    follows: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def processes(settings: Settings, phonelab_port: int) -> list[Process]:
    """All that `make run` starts; without phonelab where another carrier is set."""
    started = [web(settings), *workers(settings)]
    return (
        [phonelab(settings, phonelab_port), *started] if uses_phonelab(settings, phonelab_port) else started
    )


def uses_phonelab(settings: Settings, port: int) -> bool:
    """Whether the carrier is the phonelab that we start, rather than a real one or one started by hand."""
    return settings.carrier_url in (f"http://127.0.0.1:{port}", f"http://localhost:{port}")


def web(settings: Settings) -> Process:
    """The web application, in one process."""
    command = [_beside_python("granian"), "--interface", "wsgi", "--factory", "app:create_app"]
    command += ["--host", "127.0.0.1", "--port", str(settings.port), "--workers", "1"]
    command += [
        "--blocking-threads",
        str(web_threads(settings.database_url)),
        "--no-ws",
        "--log-level",
        "warning",
    ]
    command += ["--respawn-failed-workers", "--workers-kill-timeout", "10s"]
    return Process("web", command, ready=f"http://127.0.0.1:{settings.port}/readyz")


def web_threads(database_url: str) -> int:
    """One on SQLite, where a second one only gets in its way; on PostgreSQL some can wait for it beside each other."""
    return 1 if database_url.startswith("sqlite") else 4


def workers(settings: Settings) -> list[Process]:
    """A worker for each queue. The first has the beat with it; others may have one too."""
    return [worker(queue, settings.home, beat=queue == QUEUES[0]) for queue in QUEUES]


def worker(queue: str, home: Path, *, beat: bool) -> Process:
    """One task at a time in the worker's own process: tasks are short, and parallel work is more workers."""
    command = [sys.executable, "-m", "celery", "--app", "worker", "--quiet", "worker", "--queues", queue]
    command += ["--pool", "solo", "--hostname", f"{queue}@%h", "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    if beat:
        command += ["--beat", "--schedule", str(home / "beat")]
    return Process(queue, command, follows=True, environment={"PYTHONWARNINGS": QUIET})


def phonelab(settings: Settings, port: int) -> Process:
    """The telephone company on the desk, with the clinic's line calling us as a carrier would."""
    here = settings.public_url
    line = {
        "number": CLINIC_LINE,
        "voice_url": f"{here}/voice/answer#rc=2&rp=all",
        "sms_url": f"{here}/sms/receive#rc=2&rp=all",
        "status_callback": f"{here}/voice/status",
    }
    environment = {
        "PHONELAB_PORT": str(port),
        "PHONELAB_NUMBERS": json.dumps([line]),
        "TWILIO_ACCOUNT_SID": settings.account_sid,
        "TWILIO_AUTH_TOKEN": ",".join(settings.auth_tokens) or DEMO_TOKEN,
    }
    address = f"http://127.0.0.1:{port}/"
    return Process("phonelab", [sys.executable, "-m", "phonelab"], ready=address, environment=environment)


def _beside_python(name: str) -> str:
    return str(Path(sys.executable).with_name(name))
