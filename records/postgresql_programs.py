"""PostgreSQL's own programs, pg_dump and pg_restore: found, checked, and run without a password in sight."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import text

from records.database import Database
from records.refusals import NoTool

VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
"""What tells where the server is and who we are: https://www.postgresql.org/docs/15/libpq-envars.html"""


def find(name: str, database: Database) -> str:
    """The path of a program that is not older than the server. Raises NoTool."""
    path = shutil.which(name)
    if path is None:
        raise NoTool(
            f"{name} is not on PATH. Install PostgreSQL's client programs (apt-get install postgresql-client)."
        )
    with database.reading() as connection:
        server = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10000
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", answer)
    if found is None or int(found[1]) < server:
        has = f"is version {found[1]}" if found else "does not say its version"
        raise NoTool(f"{name} ({path}) {has}, and the server is {server}. Install version {server} or later.")
    return path


def run(path: str, options: Sequence[str], database: Database) -> None:
    """Run it against this database. What it prints may quote rows, and is not told."""
    done = subprocess.run(
        [path, "--no-password", *options], env=_environment(database), capture_output=True, check=False
    )
    if done.returncode:
        raise NoTool(f"{Path(path).name} failed with exit code {done.returncode}.")


def _environment(database: Database) -> dict[str, str]:
    """How our own connection was made, as libpq's variables: a command line can be read by everyone."""
    with database.reading() as connection:
        driver: Any = connection.connection.driver_connection
        given = {"password": driver.info.password, **driver.info.get_parameters()}
    named = {VARIABLES[name]: value for name, value in given.items() if name in VARIABLES and value}
    return {**os.environ, **named}
