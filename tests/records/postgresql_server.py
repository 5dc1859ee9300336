"""A PostgreSQL server for the length of a block: a cluster in a folder of its own, reached by its socket."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The folder of the newest server's programs; Debian keeps them off PATH."""
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Server:
    def __init__(self, folder: Path, bin: Path) -> None:
        self.folder, self.bin = folder, bin

    def create(self, name: str) -> str:
        """Make an empty database; returns its address."""
        self.run("createdb", "-h", str(self.folder), "-U", "careline", name)
        return f"postgresql+psycopg://careline:not-asked-for@/{name}?host={self.folder}"

    def run(self, program: str, *options: str) -> None:
        command = [str(self.bin / program), *options]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, **_as_postgres())


@contextmanager
def server(bin: Path) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    made = Server(folder, bin)
    data = str(folder / "data")
    made.run("initdb", "-D", data, "-U", "careline", "--auth=trust", "--no-sync", "--encoding=UTF8")
    settings = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    made.run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", settings, "start")
    try:
        yield made
    finally:
        made.run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _as_postgres() -> dict[str, int | Sequence[int]]:
    """PostgreSQL does not run as root."""
    if os.getuid():
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
