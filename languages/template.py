"""The template of all catalogues, locales/messages.pot, drawn from flows and code; and its way into each."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from languages.catalogues import SOURCE

PROJECT = "Careline"
_NOISE = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To|Last-Translator|Language-Team)'
    r": .*\n",
    re.MULTILINE,
)
"""Header lines that say nothing here, or change at every run."""
HEADER = f"""\
# {PROJECT}: translations. The English is what flows and code say; write under it how you would say it to a
# patient. Leave {{names_in_braces}} as they are. `flask languages check` tells what is left to do."""


def extract_template(root: Path) -> Catalog:
    """Every English string under `root`, found as its babel.cfg says, in the order of files."""
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    template = Catalog(project=PROJECT, charset="utf-8", fuzzy=False, header_comment=HEADER)
    found = extract_from_dir(
        str(root), methods, options, keywords={"N_": None}, directory_filter=lambda path: _is_ours(root, path)
    )
    for filename, _, message, comments, context in found:
        # Without line numbers: a catalogue should not change because code above a string did.
        template.add(message, locations=[(filename, 0)], auto_comments=comments, context=context)
    return template


def _is_ours(root: Path, path: str | Path) -> bool:
    first = Path(path).relative_to(root).parts[:1]
    return not first or (
        first[0][0] not in "._" and first[0] not in ("var", "tests", "phonelab", "docs", "deploy")
    )


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def write_catalogue(path: Path, catalogue: Catalog) -> None:
    """Write it by file and string. A run that changes no string leaves the file as it was."""
    if path.exists() and _contents(read_catalogue(path)) == _contents(catalogue):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, sort_by_file=True, include_lineno=False)
    text = path.read_text(encoding="utf-8")
    path.write_text(_NOISE.sub("", text), encoding="utf-8")


def update_all(root: Path, locales: Path) -> list[str]:
    """Bring the template and every catalogue up to date; the tags whose catalogues were looked at.

    A changed sentence is a new one, untranslated; nothing is carried over by likeness, since a
    sentence that is nearly right about a dose is wrong. What is no longer said is kept at the end.
    """
    template = extract_template(root)
    write_catalogue(locales / "messages.pot", template)
    tags = sorted(path.parent.name for path in locales.glob("*/language.toml"))
    for tag in tags:
        if tag != SOURCE:
            update_one(template, locales / tag)
    return [tag for tag in tags if tag != SOURCE]


def update_one(template: Catalog, folder: Path) -> None:
    path = folder / "LC_MESSAGES" / "messages.po"
    if path.exists():
        catalogue = read_catalogue(path)
        _take_back(template, catalogue)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    else:
        catalogue = _new_catalogue(template, folder.name)
    write_catalogue(path, catalogue)


def _take_back(template: Catalog, catalogue: Catalog) -> None:
    """A sentence that is said again gets its translation again; Babel leaves it among the obsolete."""
    for key, message in list(catalogue.obsolete.items()):
        if message.id in template:
            catalogue[message.id] = message
            del catalogue.obsolete[key]


def _new_catalogue(template: Catalog, tag: str) -> Catalog:
    try:
        catalogue = Catalog(locale=tag.replace("-", "_"), project=PROJECT, fuzzy=False, header_comment=HEADER)
    except ValueError:  # a locale that Babel does not know; its plural rule is then written by hand
        catalogue = Catalog(project=PROJECT, fuzzy=False, header_comment=HEADER)
    for message in template:
        if message.id:
            catalogue[message.id] = message
    return catalogue


def _contents(catalogue: Catalog) -> list[tuple[object, ...]]:
    kept = [
        (
            m.id,
            m.string,
            sorted(place for place, _ in m.locations),
            sorted(m.auto_comments),
            m.user_comments,
            m.fuzzy,
            said,
        )
        for messages, said in ((catalogue, True), (catalogue.obsolete.values(), False))
        for m in messages
        if m.id
    ]
    return sorted(kept, key=lambda entry: str(entry[:1]))
