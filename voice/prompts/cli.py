"""`flask --app app speech prepare` and `speech prompts`: all prompts now, and a list of what a person may speak."""

from __future__ import annotations

import time
from typing import cast

import click
from flask import current_app
from flask.cli import with_appcontext

from conversation.house import House
from voice.prompts.ahead import Ahead, names_said
from voice.prompts.speaker import SpeakingError
from voice.prompts.store import Prompts, id_of
from voice.recognition.cli import speech

__all__ = ["speech"]


@speech.command("prepare")
@with_appcontext
def prepare() -> None:
    """Make every prompt that the carrier can't speak. The worker does so by itself; this is faster."""
    prompts, names = _prompts(), names_said(_house().database)
    ahead, began = Ahead(prompts), time.monotonic()
    missing = ahead.missing(names)
    try:
        with click.progressbar(missing, label=f"{len(missing)} to make", item_show_func=_tag) as shown:
            for words, tag in shown:
                ahead.make(words, tag)
    except SpeakingError as error:
        raise click.ClickException(f"{_tag((words, tag))}: {error}") from error
    finally:
        prompts.close()
    ahead.drop_unused(names, time.time())
    files = [prompts.folder / name for name in ahead.wanted(names)]
    size = sum(file.stat().st_size for file in files)
    click.echo(
        f"{', '.join(prompts.tags())}: {len(files)} prompts, {size / 1e6:.1f} MB, in {prompts.folder};"
        f" {len(missing)} made in {time.monotonic() - began:.1f} s"
    )


@speech.command("prompts")
@click.argument("language")
@with_appcontext
def list_prompts(language: str) -> None:
    """List the prompts of LANGUAGE and what a person's recording of each is called."""
    prompts = _prompts()
    if language not in prompts.tags():
        spoken = ", ".join(prompts.tags()) or "none"
        raise click.ClickException(f"{language!r} is not spoken by prepared prompts; these are: {spoken}")
    click.echo(f"# A WAV placed here is heard instead: {prompts.recorded / language}")
    for part in prompts.cutter(language).ahead(names_said(_house().database)):
        click.echo(f"{id_of(part.words)}.wav  {part.words}")


def _tag(part: tuple[str, str] | None) -> str:
    return part[1] if part else ""


def _house() -> House:
    return cast(House, current_app.extensions["careline"])


def _prompts() -> Prompts:
    return cast(Prompts, current_app.extensions["prompts"])
