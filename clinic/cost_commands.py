"""`flask --app app clinic budget` and `clinic spend`: what a clinic's texts and calls may cost, and do."""

from __future__ import annotations

import re
from datetime import date

import click
from flask.cli import with_appcontext

from care import costs
from care.rules import budget as rules
from care.rules.prices import BadAmount, Prices, from_dollars, in_dollars
from clinic.at_the_keyboard import clinic_meant, command_by, the_house
from clinic.showing import language_name
from clinic.words import in_words

UNITS = {"text": "segments", "call": "minutes"}


@click.command("budget")
@with_appcontext
@click.argument("line")
@click.argument("amount", required=False)
def budget(line: str, amount: str | None) -> None:
    """What the clinic at LINE may spend in a month; with AMOUNT (dollars, or "none") from now on."""
    house = the_house()
    if amount is not None:
        allowed = _amount(amount)
        with house.database.writing() as connection:
            clinic = clinic_meant(connection, line, "by its line")
            costs.set_budget(house.database, connection, clinic.id, allowed, by=command_by(), now=house.now())
    with house.database.reading() as connection:
        clinic = clinic_meant(connection, line, "by its line")
        month = rules.month_of(house.now(), clinic.timezone)
        spent = sum(int(row.price) for row in costs.of_month(connection, clinic.id, month))
        waiting = costs.held(connection, clinic.id)
    click.echo(
        f"Budget for a month: {_budget(clinic.month_budget)}. Spent in {month:%B %Y}: {in_dollars(spent)}."
    )
    if waiting:
        click.echo(f"Waiting because it was spent: {waiting}.")


@click.command("spend")
@with_appcontext
@click.option("--line", help="The clinic's number, where there are several.")
@click.option("--month", "of", help="Such as 2026-11; this month where none is given.")
def spend(line: str | None, of: str | None) -> None:
    """What a month's texts and calls cost, by kind and language."""
    house = the_house()
    with house.database.reading() as connection:
        clinic = clinic_meant(connection, line, "by its line")
        month = _month(of) if of else rules.month_of(house.now(), clinic.timezone)
        rows = costs.of_month(connection, clinic.id, month)
    click.echo(f"{clinic.name}, {month:%B %Y}: {in_dollars(sum(int(row.price) for row in rows))} expected.")
    click.echo(f"Budget for a month: {_budget(clinic.month_budget)}.")
    for row in rows:
        what = (
            f"{in_words('kinds', row.kind)}, by {row.channel}, {language_name(row.language) or 'no language'}"
        )
        units = f"{int(row.units)} {UNITS[row.channel]}"
        click.echo(f"{in_dollars(int(row.price)):>12}  {int(row.messages):>7} sent  {units:>16}  {what}")
    for sentence in guessed(house.prices, house.settings.allowed_countries):
        click.echo(sentence)


def guessed(prices: Prices, countries: tuple[str, ...]) -> list[str]:
    """A sentence for each country that we may send to and know no price of."""
    names = {"text_segment": "a segment", "carrier_fee": "her phone company's fee", "call_minute": "a minute"}
    return [
        f"No price of {names[kind]} is known for {country}: counted as the dearest, {prices.dearest(kind)[0]}'s."
        for country in countries
        for kind in prices.unknown(country)
    ]


def _amount(words: str) -> int | None:
    if words.strip().lower() == "none":
        return None
    try:
        return from_dollars(words)
    except BadAmount as why:
        raise click.ClickException(f"{why} Or write none, for no limit.") from why


def _month(words: str) -> date:
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", words, re.ASCII):
        raise click.ClickException("Write a month such as 2026-11.")
    return date.fromisoformat(f"{words}-01")


def _budget(amount: int | None) -> str:
    return "no limit" if amount is None else in_dollars(amount)
