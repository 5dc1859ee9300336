"""What a translator does: draw the strings, translate, be told what is left, have it reviewed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from languages import load
from languages.catalogues import HOME
from languages.commands import group
from languages.extract import extract
from languages.template import read_catalogue, write_catalogue
from tests.languages.conftest import FLOW

SPANISH = {
    "Please key in your weight.": "Por favor, marque su peso.",
    "What is your weight, {name}?": "¿Cuál es su peso, {name}?",
    "I have {weight}.": "Entendí {weight}.",
    "Thank you.": "Gracias.",
    "Which one?": "¿Cuál?",
    "the first one": "el primero",
    "first, one": "primero, uno",
    "Too heavy.": "Demasiado peso.",
}


def _run(project: Path, *words: str) -> Result:
    load.cache_clear()
    return CliRunner().invoke(group(len, project, project / "locales"), words)


def _translate(project: Path, words: dict[str, str]) -> None:
    path = project / "locales" / "es" / "LC_MESSAGES" / "messages.po"
    catalogue = read_catalogue(path)
    for message in catalogue:
        if message.id in words:
            message.string = words[message.id]
    write_catalogue(path, catalogue)


def _check(project: Path, segments: object = None) -> str:
    result = CliRunner().invoke(group(segments, project, project / "locales"), ["check"])  # type: ignore[arg-type]
    assert (result.exit_code == 0) == ("Nothing is left" in result.output)
    return result.output


@pytest.fixture
def translated(project: Path) -> Path:
    _run(project, "update")
    _translate(project, SPANISH)
    return project


def test_all_that_a_flow_says_is_drawn_and_nothing_else() -> None:
    found = list(extract(io.BytesIO(FLOW.encode()), (), (), {}))
    assert {words for _, _, words, _ in found} == set(SPANISH) - {"Too heavy."}
    assert found[0] == (
        7,
        None,
        "Please key in your weight.",
        ["flow weight, step ask_weight, clinical, by voice"],
    )


def test_marked_strings_of_code_are_drawn(project: Path) -> None:
    assert "8 strings" in _run(project, "extract").output
    template = (project / "locales" / "messages.pot").read_text()
    assert 'msgid "Too heavy."' in template
    assert "not marked" not in template


def test_a_translator_is_told_what_has_no_translation_and_where_it_is_said(project: Path) -> None:
    _run(project, "update")
    told = _check(project)
    assert "es: no Spanish yet for 'Thank you.' (flow weight, step read_back, clinical)" in told
    assert "es: no Spanish yet for 'Too heavy.' (care/weights.py)" in told


def test_a_whole_translation_has_nothing_left_to_do(translated: Path) -> None:
    assert "Nothing is left" in _check(translated)
    load.cache_clear()
    assert load(translated / "locales").text("Too heavy.", "es") == ("Demasiado peso.", "es")


def test_other_placeholders_are_found(translated: Path) -> None:
    _translate(translated, {"I have {weight}.": "Entendí {peso}."})
    assert "{weight} must stand in the translation, not {peso}" in _check(translated)
    _translate(translated, {"I have {weight}.": "Entendí {weight."})
    assert "in the translation of 'I have {weight}.'" in _check(translated)


def test_a_text_of_too_many_segments_is_found(translated: Path) -> None:
    assert "4 segments as a text" in _check(translated, lambda text: 4 if "peso," in text else 1)
    only_spoken = _check(translated, lambda text: 4 if "marque" in text else 1)
    assert "Nothing is left" in only_spoken


def test_a_changed_sentence_is_stale_until_updated_and_then_untranslated(translated: Path) -> None:
    flow = translated / "ivr_flows" / "weight.yaml"
    flow.write_text(FLOW.replace("Thank you.", "Thank you very much."))
    stale = _run(translated, "check", "--stale-only")
    assert stale.exit_code == 1
    assert "'Thank you very much.' is not in the catalogue" in stale.output
    assert "'Thank you.' is no longer said anywhere" in stale.output
    _run(translated, "update")
    assert _run(translated, "check", "--stale-only").exit_code == 0
    assert "no Spanish yet for 'Thank you very much.'" in _check(translated)
    flow.write_text(FLOW)
    _run(translated, "update")
    assert "Nothing is left" in _check(translated), "the old translation comes back with the old sentence"


def test_a_sentence_that_is_only_taken_out_is_gone_after_an_update(translated: Path) -> None:
    flow = translated / "ivr_flows" / "weight.yaml"
    flow.write_text(
        FLOW.replace('"Thank you."', '"I have {weight}."').replace("Thank you.", "I have {weight}.")
    )
    assert "'Thank you.' is no longer said anywhere" in _run(translated, "check", "--stale-only").output
    _run(translated, "update")
    assert _run(translated, "check", "--stale-only").exit_code == 0


def test_an_update_without_changes_leaves_every_file_as_it_was(translated: Path) -> None:
    before = {path: path.read_bytes() for path in (translated / "locales").rglob("*.po*")}
    _run(translated, "update")
    assert {path: path.read_bytes() for path in (translated / "locales").rglob("*.po*")} == before


def test_a_review_holds_until_either_side_changes(translated: Path) -> None:
    _run(translated, "review", "es", "--who", 'Ana "Nina" Soto', "--flow", "weight")
    locales = translated / "locales"
    load.cache_clear()
    languages = load(locales)
    assert languages.states("es")["Thank you."] == "reviewed"
    assert languages.state("Too heavy.", "es") == "draft"
    assert languages.state("Thank you.", "en") == "source"
    assert languages.text("Thank you.", "es", reviewed_only=True) == ("Gracias.", "es")
    assert languages.text("Too heavy.", "es", reviewed_only=True) == ("Too heavy.", "en")
    _translate(translated, {"Thank you.": "Muchas gracias."})
    load.cache_clear()
    assert load(locales).state("Thank you.", "es") == "draft"
    assert "is of a text that has changed since" in _check(translated)


@pytest.mark.parametrize(
    ("tag", "direction", "script"), [("ht", "ltr", "Latn"), ("ar", "rtl", "Arab"), ("zh-Hant", "ltr", "Hant")]
)
def test_a_language_is_begun_with_one_command_and_is_one_folder(
    project: Path, tag: str, direction: str, script: str
) -> None:
    assert _run(project, "add", tag).exit_code == 0
    load.cache_clear()
    language = load(project / "locales")[tag]
    assert (language.direction, language.script, language.fallback) == (direction, script, ("en",))
    assert f"{tag}: no " in _check(project)
    assert _run(project, "add", tag).exit_code == 1


def test_a_new_language_is_told_which_words_of_time_it_lacks(project: Path) -> None:
    _run(project, "add", "ar")
    assert "ar: [times] in language.toml has no soonest, days, next" in _check(project)
    assert "es: [times]" not in _check(project)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("soonest = ['x']\nwhen = []", "[times] has when, which nothing reads"),
        ("parts = {noonish = ['x']}", "[times.parts] has noonish, which nothing reads"),
        ("said = {monday = 'x'}", "[times.said] has monday, which nothing reads"),
        ("weekdays = {monday = 7}", "[times.weekdays] goes from 0 to 6, and monday does not"),
        ("hours = {one = 25}", "[times.hours] goes from 0 to 23, and one does not"),
        ("spans = {fortnight = 'two weeks'}", "[times.spans] is a number and week, month or day"),
    ],
)
def test_a_mistake_in_the_words_of_time_is_told_by_its_place(project: Path, wrong: str, told: str) -> None:
    path = project / "locales" / "es" / "language.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text[: text.index('[times]')]}[times]\n{wrong}\n", encoding="utf-8")
    assert told in _check(project)


def test_a_new_language_is_warned_of_words_that_are_another_s(project: Path) -> None:
    _run(project, "add", "ht")
    assert 'January is "janvier"' in (project / "locales" / "ht" / "language.toml").read_text()


def test_a_tag_that_is_no_tag_is_refused(project: Path) -> None:
    assert _run(project, "add", "../../etc").exit_code == 2


def test_the_sources_of_this_project_are_drawn() -> None:
    assert (HOME / "messages.pot").exists()
    assert "Sorry, I did not understand" in (HOME / "messages.pot").read_text()
