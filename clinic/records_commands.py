"""`flask --app app records …`: the database's tables and keys."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from care import names
from clinic.at_the_keyboard import the_house
from records import keys, resealing
from records.migrating import upgrade
from records.sealing import given
from records.wrapping import WrappingKeys

records = AppGroup("records", help="The database.")


@records.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to this version's tables, and see that it has its keys."""
    upgrade(the_house().database)
    names.index_missing(the_house().database)
    click.echo("The database is up to date.")


@records.command("keys")
def list_keys() -> None:
    """The keys of the database: what for, in which state, how much is sealed with each."""
    house = the_house()
    values, recordings = resealing.counted(house.database, house.settings.recordings_dir)
    click.echo(
        f"{'id':>5}  {'purpose':7}  {'state':7}  {'made':16}  {'values':>9}  {'recordings':>10}  wrapped under"
    )
    for key, under_first in keys.listed(house.database, _given()):
        used = (
            f"{values[key.id]:9}  {recordings[key.id]:10}" if key.purpose == keys.DATA else f"{'':9}  {'':10}"
        )
        under = "the first CARELINE_DATA_KEY" if under_first else "a later one"
        click.echo(
            f"{key.id:5}  {key.purpose:7}  {key.state:7}  {key.made_at:%Y-%m-%d %H:%M}  {used}  {under}"
        )


@records.command("rotate-key")
def rotate_key() -> None:
    """Seal with a new key from now on. The worker seals anew what is there, and retires the old key."""
    house = the_house()
    try:
        made = keys.rotate(house.database, _given(), house.now())
    except keys.CantRotate as why:
        raise click.ClickException(str(why)) from why
    click.echo(f"Key {made} is in use; running processes take it up within seconds, none needs a restart.")
    click.echo("The worker seals anew what older keys have sealed: flask --app app records keys")


@records.command("rewrap")
def rewrap() -> None:
    """Wrap every key under the first key of CARELINE_DATA_KEY, so that the others can be dropped."""
    changed = keys.rewrap(the_house().database, _given())
    click.echo(f"{changed} keys were wrapped anew. The first key of CARELINE_DATA_KEY is enough now.")


def _given() -> WrappingKeys:
    keys_given = given()
    assert keys_given is not None, "furnish has set them"
    return keys_given
