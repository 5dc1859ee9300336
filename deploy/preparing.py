"""The database before anything is started on it: its tables, and the sample clinic of a demo."""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from deploy.machine import MachineError
from settings import Settings

REPOSITORY = Path(__file__).resolve().parent.parent
MIGRATIONS = REPOSITORY / "records" / "migrations" / "versions"
FLASK = (sys.executable, "-m", "flask", "--app", "app")
LINES_SHOWN = 15


def prepare(settings: Settings) -> str:
    """Bring the tables up to date and see that a demo has its sample clinic. Raises MachineError.

    Returns what loading the sample clinic said, which holds the console's login; empty outside demo mode.
    """
    is_new = _revision(settings.database_url) is None
    stamp = settings.home / "tables"
    if is_new or _state(settings) != _read(stamp):
        _do((*FLASK, "records", "upgrade"), "The database could not be brought up to date")
        stamp.write_text(_state(settings))
    if not settings.demo:
        return ""
    said = settings.home / "demo-clinic"
    if is_new or not said.exists():
        print("      first run: loading the sample clinic", flush=True)
        said.write_text(_do((*FLASK, "clinic", "demo"), "The sample clinic could not be loaded"))
    return said.read_text()


def _state(settings: Settings) -> str:
    """What changes when the tables have to: the migrations at hand, or what was done to this database.

    Asking the migrations themselves costs a second that a start need not take.
    """
    migrations = hashlib.sha256()
    for path in sorted(MIGRATIONS.glob("*.py")):
        migrations.update(path.read_bytes())
    return f"{migrations.hexdigest()} {_revision(settings.database_url)}"


def _revision(url: str) -> str | None:
    """The version that a SQLite database's tables have; None where there are none, or it is not SQLite."""
    path = Path(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            row = connection.execute("select version_num from alembic_version").fetchone()
    except sqlite3.Error:
        return None
    return str(row[0]) if row else None


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _do(command: Sequence[str], trouble: str) -> str:
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LINES_SHOWN:])
        raise MachineError(f"{trouble}:\n{said}")
    return done.stdout
