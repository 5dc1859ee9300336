"""What a string is in a language: its translation, its chain, its review."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from languages import load
from languages.catalogues import HOME
from languages.language import LanguageError, read_language
from languages.template import read_catalogue

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
PLURALS = '"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n<5 ? 1 : 2);\\n"\n'


def _catalogue(project: Path, tag: str, body: str, head: str = HEAD) -> None:
    path = project / "locales" / tag / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{head}\n{body}", encoding="utf-8")


def _language(project: Path, tag: str, fallback: str) -> None:
    text = (project / "locales" / "en" / "language.toml").read_text()
    folder = project / "locales" / tag
    folder.mkdir()
    (folder / "language.toml").write_text(text.replace("fallback = []", f"fallback = [{fallback}]"))


def test_each_string_falls_back_on_its_own(project: Path) -> None:
    _language(project, "ca", '"es"')
    _catalogue(project, "ca", 'msgid "Hello"\nmsgstr "Bon dia"\n')
    _catalogue(project, "es", 'msgid "Hello"\nmsgstr "Hola"\n\nmsgid "Goodbye"\nmsgstr "Adiós"\n')
    languages = load(project / "locales")
    assert languages.chain("ca") == ("ca", "es", "en")
    assert languages.text("Hello", "ca") == ("Bon dia", "ca")
    assert languages.text("Goodbye", "ca") == ("Adiós", "es")
    assert languages.text("Thanks", "ca") == ("Thanks", "en")


def test_an_old_flow_keeps_its_words_where_the_catalogue_has_lost_them(project: Path) -> None:
    _catalogue(project, "es", 'msgid "Hello"\nmsgstr "Hola"\n')
    languages = load(project / "locales")
    snapshot = {"es": {"Hello": "Buenas", "Old words": "Palabras viejas"}}
    assert languages.text("Old words", "es", snapshot) == ("Palabras viejas", "es")
    assert languages.text("Hello", "es", snapshot) == ("Hola", "es")
    assert languages.text("Old words", "es") == ("Old words", "en")


def test_a_fuzzy_or_empty_translation_is_not_used(project: Path) -> None:
    _catalogue(project, "es", '#, fuzzy\nmsgid "Hello"\nmsgstr "Hola"\n\nmsgid "Thanks"\nmsgstr ""\n')
    languages = load(project / "locales")
    assert languages.text("Hello", "es") == ("Hello", "en")
    assert languages.text("Thanks", "es") == ("Thanks", "en")


def test_plural_forms_follow_the_catalogue(project: Path) -> None:
    body = (
        'msgid "{n} try"\nmsgid_plural "{n} tries"\nmsgstr[0] "uno"\nmsgstr[1] "pocos"\nmsgstr[2] "muchos"\n'
    )
    _catalogue(project, "es", body, HEAD + PLURALS)
    languages = load(project / "locales")
    assert [languages.plural("{n} try", "{n} tries", n, "es")[0] for n in (1, 3, 9)] == [
        "uno",
        "pocos",
        "muchos",
    ]
    assert [languages.plural("{n} try", "{n} tries", n, "en")[0] for n in (1, 0)] == ["{n} try", "{n} tries"]


def test_the_chain_may_not_lead_to_a_language_without_a_folder(project: Path) -> None:
    _language(project, "ca", '"oc"')
    with pytest.raises(LanguageError, match="ca falls back to oc"):
        load(project / "locales")


def test_a_folder_that_is_wrong_says_where_and_what(project: Path) -> None:
    path = project / "locales" / "es" / "language.toml"
    path.write_text(path.read_text().replace("skip = [", "skipp = ["))
    with pytest.raises(LanguageError, match="lacks skip"):
        read_language(path.parent)
    path.write_text("english_name = ")
    with pytest.raises(LanguageError, match=r"language\.toml"):
        read_language(path.parent)


def test_every_word_list_is_a_list_of_words_in_every_language() -> None:
    for tag, language in load().items():
        for name, words in language.words.items():
            assert all(word == word.strip().lower() and word for word in words), (tag, name)
            assert len(set(words)) == len(words), (tag, name)


def test_every_language_is_whole_and_all_of_it_is_draft_or_reviewed() -> None:
    languages = load()
    assert {"en", "es", "ht", "ko"} <= set(languages)
    template = read_catalogue(HOME / "messages.pot")
    for tag in set(languages) - {"en"}:
        missing = [m.id for m in template if m.id and languages.state(str(m.id), tag) is None]
        assert missing == [], tag


def test_a_haitian_text_never_costs_double_for_a_letter() -> None:
    languages = load()
    texts = [languages.text(msgid, "ht")[0] for msgid in languages.states("ht")]
    assert [text for text in texts if set("ÈÒÀ’–—…") & set(text)] == []


def test_a_calendar_with_too_few_months_says_so(project: Path) -> None:
    path = project / "locales" / "es" / "language.toml"
    haitian = (HOME / "ht" / "language.toml").read_text()
    path.write_text(haitian.replace('"janvye", ', ""))
    with pytest.raises(LanguageError, match="months has 12 words"):
        read_language(path.parent)


def test_no_word_is_both_yes_and_no() -> None:
    for language in load().values():
        assert not set(language.words["yes"]) & set(language.words["no"])


def test_loading_all_languages_takes_less_than_150_ms() -> None:
    """Of the processor: how much else the machine does meanwhile is not counted."""
    code = (
        "import time; from languages import load; from languages.catalogues import HOME; "
        "times = []\nfor _ in range(3):\n load.cache_clear(); s = time.process_time(); load(HOME); "
        "times.append(time.process_time() - s)\nprint(min(times))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=HOME.parent, capture_output=True, text=True, check=True
    )
    assert float(out.stdout) < 0.15
