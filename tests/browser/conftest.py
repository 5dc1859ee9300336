"""A real Chromium, a real phonelab process, and a tiny clinic behind it."""

from __future__ import annotations

import itertools
import socket
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from . import chromium
from .clinic_stub import Clinic, open_clinic
from .company import Company
from .handsets import DESK, pick_up

unused_numbers = itertools.count(10)

DOCUMENTS = {
    "/voice": '<Gather numDigits="1" action="/menu" timeout="60">'
    '<Say language="en-US">Welcome.</Say><Say language="es-MX">Para español, oprima 2.</Say></Gather>',
    "/menu": '<Record action="/recorded" maxLength="60" timeout="30" finishOnKey="#" playBeep="false" '
    'recordingStatusCallback="/kept"/>',
    "/kept": "",
    "/recorded": '<Say language="es-MX">Gracias.</Say><Hangup/>',
    "/sms": "<Message>مرحبا. Texte 1 o 2.</Message>",
    "/calling": '<Say language="es-MX">Hola, Rosa. Le llamamos de la clínica.</Say><Pause length="60"/>',
    "/desk": f'<Dial action="/after"><Number>{DESK}</Number></Dial>',
    "/after": "<Hangup/>",
}


@pytest.fixture(scope="module")
def clinic() -> Iterator[Clinic]:
    with open_clinic(DOCUMENTS) as opened:
        yield opened


@pytest.fixture(scope="module")
def company(clinic: Clinic) -> Iterator[Company]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Company(clinic, port)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def sentence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Something like speech: a voice that rises and falls for two seconds, with a pause in the middle."""
    time = numpy.arange(32_000) / 16_000
    voice = sum(
        numpy.sin(2 * numpy.pi * 130 * part * time + numpy.sin(9 * time)) / part for part in range(1, 9)
    )
    loudness = 0.5 + 0.5 * numpy.sin(2 * numpy.pi * 3.3 * time)
    loudness[14_000:18_000] = 0
    path = tmp_path_factory.mktemp("voice") / "my message.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((voice * loudness * 6000).astype(numpy.int16).tobytes())
    return path


@pytest.fixture(scope="module")
def browser(sentence: Path) -> Iterator[Browser]:
    found = chromium.find()
    if found is None:
        pytest.skip("no Chromium here (chromium, chromium-browser, google-chrome, or CHROMIUM=path)")
    microphone = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={sentence}",
    ]
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=chromium.SWITCHES + microphone)
        yield started
        started.close()


@pytest.fixture
def mine() -> str:
    """A phone number that no other test has used: a call may outlive the test that made it."""
    return f"+161755501{next(unused_numbers)}"


@pytest.fixture
def page(browser: Browser, company: Company) -> Iterator[Page]:
    context = browser.new_context(locale="en-US")
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert not wrong


@pytest.fixture
def phone(page: Page, company: Company, mine: str) -> Locator:
    """The handset of `mine`, open in a page."""
    return pick_up(page, company, mine)[0]
