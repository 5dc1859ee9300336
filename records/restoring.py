"""A backup put back: everything is checked and prepared beside what is there, then takes its place at once.

Until that moment nothing that was there has changed; what was there is kept under a new name.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from records import backup, postgresql_programs, sealing, taking_up
from records.backup import DATABASES
from records.copying import flush
from records.database import Database
from records.manifest import Manifest
from records.migrating import config, upgrade
from records.refusals import Damaged, NewerSchema, NotEmpty, OtherDatabase, StillRunning
from records.sealed_files import alone
from records.sealing import WrongKey
from records.sqlite_swap import swap

Settle = Callable[[Database, Manifest], None]
"""What is to be done in the restored database, with its own keys in use, before anyone works with it."""


ALONE_SECONDS = 2.0
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    kept: tuple[Path, ...]
    """Where what was there before is now."""


def restore(
    database: Database, recordings: Path, path: Path, *, replace: bool, now: datetime, settle: Settle
) -> Restored:
    """Put the backup at `path` into `database` and the folder of `recordings`. Raises `records.refusals`, OSError.

    `database` is closed first: this process may hold it open as little as any other.
    """
    manifest = backup.check(path)
    _fits(manifest, database)
    database.close()
    suffix = f"before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    with sealing.set_aside(), _unpacked(path, manifest, recordings) as (copied, sounds):
        try:
            if database.is_sqlite:
                target = Path(database.engine.url.database or "").absolute()
                kept = swap(target, copied, replace, suffix, lambda prepared: settle(prepared, manifest))
            else:
                kept = _into_postgresql(database, copied, manifest, settle)
        except WrongKey as error:
            raise manifest.other_key() from error
        kept += _swap_recordings(recordings, sounds, suffix)
    taking_up.take_up(database)
    database.close()
    return Restored(manifest, tuple(kept))


def _swap_recordings(recordings: Path, sounds: Path, suffix: str) -> list[Path]:
    """Alone in the folder: what is sealed anew at this moment must not land among those that take its place."""
    recordings.mkdir(mode=0o700, exist_ok=True)
    kept = []
    with alone(recordings):
        if any(recordings.iterdir()):
            kept.append(recordings.rename(recordings.with_name(f"{recordings.name}.{suffix}")))
        sounds.rename(recordings)  # over a folder that is empty, or none
        flush(recordings.parent)
    return kept


def _fits(manifest: Manifest, database: Database) -> None:
    kind = "sqlite" if database.is_sqlite else "postgresql"
    if manifest.database != kind:
        raise OtherDatabase(manifest.database, kind)
    scripts = ScriptDirectory.from_config(config(database))
    if manifest.revision not in {script.revision for script in scripts.walk_revisions()}:
        raise NewerSchema(manifest.revision)


@contextmanager
def _unpacked(path: Path, manifest: Manifest, recordings: Path) -> Iterator[tuple[Path, Path]]:
    """The database's part and the folder of recordings, on the same disk as the folder they are for."""
    place = recordings.with_name(f".{recordings.name}.restoring")
    shutil.rmtree(place, ignore_errors=True)  # of a restore that was broken off
    sounds = place / "recordings"
    sounds.mkdir(parents=True, mode=0o700)
    place.chmod(0o700)
    try:
        with backup.opened(path) as tar:
            for part in manifest.parts:
                target = place / part.name
                digest = hashlib.sha256()
                with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    for chunk in backup.chunks(tar, tar.getmember(part.name)):
                        digest.update(chunk)
                        file.write(chunk)
                    file.flush()
                    os.fsync(file.fileno())
                if digest.hexdigest() != part.sha256:
                    raise Damaged(f"{part.name} changed while it was read")
        flush(sounds)
        yield place / DATABASES[manifest.database], sounds
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _see_that_we_are_alone(connection: Connection) -> None:
    """The server takes a moment to see that our own connections of before are closed. Raises StillRunning."""
    deadline = time.monotonic() + ALONE_SECONDS
    while connection.scalar(text(OTHERS)):
        if time.monotonic() > deadline:
            raise StillRunning
        time.sleep(0.05)


def _into_postgresql(database: Database, copied: Path, manifest: Manifest, settle: Settle) -> list[Path]:
    """In one transaction of pg_restore. Nothing is replaced: only the database's owner can put one aside."""
    tool = postgresql_programs.find("pg_restore", database)
    with database.reading() as connection:
        if connection.scalar(text(TABLES)):
            raise NotEmpty(
                "There are tables in this database already. Put it aside and make an empty one:"
                " ALTER DATABASE careline RENAME TO careline_before; CREATE DATABASE careline;"
            )
        _see_that_we_are_alone(connection)
    database.close()
    name = database.engine.url.database or ""
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", f"--dbname={name}"]
    postgresql_programs.run(tool, [*options, str(copied)], database)
    upgrade(database)
    settle(database, manifest)
    database.close()
    return []
