"""The first call, as somebody who has just typed `make run` makes it: a real browser, real speech, all processes.

Rosa calls in Spanish, reports a blood pressure on the keypad and leaves a message; James leaves one in
English; then Rosa texts "hola" and goes on by text. The console shows what they left.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import jiwer
import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright
from sqlalchemy import select

from clinic import demo
from conversation.house import utc_now
from records.messages import Message
from records.readings import Reading
from tests.browser import chromium
from tests.installation import REPOSITORY, Installation, installed

LINE, ROSA, JAMES = "+16175550100", "+16175550101", "+16175550102"
SPEECH = REPOSITORY.parent / "shared" / "speech" / "sentences"
MOST_WRONG = 0.10
"""Word error rate of a clear English sentence over the telephone."""
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def careline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("careline"), [LINE]) as made:
        demo.load(made.database, utc_now())
        yield made


@pytest.fixture
def page(careline: Installation) -> Iterator[Page]:
    found = chromium.find()
    if found is None:
        pytest.skip("no Chromium here (chromium, chromium-browser, google-chrome, or CHROMIUM=path)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=chromium.SWITCHES)
        opened = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        opened.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield opened
        browser.close()


@pytest.mark.skipif(not SPEECH.exists(), reason=f"recorded speech is not at hand ({SPEECH})")
def test_a_reading_and_a_message_by_phone_then_on_by_text(page: Page, careline: Installation) -> None:
    sentences = json.loads((SPEECH / "transcripts.json").read_text())
    page.goto(f"{careline.phonelab_url}/?number=%2B16175550101&number=%2B16175550102")
    rosa, james = page.locator(".handset").nth(0), page.locator(".handset").nth(1)

    _call(rosa)
    _hears(rosa, "Para español, marque 2.")
    _press(rosa, "2")
    _hears(rosa, "¿En qué podemos ayudarle?")
    _press(rosa, "1")
    _hears(rosa, "fecha de nacimiento")
    _press(rosa, "03021994")
    _hears(rosa, "presión arterial")
    _press(rosa, "128*82#")
    _hears(rosa, "128 sobre 82")
    _press(rosa, "1")
    _hears(rosa, "¿Tiene algo de esto?")
    _press(rosa, "2")
    _hears(rosa, "Anotamos su presión")
    _press(rosa, "1")
    _press_when(rosa, "dejar un mensaje", "2")
    _speak(rosa, SPEECH / "es.wav", "La clínica tiene su mensaje")

    _call(james)
    _press_when(james, "For English, press 1.", "1")
    _press_when(james, "How can we help you?", "2")
    _speak(james, SPEECH / "en.wav", "The clinic has your message")

    _text(rosa, "hola", "¿En qué podemos ayudarle?")
    _text(rosa, "1", "fecha de nacimiento")
    _text(rosa, "2 de marzo de 1994", "presión arterial")
    _text(rosa, "122/79", "122/79")
    _text(rosa, "sí", "¿Tiene")
    _text(rosa, "no", "Anotamos su presión")

    messages = _messages_with_words(careline)
    assert jiwer.wer(_plain(sentences["en"]), _plain(messages["en"])) <= MOST_WRONG
    assert "arenas" in messages["es"]
    with careline.database.reading() as connection:
        values = connection.scalars(select(Reading.value).where(Reading.confirmed)).all()
    assert [(value["systolic"], value["diastolic"]) for value in values] == [(128, 82), (122, 79)]
    _console_shows_it(page, careline, messages["en"])


def _console_shows_it(page: Page, careline: Installation, english: str) -> None:
    page.goto(f"{careline.settings.public_url}/clinic/")
    page.get_by_label("Login").fill("demo")
    page.get_by_label("Password").fill(demo.PASSWORD)
    page.get_by_role("button", name=re.compile("Sign in|Log in")).click()
    expect(page.get_by_text("128/82").first).to_be_visible()
    expect(page.get_by_text("122/79").first).to_be_visible()
    expect(page.get_by_text(english.strip()).first).to_be_visible()


def _messages_with_words(careline: Installation) -> dict[str, str]:
    """The transcripts by language, once both are there: the worker needs some seconds."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while True:
        with careline.database.reading() as connection:
            rows = connection.execute(
                select(Message.language, Message.text).where(Message.state == "ready")
            ).all()
        if len(rows) == 2:
            return {row.language: row.text or "" for row in rows}
        assert time.monotonic() < deadline, f"only {len(rows)} of 2 messages were put into words"
        time.sleep(0.2)  # polling for the condition above


def _call(handset: Locator) -> None:
    expect(handset.locator(".connection")).to_have_text("Connected")
    handset.get_by_role("button", name="Call", exact=True).click()


def _hears(handset: Locator, words: str) -> None:
    expect(handset.locator(".caption").filter(has_text=words).last).to_be_visible()


def _press(handset: Locator, keys: str) -> None:
    expect(handset.locator(".asked")).to_contain_text("Waiting for")
    for key in keys:
        handset.locator(f'.key[data-key="{key}"]').click()


def _press_when(handset: Locator, words: str, keys: str) -> None:
    _hears(handset, words)
    _press(handset, keys)


def _speak(handset: Locator, wav: Path, then: str) -> None:
    expect(handset.locator(".voice-state")).to_contain_text("ends it")
    handset.locator(".voice-file").set_input_files(wav)
    expect(handset.locator(".voice-state")).to_contain_text("You have spoken")
    handset.locator('.key[data-key="#"]').click()
    _hears(handset, then)
    handset.get_by_role("button", name="Hang up").click()


def _text(handset: Locator, words: str, answer: str) -> None:
    answers = handset.locator(".bubble.theirs")
    before = answers.count()
    handset.locator(".body").fill(words)
    handset.locator(".send").click()
    expect(answers).to_have_count(before + 1)
    expect(answers.last).to_contain_text(answer)


def _plain(sentence: str) -> str:
    return re.sub(r"[^a-z ]", "", sentence.lower()).replace("mister", "mr")
