"""`flask --app app patients …`: people come in by a file, and likely duplicates are looked for."""

from __future__ import annotations

import getpass
from pathlib import Path

import click
from flask.cli import AppGroup

from care import duplicates
from care.importing import import_people
from care.importing_file import FileProblem
from care.importing_report import Report
from care.rules.patient_fields import Problem
from clinic.at_the_keyboard import clinic_meant, the_house
from records.database import Taken

patients = AppGroup("patients", help="The people of a clinic.")
STEP = 1000
"""Rows from one line of progress to the next."""


@patients.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--line", help="The clinic's number, where there are several.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--all-or-nothing", is_flag=True, help="Take in nobody as long as one row has a mistake.")
@click.option(
    "--refused", type=click.Path(path_type=Path), help="Write the rows that were left out to this CSV file."
)
def import_file(
    file: Path, line: str | None, dry_run: bool, all_or_nothing: bool, refused: Path | None
) -> None:
    """Take in the people of a CSV FILE; docs/people.md lists its columns."""
    house = the_house()
    if refused and refused.resolve() == file.resolve():
        raise click.ClickException("--refused names the file that is read: give another name.")
    with house.database.reading() as connection:
        clinic = clinic_meant(connection, line).id
    try:
        report = import_people(
            house.database,
            clinic_id=clinic,
            path=file,
            by=_by(),
            now=house.now(),
            dry_run=dry_run,
            all_or_nothing=all_or_nothing,
            refused=refused,
            on_problem=_say_problem,
            on_progress=_say_progress,
        )
    except FileProblem as problem:
        raise click.ClickException(str(problem)) from None
    except Taken:
        raise click.ClickException(
            "Somebody else registered one of these people meanwhile: import the file again to go on."
        ) from None
    nothing = dry_run or bool(all_or_nothing and report.refused)
    click.echo(_summary(report, nothing))
    if report.refused:
        raise click.exceptions.Exit(1)


@patients.command("duplicates")
@click.option("--line", help="The clinic's number, where there are several.")
def find_duplicates(line: str | None) -> None:
    """Look for patients who may be one person; the console shows the pairs to decide on."""
    house = the_house()
    with house.database.writing() as connection:
        meant = clinic_meant(connection, line).id
        found = duplicates.look(house.database, connection, clinic_id=meant, now=house.now())
    click.echo(f"{found} new likely pairs; a person decides on them in the console.")


def _say_problem(row: int, problem: Problem) -> None:
    click.echo(f"Row {row}, {problem.column}: {problem.says}", err=True)


def _say_progress(done: int, rows: int) -> None:
    if done // STEP > max(0, done - 1) // STEP or done == rows or done % STEP == 0:
        click.echo(f"{done} of {rows} rows")


def _summary(report: Report, nothing: bool) -> str:
    """What came in. Names of columns and counts only."""
    changed = ", ".join(f"{word} {count}" for word, count in sorted(report.fields.items()))
    lines = [
        f"{report.new} new, {report.changed} changed{f' ({changed})' if changed else ''},"
        f" {report.unchanged} as they were, {report.refused} left out.",
    ]
    if report.closed:
        lines.append(f"{report.closed} are closed and stay as they are; the console can open them again.")
    if report.pairs:
        lines.append(f"{report.pairs} likely duplicates are for a person to decide on, in the console.")
    if nothing:
        lines.append("Nothing was written.")
    return "\n".join(lines)


def _by() -> str:
    """Who types, as the audit names them."""
    try:
        return f"command:{getpass.getuser()}"
    except (KeyError, OSError):  # a process without a login
        return "command"
