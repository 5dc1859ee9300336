"""`flask --app app schedule …`: a clinic's schedule comes in from files, and goes out to one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from flask.cli import AppGroup
from sqlalchemy import select, update

from care import audit
from care.importing_file import FileProblem
from care.rules.patient_fields import Problem
from care.scheduling import exporting, importing_set_up, importing_visits
from care.scheduling.importing_absent import Scope
from care.scheduling.importing_set_up import SetUpReport
from care.scheduling.importing_visits import VisitReport
from clinic.at_the_keyboard import clinic_meant, command_by, the_house
from records.clinics import Clinic
from records.database import Taken

schedule = AppGroup("schedule", help="A clinic's schedule: docs/schedule.md.")
FILE = click.argument("file", type=click.Path(path_type=Path))
LINE = click.option("--line", help="The clinic's number, where there are several.")
APPLY = click.option("--apply", is_flag=True, help="Write it; without this, only say what would happen.")
WHOSE = click.option("--clinician", help="Whose file it is, where it names nobody.")
FROM = click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="The first day that counts.")
UNTIL = click.option("--until", "last", type=click.DateTime(["%Y-%m-%d"]), help="The last day that counts.")
STEP = 1000
Report = TypeVar("Report", SetUpReport, VisitReport)


@schedule.command("master")
@click.argument("who", type=click.Choice(["careline", "outside"]), required=False)
@LINE
def master(who: str | None, line: str | None) -> None:
    """Say who decides over the schedule: careline, or the clinic's own, outside. Without WHO, show it."""
    house = the_house()
    with house.database.writing() as connection:
        clinic = clinic_meant(connection, line).id
        if who:
            connection.execute(update(Clinic).where(Clinic.id == clinic).values(schedule_master=who))
            audit.note(
                house.database, connection, by=command_by(), did="set_schedule_master", now=house.now(),
                clinic_id=clinic, about=who,
            )  # fmt: skip
        now = connection.scalar(select(Clinic.schedule_master).where(Clinic.id == clinic))
    click.echo(f"Master of the schedule: {now}")


@schedule.command("import-visits")
@FILE
@LINE
@APPLY
@WHOSE
@FROM
@UNTIL
@click.option("--everybody", is_flag=True, help="The file is of the whole clinic, whomever it names.")
@click.option("--many", is_flag=True, help="However many visits are missing in it, they are called off.")
def import_visits(
    file: Path, line: str | None, apply: bool, clinician: str | None, first: datetime | None,
    last: datetime | None, everybody: bool, many: bool,
) -> None:  # fmt: skip
    """Take in the visits, and time off, of an iCalendar or CSV FILE."""
    report = _take_in(
        importing_visits.import_visits,
        file,
        line,
        apply,
        clinician=clinician,
        scope=Scope(_day(first), _day(last), everybody, many),
        on_progress=_say_progress,
    )
    _end(_summary(report), report.refused or report.too_many, apply)


@schedule.command("import-days-off")
@FILE
@LINE
@APPLY
@WHOSE
@FROM
@UNTIL
@click.option("--everybody", is_flag=True, help="The file is of the whole clinic, whomever it names.")
def import_days_off(
    file: Path, line: str | None, apply: bool, clinician: str | None, first: datetime | None,
    last: datetime | None, everybody: bool,
) -> None:  # fmt: skip
    """Take in holidays and other time off of an iCalendar or CSV FILE."""
    report = _take_in(
        importing_visits.import_days_off,
        file,
        line,
        apply,
        clinician=clinician,
        scope=Scope(_day(first), _day(last), everybody),
    )
    _end(_off(report), report.refused, apply)


@schedule.command("import-clinicians")
@FILE
@LINE
@APPLY
def import_clinicians(file: Path, line: str | None, apply: bool) -> None:
    """Take in the clinicians of a CSV FILE, with their languages, states and hours."""
    report = _take_in(importing_set_up.import_clinicians, file, line, apply)
    _end(_set_up(report), report.refused, apply)


@schedule.command("import-places")
@FILE
@LINE
@APPLY
def import_places(file: Path, line: str | None, apply: bool) -> None:
    """Take in the rooms and hubs of a CSV FILE."""
    report = _take_in(importing_set_up.import_places, file, line, apply)
    _end(_set_up(report), report.refused, apply)


@schedule.command("export")
@click.option("--ics", type=click.Path(path_type=Path), help="Write iCalendar to this file.")
@click.option("--csv", "sheet", type=click.Path(path_type=Path), help="Write CSV to this file.")
@LINE
@FROM
@UNTIL
@click.option("--with-names", is_flag=True, help="Patients' names too; without, only record numbers.")
def export(
    ics: Path | None, sheet: Path | None, line: str | None, first: datetime | None, last: datetime | None,
    with_names: bool,
) -> None:  # fmt: skip
    """Write a clinic's visits to a file that its owner alone can read."""
    house = the_house()
    path = ics or sheet
    if path is None or (ics and sheet):
        raise click.ClickException("Say one of --ics FILE and --csv FILE.")
    with house.database.reading() as connection:
        clinic = clinic_meant(connection, line).id
    try:
        report = exporting.export(
            house.database,
            clinic_id=clinic,
            path=path,
            kind="ics" if ics else "csv",
            by=command_by(),
            now=house.now(),
            with_names=with_names,
            first=_day(first),
            last=_day(last),
        )
    except OSError as error:
        raise click.ClickException(f"{path} can't be written: {error.strerror}.") from None
    click.echo(f"{report.visits} visits, {report.states.get('called_off', 0)} of them called off.")
    if report.nameless:
        click.echo(
            f"{report.nameless} are of patients without a record number: your schedule can't know whose they are."
            " Give each patient hers in the console."
        )


def _take_in(do: Callable[..., Report], file: Path, line: str | None, apply: bool, **more: Any) -> Report:
    """Import a file by one of `care.scheduling`'s ways; what stands in its way ends the command with a sentence."""
    house = the_house()
    with house.database.reading() as connection:
        clinic = clinic_meant(connection, line).id
    try:
        return do(
            house.database,
            clinic_id=clinic,
            path=file,
            by=command_by(),
            now=house.now(),
            apply=apply,
            on_problem=_say_problem,
            **more,
        )
    except FileProblem as problem:
        raise click.ClickException(str(problem)) from None
    except Taken:
        raise click.ClickException(
            "Somebody changed one of these visits, or took its time, meanwhile: import the file again to go on."
        ) from None


def _say_problem(where: str, problem: Problem) -> None:
    click.echo(f"{where}, {problem.column}: {problem.says}", err=True)


def _say_progress(done: int, of_all: int) -> None:
    if done == of_all or done % STEP == 0:
        click.echo(f"{done} of {of_all} visits written")


def _summary(report: VisitReport) -> list[str]:
    """What came in: counts alone."""
    lines = [
        f"{report.new} new, {report.moved} moved, {report.called_off} called off, {report.same} as they were,"
        f" {report.refused} left out.",
        f"Master of the schedule: {report.master}.",
    ]
    told = (
        (report.newer_here, "were changed in Careline since this file: export, so that your schedule knows."),
        (report.clashes, "want the time of a visit that Careline booked: a task for each asks a person."),
        (report.undecided, "were changed in both schedules: a task for each asks a person."),
        (report.not_ours, "are called off in the file and were never here."),
        (report.kept, "are not in the file and stay: mistakes in it may hide them."),
        (report.free, "events keep nobody busy and were passed over."),
        (report.floating, f"events name no zone: they were read as {report.timezone}."),
    )
    lines += [f"{count} {says}" for count, says in told if count]
    if report.too_many:
        lines.append(
            f"{report.too_many} visits are not in the file: that is too many to be meant, and none of these was"
            " called off. If it is right, say --many."
        )
    return lines + (_off(report) if report.off or report.off_gone or report.off_same else [])


def _off(report: VisitReport) -> list[str]:
    lines = [f"Time off: {report.off} new, {report.off_gone} taken away, {report.off_same} as they were."]
    if report.visits_in_time_off:
        lines.append(f"{report.visits_in_time_off} visits stand in the new time off, and stay: look at them.")
    return lines


def _set_up(report: SetUpReport) -> list[str]:
    return [
        f"{report.new} new, {report.changed} changed, {report.same} as they were, {report.refused} left out."
    ]


def _end(lines: list[str], wrong: int, apply: bool) -> None:
    click.echo("\n".join(lines))
    if not apply:
        click.echo("Nothing was written: --apply writes it.")
    if wrong:
        raise click.exceptions.Exit(1)


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
