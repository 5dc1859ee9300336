"""`flask --app app audit …`: is the audit whole, how far has it come, and who saw or changed what of a patient."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from care import audit, audit_check, audit_heads
from clinic.at_the_keyboard import command_by, the_house
from clinic.finding import audited
from secret_keys import made_once

group = AppGroup("audit", help="Who saw or changed what of whom.")
NOT_COMPARED = 3
"""Nothing was tampered with as far as can be told, and somebody has to look: 2 is a command that is not complete."""
A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("verify")
@click.option(
    "--head", "head_file", type=A_FILE, help="An exported head; else the newest in CARELINE_HOME/audit."
)
def verify(head_file: Path | None) -> None:
    """Walk the whole audit; say the first entry of each chain that does not fit, and fail where one doesn't."""
    house = the_house()
    path = head_file or audit_heads.newest(house.settings.audit_dir)
    exported = _read(path) if path else None
    checked = audit_check.check(house.database, exported)
    for said in (*checked.problems, *checked.restores):
        click.echo(str(said))
    if exported is None:
        click.echo("No exported head to compare with: a tail that was cut off with skill is not found.")
    elif not checked.given_up:
        click.echo(f"Compared with the head exported at {exported.at}.")
    if checked.problems:
        click.echo(f"The audit was tampered with: {len(checked.problems)} chains do not fit.")
        raise SystemExit(1)
    click.echo(f"{checked.entries} entries, each as it was written.")
    if exported and checked.given_up:
        click.echo(
            f"The head exported at {exported.at} was not compared: it tells of what that restore gave up. Find out"
            " whether the restore was meant, and keep this head. Then compare with one exported before the backup"
            " was made, and from now on with those exported since the restore (--head)."
        )
        raise SystemExit(NOT_COMPARED)


@group.command("head")
@click.option("--to", "to", type=click.Path(path_type=Path), help="A file that is not there yet.")
def head(to: Path | None) -> None:
    """Print the heads of the chains as JSON, with a MAC over them, or write them to a new file."""
    house = the_house()
    text = audit_heads.export(house.database, house.now())
    if to is None:
        click.echo(text, nl=False)
        return
    if to.exists():
        raise click.ClickException(f"{to} is there already; an exported head is never overwritten.")
    made_once(to, text.encode())


@group.command("show")
@click.option(
    "--patient", "patient_id", type=int, required=True, help="The number in the address of her page."
)
def show(patient_id: int) -> None:
    """List who saw or changed what of a patient, oldest first: time (UTC), who, what, about what."""
    house = the_house()
    with house.database.writing() as connection:
        audit.note(
            house.database,
            connection,
            by=command_by(),
            did="saw_audit",
            now=house.now(),
            clinic_id=audited.clinic_of(connection, patient_id),
            patient_id=patient_id,
        )
    for row in audited.of_patient(house.database, patient_id):
        about = "" if row.about.startswith(audited.LISTED) else row.about
        click.echo(f"{row.at:%Y-%m-%d %H:%M:%S}  {row.by}  {row.did}  {about}".rstrip())


def _read(path: Path) -> audit_heads.Exported:
    try:
        return audit_heads.read(path.read_text("utf-8"))
    except (audit_heads.NotAHead, UnicodeError) as error:
        why = error if isinstance(error, audit_heads.NotAHead) else "is not a text"
        raise click.ClickException(f"{path} {why}") from error
