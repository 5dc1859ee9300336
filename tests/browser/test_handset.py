"""The handset as a person uses it: a real Chromium, a real phonelab process, and a tiny clinic behind it."""

from __future__ import annotations

import io
import re
import urllib.request
import wave
from pathlib import Path

import numpy
import pytest
from playwright.sync_api import Locator, Page, expect

from .clinic_stub import Clinic
from .company import CLINIC_NUMBER, Company
from .handsets import DESK, call_until_recorded, pick_up, press
from .hearing import end_of_speech, likeness, recording_of, samples_of

VOICED = 500  # of 32,768: louder than the noise of mu-law


def test_a_call_is_heard_captioned_and_answered_by_keys(phone: Locator, mine: str, clinic: Clinic) -> None:
    phone.get_by_role("button", name="Call", exact=True).click()
    assert clinic.wait_for("/voice")["From"] == mine

    spanish = phone.locator(".caption").filter(has_text="Para español, oprima 2.")
    expect(spanish.locator(".words")).to_have_attribute("lang", "es-MX")
    expect(spanish.locator(".language")).to_have_text("Mexican Spanish")
    expect(phone.locator(".call-state")).to_have_text("On the phone")
    expect(phone.locator(".call-time")).to_have_text(re.compile(r"00:\d\d"))

    phone.page.wait_for_function("document.querySelector('audio').currentTime > 0.2")
    source, duration = phone.page.evaluate("(a => [a.src, a.duration])(document.querySelector('audio'))")
    with urllib.request.urlopen(source, timeout=20) as sound, wave.open(io.BytesIO(sound.read())) as wav:
        samples = samples_of(wav)
    assert duration == pytest.approx(len(samples) / 8000, abs=0.1)
    assert numpy.abs(samples.astype(int)).max() > VOICED

    phone.page.keyboard.press("2")
    assert clinic.wait_for("/menu")["Digits"] == "2"
    expect(phone.locator(".pressed-digits")).to_have_text("2")
    assert phone.page.evaluate("document.querySelector('audio').paused")

    phone.get_by_role("button", name="Hang up").click()
    expect(phone.locator(".call-state")).to_have_text("You hung up")


def test_a_wav_file_is_spoken_and_recorded(
    phone: Locator, company: Company, clinic: Clinic, sentence: Path
) -> None:
    call_until_recorded(phone, clinic)
    phone.locator(".voice-file").set_input_files(sentence)
    expect(phone.locator(".voice-state")).to_have_text("Speaking my message.wav…")
    expect(phone.locator(".voice-state")).to_contain_text("You have spoken")
    press(phone, "#")

    samples, rate, _ = recording_of(company, clinic)
    assert rate == 8000
    assert len(samples) / rate == pytest.approx(2.0, abs=0.4)
    assert likeness(samples, sentence) > 0.9
    expect(phone.locator(".note")).to_have_text(re.compile(r"Recorded: [12]\.\d s"))
    expect(phone.locator(".call-state")).to_have_text("The other side hung up")


def test_a_file_chosen_ahead_is_spoken_when_the_recording_begins(
    phone: Locator, company: Company, clinic: Clinic, sentence: Path
) -> None:
    phone.get_by_role("button", name="Call", exact=True).click()
    expect(phone.locator(".asked")).to_have_text("Waiting for 1 key")
    phone.locator(".voice-file").set_input_files(sentence)
    expect(phone.locator(".voice-state")).to_contain_text("as soon as you are listened to")
    press(phone, "2")
    expect(phone.locator(".voice-state")).to_contain_text("You have spoken")
    press(phone, "#")
    assert likeness(recording_of(company, clinic)[0], sentence) > 0.9


def test_the_microphone_is_heard_while_the_button_is_held(
    phone: Locator, company: Company, clinic: Clinic, sentence: Path
) -> None:
    call_until_recorded(phone, clinic)
    phone.locator(".speak").hover()
    phone.page.mouse.down()
    expect(phone.locator(".speak-label")).to_have_text("Let go to stop")
    held = phone.page.evaluate("performance.now()")
    phone.page.wait_for_function(f"performance.now() > {held} + 2500")
    phone.page.mouse.up()
    expect(phone.locator(".speak-label")).to_have_text("Hold to speak")
    press(phone, "#")  # at once: it must not overtake what was said
    samples, rate, trace = recording_of(company, clinic)
    assert 1.5 < len(samples) / rate < 3.6
    assert likeness(samples, sentence) > 0.4  # the browser plays the file round and round, from anywhere
    [pound] = [event["at"] for event in trace if event.get("digits") == "#"]
    assert pound > end_of_speech(trace) - 0.05


def test_an_incoming_call_rings_and_is_answered(
    phone: Locator, mine: str, company: Company, clinic: Clinic
) -> None:
    company.rest("Calls.json", To=mine, From=CLINIC_NUMBER, Url=f"{clinic.url}/calling")
    expect(phone).to_have_attribute("data-call", "ringing")
    expect(phone.locator(".call-state")).to_have_text("Harbor Community Clinic is calling")
    phone.get_by_role("button", name="Answer").click()
    assert clinic.wait_for("/calling")["CallStatus"] == "in-progress"
    expect(phone.locator(".caption .words")).to_have_text("Hola, Rosa. Le llamamos de la clínica.")
    phone.get_by_role("button", name="Hang up").click()


def test_an_incoming_call_is_declined(phone: Locator, mine: str, company: Company, clinic: Clinic) -> None:
    placed = company.rest("Calls.json", To=mine, From=CLINIC_NUMBER, Url=f"{clinic.url}/calling")
    phone.get_by_role("button", name="Decline").click()
    expect(phone.locator(".call-state")).to_have_text("You declined the call")
    assert company.rest(f"Calls/{placed['sid']}.json")["status"] == "busy"


def test_texts_go_out_and_come_in_each_in_its_direction(phone: Locator, mine: str, clinic: Clinic) -> None:
    phone.get_by_placeholder("Text the clinic").fill("alo")
    phone.page.keyboard.press("Enter")
    assert clinic.wait_for("/sms")["Body"] == "alo"
    expect(phone.locator(".mine .words")).to_have_text("alo")
    reply = phone.locator(".theirs .words")
    expect(reply).to_have_text("مرحبا. Texte 1 o 2.")
    expect(reply).to_have_attribute("lang", "ar")
    assert reply.evaluate("words => getComputedStyle(words).direction") == "rtl"
    expect(phone.locator(".theirs .meta")).to_contain_text("1 segment")


def test_two_handsets_in_one_page_are_put_through_to_each_other(
    page: Page, mine: str, company: Company, clinic: Clinic, sentence: Path
) -> None:
    phone, desk = pick_up(page, company, mine, DESK)
    company.rest("Calls.json", To=mine, From=CLINIC_NUMBER, Url=f"{clinic.url}/desk")
    phone.get_by_role("button", name="Answer").click()
    desk.get_by_role("button", name="Answer").click()
    expect(phone.locator(".note").last).to_have_text("You are through to Emergency desk")
    phone.locator(".voice-file").set_input_files(sentence)
    expect(desk.locator(".note").last).to_have_text("The other side speaks")
    page.wait_for_function("document.querySelectorAll('audio')[1].currentTime > 0.2")
    desk.get_by_role("button", name="Hang up").click()
    assert clinic.wait_for("/after")["DialCallStatus"] == "completed"
    expect(phone).to_have_attribute("data-call", "ended")


def test_another_handset_is_added_and_given_any_number(page: Page, mine: str, company: Company) -> None:
    pick_up(page, company, mine)
    page.get_by_role("button", name="Add a handset").click()
    second = page.locator(".handset").nth(1)
    expect(second.locator(".own-number")).to_have_text("+1 617 555 0101")
    second.get_by_label("Whose phone is this?").select_option("Another number…")
    second.get_by_label("Its number").fill("617 555-0142")
    second.get_by_role("button", name="Use it").click()
    expect(second.locator(".own-number")).to_have_text("+1 617 555 0142")
    page.reload()
    expect(page.locator(".own-number")).to_have_text([re.compile(mine[-4:]), "+1 617 555 0142"])


def test_what_can_not_be_done_is_said_in_plain_words(phone: Locator) -> None:
    phone.get_by_label("Call or text").fill("12")
    phone.get_by_role("button", name="Call", exact=True).click()
    expect(phone.locator(".problem").first).to_contain_text("“12” is not a phone number")
    phone.get_by_label("Call or text").fill("+16175550177")
    phone.get_by_role("button", name="Call", exact=True).click()
    expect(phone.locator(".call-state")).to_have_text("The call failed: the number is not in service")


def test_the_page_comes_back_when_the_company_does(phone: Locator, company: Company, clinic: Clinic) -> None:
    phone.get_by_role("button", name="Call", exact=True).click()
    expect(phone.locator(".call-state")).to_have_text("On the phone")
    company.stop()
    expect(phone.locator(".connection")).to_have_text("Connecting again…")
    company.start()
    expect(phone.locator(".connection")).to_have_text("Connected")
    expect(phone.locator(".call-state")).to_have_text("The call was lost")
    phone.get_by_placeholder("Text the clinic").fill("hola")
    phone.get_by_role("button", name="Send the text").click()
    assert clinic.wait_for("/sms")["Body"] == "hola"
