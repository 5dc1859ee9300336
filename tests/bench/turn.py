"""Webhook turns of real calls on SQLite and PostgreSQL, one web process, beside the floor served the same way."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

from sqlalchemy import func, insert, select

from deploy.processes import web_threads
from records import Database, sealing
from records.clinics import Clinic
from records.patients import Patient, PatientNumber
from records.sealing import hashed
from records.taking_up import take_up
from settings import Settings
from tests.bench.load import TOKEN, Connection, Timings, closed_loop, open_loop
from tests.databases import PostgresqlDatabases
from tests.servers import Missing, cluster, postgresql_programs

LINE = "+16175550100"
CALL_KEYS = ("1", "1", "03021994", "118*76", "1", "2", "2")
"""English, blood pressure, birth date, reading, right, no warning signs, nothing else."""
REQUESTS = {1: 1500, 32: 6000, 256: 6000}
SLICES = 5
"""Floor and turns take turns, so that what else the machine does meanwhile is borne by both."""
OPEN_PER_SECOND, OPEN_SECONDS = 400, 15
PATIENTS = 4000
"""More than there are calls on one database: whoever calls again is greeted otherwise."""
_calls = itertools.count()
_ACTION = re.compile(rb'action="[^"]*?(/voice/turn/[^"]+)"')


@dataclass(frozen=True)
class Site:
    """Where turns are measured: a kind of database, and the addresses of ours and of the floor's."""

    kind: str
    folder: Path
    database: str
    floor: str


def measure() -> Iterator[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        files = [f"sqlite:///{here / name}.sqlite3" for name in ("careline", "floor")]
        yield from _measure(Site("sqlite", here, *files))
    try:
        postgresql_programs()
    except Missing as missing:
        print(f"turn.postgresql was not measured: {missing}")
        return
    with cluster() as addresses, tempfile.TemporaryDirectory() as folder:
        databases = PostgresqlDatabases(addresses)
        yield from _measure(Site("postgresql", Path(folder), databases.empty(), databases.empty()))


def _measure(site: Site) -> Iterator[tuple[str, float]]:
    name = f"turn.{site.kind}"
    with _web(site) as (port, process), _floor(site) as floor_port:
        for many, requests in REQUESTS.items():
            floor, turns = Timings(), Timings()
            for _ in range(SLICES):
                floor.add(asyncio.run(closed_loop(floor_port, [_floor_row] * many, requests // SLICES)))
                callers = [_caller() for _ in range(many)]
                turns.add(asyncio.run(closed_loop(port, callers, requests // SLICES)))
            yield from _figures(f"{name}.c{many}", turns, floor)
        opened = asyncio.run(open_loop(port, [_caller() for _ in range(400)], OPEN_PER_SECOND, OPEN_SECONDS))
        yield f"{name}.open400.p99_ms", opened.percentile_ms(99)
        if site.kind == "sqlite":
            yield "memory.web_mb", _memory_mb(process.pid)
    if site.kind == "sqlite":
        with _worker(site) as process:
            yield "memory.worker_mb", _memory_mb(process.pid)


def _figures(name: str, turns: Timings, floor: Timings) -> Iterator[tuple[str, float]]:
    yield f"{name}.per_s", turns.per_second()
    yield f"{name}.p50_ms", turns.percentile_ms(50)
    yield f"{name}.p99_ms", turns.percentile_ms(99)
    yield f"{name}.floor_per_s", floor.per_second()
    yield f"{name}.ratio", turns.per_second() / floor.per_second()


def _caller() -> Callable[[Connection], Awaitable[None]]:
    """A patient who calls again and again: each request is one turn, at the address the last reply gave."""
    state: dict[str, object] = {"target": None, "keys": iter(()), "call": "", "number": ""}

    async def turn(connection: Connection) -> None:
        target = state["target"]
        if target is None:
            number = next(_calls)
            state.update(call=f"CA{number:032x}", keys=iter(CALL_KEYS), number=_number(number % PATIENTS))
            target, keys = "/voice/answer", ""
        else:
            keys = next(state["keys"])  # type: ignore[call-overload]
        reply = await connection.post(str(target), _form(str(state["call"]), str(state["number"]), keys))
        found = _ACTION.search(reply)
        state["target"] = found.group(1).decode() if found else None

    return turn


def _number(place: int) -> str:
    return f"+1212555{place:04d}"


def _enrol(site: Site, environment: dict[str, str]) -> None:
    """Every caller is a patient of the sample clinic, and has not chosen a language yet."""
    sealing.use(*Settings.from_environ(environment).data_keys)
    database = Database(site.database)
    take_up(database)
    with database.writing() as connection:
        clinic = connection.scalars(select(Clinic.id)).one()
        first = connection.scalars(select(func.max(Patient.id))).one() + 1
        person = {"clinic_id": clinic, "name": "Ana Sample", "birth_date": "1994-03-02", "language": "en"}
        when = {"timezone": "America/New_York", "created_at": datetime.now(UTC)}
        connection.execute(
            insert(Patient), [{"id": first + place, **person, **when} for place in range(PATIENTS)]
        )
        connection.execute(
            insert(PatientNumber),
            [
                {
                    "clinic_id": clinic,
                    "patient_id": first + place,
                    "number": _number(place),
                    "number_hash": hashed(_number(place)),
                    "kind": "mobile",
                }
                for place in range(PATIENTS)
            ],
        )
    database.close()


async def _floor_row(connection: Connection) -> None:
    await connection.post("/floor", _form("CA0", "+12125550100", "1"))


def _form(call: str, number: str, keys: str) -> dict[str, str]:
    """The fields that the carrier sends with a call, about 25 of them."""
    place = {
        f"{who}{what}": "X" for who in ("From", "To", "Caller", "Called") for what in ("City", "State", "Zip")
    }
    form = {
        "CallSid": call,
        "AccountSid": "AC" + "0" * 32,
        "From": number,
        "Caller": number,
        "To": LINE,
        "Called": LINE,
        "CallStatus": "in-progress",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
        "msg": "Gather End",
        "FinishedOnKey": "",
        **place,
    }
    return {**form, "Digits": keys} if keys else form


@contextmanager
def _web(site: Site) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port, other = _free_port(), _free_port()
    environment = _environment(site, port, other)
    for command in (["records", "upgrade"], ["clinic", "demo"]):
        flask = [sys.executable, "-m", "flask", "--app", "app", *command]
        subprocess.run(flask, env=environment, check=True, capture_output=True)
    _enrol(site, environment)
    with _granian("app:create_app", site, port, "/readyz", environment) as process:
        yield port, process


@contextmanager
def _floor(site: Site) -> Iterator[int]:
    port = _free_port()
    environment = {**os.environ, "FLOOR_DATABASE": site.floor}
    with _granian("tests.bench.floor:create_app", site, port, "/floor", environment):
        yield port


@contextmanager
def _granian(
    app: str, site: Site, port: int, ready: str, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--factory", app]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--blocking-threads", str(web_threads(site.database))]
    command += ["--no-ws", "--log-level", "warning", "--backlog", "1024"]
    process = subprocess.Popen(command, env=environment)
    try:
        _wait_for(f"http://127.0.0.1:{port}{ready}")
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def _worker(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """The worker that sends, alone, after a minute's worth of ticks that it does at once."""
    environment = _environment(site, _free_port(), _free_port())
    script = "import time, worker; [worker.send.run() for _ in range(60)]; print('ready', flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def _environment(site: Site, port: int, phonelab_port: int) -> dict[str, str]:
    return {
        **os.environ,
        "CARELINE_HOME": str(site.folder / "home"),
        "CARELINE_DATABASE_URL": site.database,
        "CARELINE_PORT": str(port),
        "CARELINE_STREAM_PORT": str(_free_port()),
        "PHONELAB_PORT": str(phonelab_port),
        "TWILIO_AUTH_TOKEN": TOKEN.decode(),
    }


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urlopen(address, timeout=2)
            return
        except OSError as error:
            if getattr(error, "code", 0) == 405:
                return
            time.sleep(0.05)
    raise TimeoutError(address)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _memory_mb(pid: int) -> float:
    """Resident memory of a process and its children."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(folder.name) == pid or int(stat[1]) == pid:
                total += int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            continue
    return total / 1e6
