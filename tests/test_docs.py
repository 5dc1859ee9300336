"""What the documents name is there: commands, settings, files."""

import importlib
import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import click
import pytest
from flask.cli import ScriptInfo

from records import Base
from records.sealing import sealed_columns
from settings import VARIABLES, Settings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "*/README.md", "deploy/**/*.service")
    for path in ROOT.glob(pattern)
    if not path.relative_to(ROOT).parts[0].startswith((".", "var"))
)
EACH_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
NOT_SETTINGS = {"CARELINE_"}


def code(document: Path) -> str:
    """What stands in backticks or fences, a piece a line: prose may say "make sure"."""
    text = document.read_text()
    if document.suffix != ".md":
        return text
    pieces = re.findall(r"^```.*?\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return "\n".join(pieces + re.findall(r"`([^`]+)`", prose))


@cache
def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@cache
def flask_commands() -> click.Group:
    app = importlib.import_module("app").create_app()
    assert isinstance(app.cli, click.Group)
    return app.cli


def flask_command(words: list[str]) -> str | None:
    """None where `flask --app app WORDS` names a command; else what is wrong."""
    command: click.Command = flask_commands()
    context = click.Context(command, obj=ScriptInfo(app_import_path="app"))
    for word in words:
        if not isinstance(command, click.Group):
            return None
        if not re.fullmatch(r"[a-z][a-z-]*", word):
            break
        found = command.get_command(context, word)
        if found is None:
            return f"{word!r} is not one of {command.list_commands(context)}"
        command = found
    incomplete = isinstance(command, click.Group) and not command.invoke_without_command
    return "the command is incomplete" if incomplete else None


@EACH_DOCUMENT
def test_make_targets_exist(document: Path) -> None:
    named = set(
        re.findall(r"(?:^|sudo |&& |; )(?:[A-Z_]+=\S+ )*make ([a-z][a-z-]*)", code(document), re.MULTILINE)
    )
    assert named <= make_targets()


@EACH_DOCUMENT
def test_flask_commands_exist(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELINE_HOME", str(tmp_path))
    pattern = r"(?:flask --app app|as_service) +([a-z][^\n`#|]*)"
    troubles = {line: flask_command(line.split()) for line in re.findall(pattern, code(document))}
    assert {line: trouble for line, trouble in troubles.items() if trouble} == {}


@EACH_DOCUMENT
def test_settings_exist(document: Path) -> None:
    named = set(re.findall(r"\b(?:CARELINE|TWILIO)_[A-Z_]*", code(document)))
    assert named - NOT_SETTINGS <= set(VARIABLES)


@EACH_DOCUMENT
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text())
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []


def test_every_setting_is_explained_once() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(VARIABLES)


def test_defaults_in_the_table_are_the_real_ones(tmp_path: Path) -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| `([^`]+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE
    )
    shown = dict(rows)
    settings = Settings.from_environ({"CARELINE_HOME": str(tmp_path)})
    assert shown["CARELINE_PUBLIC_URL"] == settings.public_url
    assert shown["CARELINE_CARRIER_URL"] == settings.carrier_url
    assert shown["CARELINE_PORT"] == str(settings.port)
    assert shown["CARELINE_STREAM_PORT"] == str(settings.stream_port)
    assert shown["CARELINE_COUNTRIES"] == ",".join(settings.allowed_countries)
    assert float(shown["CARELINE_CALLS_PER_SECOND"]) == settings.calls_per_second
    assert float(shown["CARELINE_MESSAGES_PER_SECOND"]) == settings.messages_per_second


def test_the_table_of_what_is_sealed_is_what_is_sealed() -> None:
    rows = re.findall(
        r"^\| `([a-z_]+)` \| (`.+`) \|$", (ROOT / "docs" / "data-at-rest.md").read_text(), re.MULTILINE
    )
    shown = {table: re.findall(r"`(\w+)`", columns) for table, columns in rows}
    assert shown == {
        table.name: [column.name for column in columns]
        for table, columns in sealed_columns(Base.metadata).items()
    }


def test_the_fallback_says_what_to_do_in_an_emergency_in_every_language_of_the_demo() -> None:
    response = ET.parse(ROOT / "docs" / "fallback.xml").getroot()
    said = {say.get("language"): say.text or "" for say in response.findall("Say")}
    assert {"en-US", "es-US"} <= said.keys()
    assert all("9 1 1" in words for words in said.values())
    assert response.findtext("Dial")
