"""`flask languages …`: what a translator and whoever adds a language works with."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import click

from languages.catalogue_check import CountSegments, Problem, find_problems, stale
from languages.catalogues import HOME, hash_of, is_translated, read_reviews
from languages.new_language import add_language
from languages.template import extract_template, read_catalogue, update_all, write_catalogue

ROOT = HOME.parent


def group(segments: CountSegments | None = None, root: Path = ROOT, locales: Path = HOME) -> click.Group:
    """The commands, for the catalogues in `locales`; `segments` counts those of a text, where one can."""

    @click.group()
    def languages() -> None:
        """Languages: their catalogues, what is left to translate, new ones."""

    @languages.command()
    @click.option("--stale-only", is_flag=True, help="Only what `update` mends.")
    def check(stale_only: bool) -> None:
        """Tell what is missing, stale, or has other placeholders; fail where anything is."""
        _report(stale(root, locales) if stale_only else find_problems(root, locales, segments))

    @languages.command()
    def extract() -> None:
        """Draw the English strings from flows and code into locales/messages.pot."""
        template = extract_template(root)
        write_catalogue(locales / "messages.pot", template)
        click.echo(f"{len(template)} strings in {locales.name}/messages.pot")

    @languages.command()
    def update() -> None:
        """Bring every catalogue up to date with flows and code."""
        click.echo(f"up to date: {', '.join(update_all(root, locales))}")

    @languages.command()
    @click.argument("tag")
    def add(tag: str) -> None:
        """Begin a language: its folder, with blanks to fill (TAG such as pt-BR or ht)."""
        _add(tag, root, locales)

    @languages.command()
    @click.argument("tag")
    @click.option("--who", required=True, help="The qualified translator who read them.")
    @click.option("--flow", help="Only the strings of one flow.")
    def review(tag: str, who: str, flow: str | None) -> None:
        """Note that a person has reviewed translations as they stand; a change of any undoes its review."""
        _review(locales / tag, who, flow)

    return languages


def _report(problems: list[Problem]) -> None:
    for problem in problems:
        click.echo(str(problem))
    if problems:
        raise SystemExit(1)
    click.echo("Nothing is left to do.")


def _add(tag: str, root: Path, locales: Path) -> None:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", tag):
        raise click.BadParameter("a language is written like ht, pt-BR or zh-Hant")
    try:
        folder = add_language(tag, root, locales)
    except FileExistsError as error:
        raise click.ClickException(f"{locales.name}/{tag} is there already") from error
    click.echo(f"Made {locales.name}/{folder.name}: fill in language.toml and LC_MESSAGES/messages.po.")


def _review(folder: Path, who: str, flow: str | None) -> None:
    done = dict(read_reviews(folder))
    today = datetime.now(UTC).date().isoformat()
    for message in read_catalogue(folder / "LC_MESSAGES" / "messages.po"):
        notes = ", ".join(message.auto_comments) + ", "
        if is_translated(message) and (flow is None or f"flow {flow}, " in notes):
            done.setdefault(hash_of(message), {"who": who, "when": today})
    lines = [
        f"{key} = {{who = {_quoted(by['who'])}, when = {_quoted(by['when'])}}}" for key, by in done.items()
    ]
    (folder / "reviews.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    click.echo(f"{len(done)} reviewed strings in {folder.parent.name}/{folder.name}/reviews.toml")


def _quoted(text: object) -> str:
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
