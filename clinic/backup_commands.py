"""`flask --app app backup …`: the whole installation in one file, looked at, and put back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup

from care import audit_heads
from care import restoring as settling
from clinic.at_the_keyboard import command_by, the_house
from records import Database
from records import backup as backups
from records.manifest import Manifest
from records.refusals import CantWrite, Refused
from records.restoring import restore as put_back

backup = AppGroup("backup", help="The database and the recordings in one file: docs/backup.md.")
CHANGES = Path(__file__).resolve().parent.parent / "CHANGELOG.md"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@backup.command("make")
@click.argument("folder", type=FOLDER)
def make(folder: Path) -> None:
    """Write a backup into FOLDER, while Careline runs. The data key is not in it."""
    house = the_house()
    with _refusals_told():
        path = backups.make(
            house.database, house.settings.recordings_dir, folder, house.now(), careline_version()
        )
    click.echo(f"{path} ({path.stat().st_size} bytes)")


@backup.command("check")
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Read FILE through: is it whole, and does the data key open it?"""
    with _refusals_told():
        manifest = backups.check(file)
    click.echo(f"{_what(manifest)} It is whole, and the data key opens it.")


@backup.command("restore")
@click.argument("file", type=FILE)
@click.option(
    "--replace", is_flag=True, help="Put it in the place of the data that is there, which is kept aside."
)
def restore(file: Path, replace: bool) -> None:
    """Put the backup FILE back. Careline must not be running."""
    house = the_house()
    now, settled = house.now(), []

    def settle(database: Database, manifest: Manifest) -> None:
        settled.append(settling.settle(database, manifest.made_at, now, command_by()))

    with _refusals_told():
        restored = put_back(
            house.database, house.settings.recordings_dir, file, replace=replace, now=now, settle=settle
        )
        audit_heads.export_now(house.database, house.settings.audit_dir, house.now())
    house.database.close()
    click.echo(f"Restored. {_what(restored.manifest)}")
    for kept in restored.kept:
        click.echo(f"What was there is kept: {kept}")
    click.echo(
        f"{settled[0].in_doubt} messages may have been sent since then. They are not sent again: a person looks"
        f" (a task in the console says so). {settled[0].going_on} others go on."
    )


def careline_version() -> str:
    """The newest version that the change log names."""
    found = re.search(r"^## \[([^\]]+)\]", CHANGES.read_text("utf-8"), re.MULTILINE)
    return found[1] if found else "unknown"


def _what(manifest: Manifest) -> str:
    return (
        f"Made {manifest.made_at:%Y-%m-%d %H:%M} UTC by Careline {manifest.careline}:"
        f" {manifest.database} at revision {manifest.revision}, {manifest.recordings} recordings,"
        f" {manifest.bytes} bytes, {_keys(manifest)}."
    )


def _keys(manifest: Manifest) -> str:
    """Those of the database by their ids, and by their names those that open them."""
    own = f"keys {', '.join(str(key.id) for key in manifest.keys)}" if manifest.keys else "no keys of its own"
    return f"{own}, opened by {' and '.join(manifest.given)}"


class Told(click.ClickException):
    """A sentence and an exit code of its own for each reason not to do it."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(str(refused))
        self._code = refused.exit_code

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        return self._code


@contextmanager
def _refusals_told() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise Told(refused) from refused
    except OSError as error:
        why = f"A file can't be read or written: {error.filename}: {error.strerror}."
        raise Told(CantWrite(why)) from error
