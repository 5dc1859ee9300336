"""`flask --app app clinic …` and `staff …`: what the IT team types."""

from __future__ import annotations

import secrets

import click
from flask.cli import AppGroup
from sqlalchemy import insert, select, update
from werkzeug.security import generate_password_hash

from care import audit, check_ins
from care.rules import call_back as missed_calls
from clinic import cost_commands, demo
from clinic.at_the_keyboard import clinic_meant, command_by, the_house
from records.clinics import Clinic, Staff
from records.sealing import hashed

clinic = AppGroup("clinic", help="Clinics on this installation.")
clinic.add_command(cost_commands.budget)
clinic.add_command(cost_commands.spend)
staff = AppGroup("staff", help="People who may use the console.")


@clinic.command("demo")
def load_demo() -> None:
    """Load the sample clinic, Harbor Community Clinic, unless it is there."""
    house = the_house()
    if not house.settings.demo:
        raise click.ClickException(
            "The sample clinic is for demo mode (CARELINE_DEMO=yes), on this machine only."
        )
    new = demo.load(house.database, house.now())
    click.echo("Sample clinic loaded." if new else "The sample clinic is there already.")
    click.echo(f"Console: login demo, password {demo.PASSWORD}")


@clinic.command("ask")
@click.argument("number")
def ask(number: str) -> None:
    """Begin a check-in now with whoever is in a programme at NUMBER (+16175550101), if the hour allows it."""
    house = the_house()
    asked = check_ins.ask_now(house.database, hashed(number), house.now(), command_by())
    if not asked:
        raise click.ClickException("Nobody at that number is in a programme, with her consent, today.")
    click.echo("The question goes out as soon as quiet hours, caps and her consent allow.")


@clinic.command("call-back")
@click.argument("setting", type=click.Choice(missed_calls.SETTINGS))
@click.option("--line", help="The clinic's number, where there are several.")
def call_back(setting: str, line: str | None) -> None:
    """Whether who rings and hangs up is called back (after_hang_up), or is not even picked up (reject), or neither."""
    house = the_house()
    with house.database.writing() as connection:
        meant = clinic_meant(connection, line).id
        connection.execute(update(Clinic).where(Clinic.id == meant).values(call_back=setting))
        audit.note(
            house.database,
            connection,
            by=command_by(),
            did="chose_call_back",
            now=house.now(),
            clinic_id=meant,
            about=f"call_back:{setting}",
        )
    click.echo(f"Missed calls: {setting}. What that means stands in docs/missed-calls.md.")


@staff.command("add")
@click.argument("login")
@click.argument("name")
@click.option("--line", help="The clinic's number, where there are several.")
def add_staff(login: str, name: str, line: str | None) -> None:
    """Add a person to the console; prints a first password, once."""
    password = secrets.token_urlsafe(12)
    house = the_house()
    with house.database.writing() as connection:
        meant = clinic_meant(connection, line).id
        if connection.scalar(select(Staff.id).where(Staff.login == login)):
            raise click.ClickException(f"{login} is taken; choose another login.")
        connection.execute(
            insert(Staff).values(
                clinic_id=meant, login=login, name=name, password_hash=generate_password_hash(password)
            )
        )
        audit.note(
            house.database,
            connection,
            by=command_by(),
            did="added_staff",
            now=house.now(),
            clinic_id=meant,
            about=f"staff:{login}",
        )
    click.echo(f"Password for {login}: {password}")
