"""`flask --app app speech models`: which language is recognised by what, and fetching Vosk models."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from voice.recognition.catalogue import catalogue
from voice.recognition.choosing import recogniser_for
from voice.recognition.fetching import FetchFailed, by_hand
from voice.recognition.fetching import fetch as fetch_model
from voice.recognition.vosk_models import installed_for_answers

speech = AppGroup("speech", help="Offline speech: recognition, and prompts of our own.")


@speech.group("models", invoke_without_command=True)
@click.pass_context
@with_appcontext
def models(context: click.Context) -> None:
    """List the languages, who takes recordings in them, and who hears answers."""
    if context.invoked_subcommand is None:
        folder = _folder()
        click.echo(f"models in {folder}")
        click.echo(f"{'language':10}{'recordings':40}{'answers':40}vosk model")
        for language in catalogue().languages():
            click.echo(_line(language, folder))


@models.command("fetch")
@click.argument("language")
def fetch(language: str) -> None:
    """Fetch the Vosk model for LANGUAGE from its publisher and verify it."""
    entry, folder = catalogue().vosk_for(language), _folder()
    if entry is None:
        raise click.ClickException(
            f"there is no Vosk model for {language!r}: its callers answer by keys. "
            f"There is one for {', '.join(entry.language for entry in catalogue().vosk)}."
        )
    url = catalogue().url.format(name=entry.name)
    click.echo(f"fetching {url} ({entry.bytes / 1e6:.0f} MB; {catalogue().checksum_state})")
    try:
        click.echo(f"installed: {fetch_model(entry, folder, url=url)}")
    except FetchFailed as error:
        raise click.ClickException(f"{error}\n{by_hand(entry, folder, url)}") from error


def _line(language: str, folder: Path) -> str:
    recogniser, answers = recogniser_for(language, folder), installed_for_answers(language, folder)
    takes = recogniser.name if recogniser else "nobody: a person listens"
    if (
        recogniser
        and recogniser.name.startswith("faster-whisper")
        and language not in catalogue().whisper.measured
    ):
        takes += ", a person listens"
    hears = f"vosk:{answers.name}" if answers else "keys only"
    entry = catalogue().vosk_for(language)
    state = (
        "none exists" if entry is None else "installed" if (folder / entry.name).is_dir() else "not installed"
    )
    return f"{language:10}{takes:40}{hears:40}{entry.name if entry else ''} {state}".rstrip()


def _folder() -> Path:
    folder: Path = current_app.config["CARELINE"].models_dir
    return folder
