"""A PostgreSQL cluster and a Redis of the test run's own: in a temporary folder, on ports of their own.

Whoever needs them first has them started, by a keeper that stops them when the run is over; all workers
of one run share them. `python -m tests.servers FOLDER PID` is that keeper.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = "SERVERS_OF_THIS_TEST_RUN"
"""The folder of this run's servers, for its workers."""
START_SECONDS, STOP_SECONDS = 60.0, 20.0
DEBIAN = Path("/usr/lib/postgresql")
ROOM = 2_000_000_000
FOR_TESTS = ("fsync=off", "full_page_writes=off", "max_wal_size=4GB", "checkpoint_timeout=1h")
"""What is lost with the machine is no loss here. What our own sessions ask for is as it is anywhere."""


class Missing(Exception):
    """A server's programs are not on this machine; the message says how to get them."""


@dataclass(frozen=True)
class Addresses:
    """`folder` holds PostgreSQL's socket, for a quick way in without a password."""

    folder: str
    postgresql_port: int
    redis_port: int
    password: str

    def database(self, name: str, *, over_network: bool = False) -> str:
        """The address of a database: by the socket, or as another machine has it, with a password."""
        if over_network:
            where = f"careline:{self.password}@127.0.0.1:{self.postgresql_port}/{name}"
            return f"postgresql://{where}"
        return f"postgresql://careline@/{name}?host={self.folder}&port={self.postgresql_port}"

    def redis(self, number: int = 0) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.redis_port}/{number}"


def open_run() -> Path | None:
    """Make this process the owner of a run's servers; None where another one is. Nothing is started yet."""
    if VARIABLE in os.environ:
        return None
    folder = Path(tempfile.mkdtemp(prefix="careline-", dir=_in_memory()))
    (folder / "owner.pid").write_text(str(os.getpid()))
    os.environ[VARIABLE] = str(folder)
    return folder


def close_run(folder: Path) -> None:
    """Stop what was started, and clear up."""
    del os.environ[VARIABLE]
    keeper = folder / "keeper.pid"
    if keeper.exists():
        pid = int(keeper.read_text())
        _stop(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while (folder / "running").exists() and time.monotonic() < deadline:
            time.sleep(0.02)  # a process of another parent can't be waited for
    shutil.rmtree(folder, ignore_errors=True)


def addresses() -> Addresses:
    """Where this run's servers are, started by whoever asks first. Raises Missing."""
    folder = Path(os.environ[VARIABLE])
    postgresql_programs(), redis_program()  # said here, before a process of its own fails of it
    with (folder / "lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        told = folder / "addresses.json"
        if not told.exists():
            _start_keeper(folder)
        return Addresses(**json.loads(told.read_text()))


def postgresql_programs() -> Path:
    """The folder with `initdb` and `postgres`: Debian keeps them beside those of other versions."""
    numbered = [path for path in DEBIAN.glob("*/bin") if path.parent.name.isdigit()]
    for folder in sorted(numbered, key=lambda path: int(path.parent.name)):
        if int(folder.parent.name) >= 15 and (folder / "initdb").exists():
            return folder
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise Missing("PostgreSQL 15 is not here: deploy/servers, or sudo apt-get install postgresql")


def redis_program() -> str:
    if found := shutil.which("redis-server"):
        return found
    raise Missing("Redis is not here: deploy/servers, or sudo apt-get install redis-server")


def free_ports(many: int) -> list[int]:
    """Ports that were free a moment ago, all different."""
    held = [socket.socket() for _ in range(many)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def _in_memory() -> Path | None:
    """A folder that is no disk, where it has room: a database is a thousand files, and each test has one."""
    shared = Path("/dev/shm")
    roomy = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > ROOM
    return shared if roomy else None


def _start_keeper(folder: Path) -> None:
    with (folder / "keeper.log").open("wb") as log:
        command = [sys.executable, "-m", "tests.servers", str(folder), (folder / "owner.pid").read_text()]
        subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True)
    deadline = time.monotonic() + START_SECONDS
    while not (folder / "addresses.json").exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"The servers did not start:\n{(folder / 'keeper.log').read_text()}")
        time.sleep(0.02)


def keep(folder: Path, owner: int) -> None:
    """Start both, say where they are, and stop both when the owner is gone or says so."""
    stopping, told_to_stop = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(told_to_stop, b"x"))
    (folder / "keeper.pid").write_text(str(os.getpid()))
    (folder / "running").touch()
    ports, password = free_ports(2), secrets.token_urlsafe(12)
    made = Addresses(str(folder / "sockets"), *ports, password)
    try:
        with postgresql(folder, made, FOR_TESTS), _redis(folder, made):
            unfinished = folder / "addresses.part"
            unfinished.write_text(json.dumps(asdict(made)))
            unfinished.rename(folder / "addresses.json")
            select.select([stopping, os.pidfd_open(owner)], [], [])
    finally:
        (folder / "running").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)  # the owner may have been killed


@contextmanager
def postgresql(folder: Path, at: Addresses, settings: Sequence[str] = ()) -> Iterator[None]:
    """A cluster in `folder`, run by an account that may (not root). `settings` are added to the defaults."""
    programs, data, password = postgresql_programs(), folder / "cluster", folder / "password"
    account = _account()
    password.write_text(at.password)
    for made in (data, Path(at.folder)):
        made.mkdir(mode=0o700)
    if account:
        folder.chmod(0o711)
        for made in (data, Path(at.folder), password):
            shutil.chown(made, account.pw_name, account.pw_gid)
    run_as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "careline", "--pwfile", str(password)]
    initdb += [
        "--no-sync",
        "--encoding=UTF8",
        "--locale=C",
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
    ]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=at.folder, **run_as)  # type: ignore[call-overload]
    command = [str(programs / "postgres"), "-D", str(data), "-k", at.folder, "-p", str(at.postgresql_port)]
    for setting in ("listen_addresses=127.0.0.1", "max_connections=200", *settings):
        command += ["-c", setting]
    with _running(command, at.folder, **run_as) as server:
        _wait_for(lambda: _answers_socket(Path(at.folder) / f".s.PGSQL.{at.postgresql_port}"), server)
        _wait_for(lambda: _lets_in(at), server)
        yield


@contextmanager
def cluster() -> Iterator[Addresses]:
    """A cluster on disk, durable as a clinic's is, for the length of a block."""
    with tempfile.TemporaryDirectory(prefix="careline-") as folder:
        made = Addresses(f"{folder}/sockets", *free_ports(2), secrets.token_urlsafe(12))
        with postgresql(Path(folder), made, ("log_min_messages=panic",)):
            yield made


@contextmanager
def _redis(folder: Path, at: Addresses) -> Iterator[None]:
    """Nothing of it is kept: it carries ticks. The password comes on its standard input, not on its command line."""
    lines = [
        f"port {at.redis_port}", "bind 127.0.0.1", f"requirepass {at.password}", "databases 1000",
        'save ""', "appendonly no", f"dir {folder}",
    ]  # fmt: skip
    with _running([redis_program(), "-"], str(folder), given="\n".join(lines)) as server:
        _wait_for(lambda: _answers_port(at.redis_port), server)
        yield


@contextmanager
def _running(
    command: list[str], folder: str, given: str = "", **run_as: object
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, **run_as)  # type: ignore[call-overload]
    try:
        assert process.stdin is not None
        with closing(process.stdin) as standard_input:
            standard_input.write(given.encode())
        yield process
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL: at once, without waiting for those who are connected
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then its own account runs it, or nobody's."""
    if os.geteuid() != 0:
        return None
    known = {account.pw_name: account for account in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _wait_for(ready, process: subprocess.Popen[bytes]) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args} does not answer")
        time.sleep(0.02)


def _lets_in(at: Addresses) -> bool:
    import psycopg  # here, so that a run without PostgreSQL needs none of it

    try:
        psycopg.connect(at.database("postgres")).close()
    except psycopg.OperationalError:
        return False
    return True


def _answers_socket(path: Path) -> bool:
    with closing(socket.socket(socket.AF_UNIX)) as probe:
        return probe.connect_ex(str(path)) == 0


def _answers_port(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _stop(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    if os.fork() == 0:  # whoever started it does not wait for it
        os.setsid()
        keep(Path(sys.argv[1]), int(sys.argv[2]))
