"""A new language's folder: all that the software can know of it, and blanks for what only its people know."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from languages.catalogues import SOURCE
from languages.language import WORD_LISTS
from languages.template import extract_template, update_one
from languages.time_words import LIST, TimeWords

CAPTIONS = {
    "yes": "One answer each, lower case, with accents where the language has them (reading ignores them).",
    "not": 'Words that turn a sentence round: "not yes" must not be read as yes.',
    "stop": "What people write to get no more texts and calls, a word alone.",
    "stop_requests": 'The same in a sentence: "stop texting me".',
    "danger": "Words of danger anywhere in a text bring a person at once …",
    "not_danger": "… and these take back what only sounds so.",
    "common": "The smallest words of the language, which tell it from others with the same letters.",
    "choosing": "What may stand beside the number of an option.",
}


def add_language(tag: str, root: Path, locales: Path) -> Path:
    """Make `locales/<tag>/` and return it. Raises FileExistsError where it is there already."""
    folder = locales / tag
    folder.mkdir(parents=True)
    (folder / "language.toml").write_text(_description(tag), encoding="utf-8")
    update_one(extract_template(root), folder)
    return folder


def _description(tag: str) -> str:
    locale = _locale(tag)
    known = locale or Locale.parse(SOURCE)
    facts = {
        "english_name": (locale and locale.get_display_name("en")) or tag,
        "own_name": (locale and (locale.get_display_name() or "").capitalize()) or tag,
        "script": _script(tag),
        "direction": "rtl" if known.text_direction == "rtl" else "ltr",
        "fallback": [SOURCE],
        "format_locale": str(known),
    }
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in facts.items()]
    lines += [f"# {hint}" for hint in _hints(known)]
    lines += [
        "",
        "# What the carrier's <Say> and espeak-ng can speak, and a Vosk model; leave out what there is not.",
    ]
    lines += ['# carrier_language = ""', '# carrier_voice = ""', '# local_voice = ""', '# vosk_model = ""']
    lines += ["", "[words]"]
    for name in WORD_LISTS:
        lines += [f"# {CAPTIONS[name]}"] if name in CAPTIONS else []
        lines += [f"{name} = []"]
    lines += [
        "",
        "[numbers]",
        "# See languages/language.py for what can stand here, and English for an example.",
    ]
    lines += [
        "",
        "[dates]",
        'order = "either"',
        "",
        *_times(),
        "",
        "[saying]",
        'blood_pressure = "{systolic}/{diastolic}"',
        "",
    ]
    return "\n".join(lines)


def _times() -> list[str]:
    """The blanks of [times]: a list for words, a table for words with values."""
    blanks = [f"{one.name} = {'[]' if one.type == LIST else '{}'}" for one in fields(TimeWords)]
    return [
        "# When people say that they want to come, and how it is said back to them: languages/time_words.py tells",
        "# what each of these is, and English is an example. An empty one says: we have none.",
        "[times]",
        *blanks,
    ]


def _hints(locale: Locale) -> list[str]:
    """What else may have to stand at the top; a locale without words of its own shows another's."""
    return [
        f'January is "{locale.months["format"]["wide"][1]}" in this locale. If that is another language, add '
        "[calendar] and [saying], as ht does.",
        "other_names = [] for what else people call the language; runs_together = true, as ko has it, where",
        "words are written with and without spaces. A numbers.py beside this file reads number words, where",
        "text2num does not know them.",
    ]


def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-" if "-" in tag else "_")
    except (UnknownLocaleError, ValueError):
        return None


def _script(tag: str) -> str:
    """ISO 15924, as CLDR expects it of the tag ("ar" → "ar_Arab_EG")."""
    likely = get_global("likely_subtags")
    for subtags in (tag.split("-"), likely.get(tag.split("-")[0], "").split("_")):
        if scripts := [subtag for subtag in subtags if len(subtag) == 4]:
            return scripts[0]
    return "Latn"
