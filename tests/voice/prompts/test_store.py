"""Prompts found, made ahead, and made when a call needs them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from languages import Languages, load
from tests import prepared_prompts
from voice.prompts.ahead import UNUSED_SECONDS, Ahead
from voice.prompts.speaker import Speaker, SpeakingError
from voice.prompts.store import Prompts, as_wav, id_of, name_of

SAID = "Mwen konprann 128 sou 82. Se sa?"
NAMED = "Byenveni nan Kay Sante Solèy Leve. Si se yon ijans, rakwoche epi rele 911."


@pytest.fixture(scope="module")
def speaker() -> Iterator[Speaker]:
    made = Speaker()
    yield made
    made.close()


@pytest.fixture
def prompts(tmp_path: Path, speaker: Speaker) -> Iterator[Prompts]:
    made = Prompts(tmp_path, load(), speaker)
    yield made
    made.close()


def files(prompts: Prompts) -> set[str]:
    return {path.name for path in prompts.folder.iterdir()} if prompts.folder.is_dir() else set()


def names_of(prompts: Prompts, said: str) -> list[str]:
    return [name_of(part.words, prompts.languages["ht"]) for part in prompts.cutter("ht").cut(said)]


def test_what_was_not_prepared_is_made_when_it_is_needed_and_kept(prompts):
    first = prompts.sound(SAID, "ht")
    assert files(prompts) == set(names_of(prompts, SAID))
    assert prompts.sound(SAID, "ht") == first
    assert (prompts.folder.stat().st_mode & 0o777) == 0o700


def test_a_value_that_may_be_a_patients_stays_off_the_disk(prompts):
    before, clinic, after = names_of(prompts, NAMED)
    assert prompts.sound(NAMED, "ht") == prompts.sound(NAMED, "ht")
    assert files(prompts) == {before, after}
    assert clinic not in files(prompts)


def test_a_file_that_is_not_whole_is_made_anew(prompts):
    first = prompts.sound(SAID, "ht")
    damaged = [prompts.folder / name for name in names_of(prompts, SAID)]
    whole = damaged[0].read_bytes()
    damaged[0].write_bytes(whole[:1000])
    damaged[1].write_bytes(b"")
    damaged[2].write_bytes(as_wav(b""))
    damaged[3].write_bytes(b"no sound at all")
    assert len(prompts.sound(SAID, "ht")) == pytest.approx(len(first), rel=0.05)
    assert len(damaged[0].read_bytes()) == pytest.approx(len(whole), rel=0.05)


def test_a_persons_recording_wins_and_goes_again(prompts, speaker):
    synthetic = prompts.sound(SAID, "ht")
    parts = prompts.cutter("ht").cut(SAID)
    place = prompts.recorded / "ht" / f"{id_of(parts[0].words)}.wav"
    place.parent.mkdir(parents=True)
    place.write_bytes(as_wav(speaker.speak("yon moun k ap pale,", "roa/ht")))
    heard = prompts.sound(SAID, "ht")
    person = speaker.take_over(place)
    assert heard[44:].startswith(person), "what stands behind the 44 bytes of a WAV's head"
    assert heard.endswith(synthetic[-20_000:]), "and the rest as before"
    place.unlink()
    assert prompts.sound(SAID, "ht") == synthetic


def test_what_nothing_says_any_more_goes_after_a_month(prompts):
    prompts.sound(SAID, "ht")
    kept = files(prompts)
    old = prompts.folder / f"{'0' * 32}.wav"
    old.write_bytes(as_wav(b"\0\0"))
    made = old.stat().st_mtime
    Ahead(prompts).drop_unused([], made + 60)
    assert old.exists(), "a deploy that is taken back finds its prompts again"
    Ahead(prompts).drop_unused([], made + UNUSED_SECONDS + 60)
    assert files(prompts) == kept


def test_a_language_whose_voice_is_unknown_fails_clearly(tmp_path, speaker, caplog):
    known = load()
    wrong = replace(known["ht"], local_voice="roa/xx")
    languages = Languages({**known, "ht": wrong}, {tag: known._catalogues[tag] for tag in known})
    prompts = Prompts(tmp_path, languages, speaker)
    with pytest.raises(SpeakingError, match="no voice 'roa/xx'"):
        prompts.sound(SAID, "ht")
    with caplog.at_level(logging.ERROR):
        Ahead(prompts).step([])
    (told,) = [record.getMessage() for record in caplog.records]
    assert "prompts in 'ht' can't be prepared: LookupError: espeak-ng has no voice 'roa/xx'" in told
    prompts.close()


def test_the_worker_makes_all_in_steps_and_then_nothing_more(tmp_path, prompts):
    """Most of them are taken from what other tests have made."""
    prepared_prompts.share(tmp_path)
    ahead = Ahead(prompts)
    names = ["Harbor Community Clinic"]
    for _ in range(200):
        ahead.step(names)
        if not ahead.missing(names):
            break
    assert ahead.missing(names) == []
    assert ahead.missing([*names, "Kay Sante"]) == [("Kay Sante,", "ht")], "a new clinic's name is all"
    assert {tag for _, tag in ahead.wanted(names).values()} == {"ht"}, "the carrier speaks the others"
