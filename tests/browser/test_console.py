"""The staff console as a nurse uses it: a real Chromium against a real server."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from conversation.house import House
from tests.clinic import a_day
from tests.clinic.conftest import house_at, sample_home  # noqa: F401
from tests.clinic.people import Clock, Patient

WHO = "2 de marzo de 1994"
FORMS = (
    "patients/new", "patients/duplicates", "patients/1/details", "patients/1/numbers/1", "patients/1/proxies/new",
    "patients/1/own-topics", "patients/1/safe-contact", "patients/1/pin", "patients/1/consent/check_ins",
    "patients/1/consent/everything", "patients/1/close", "patients/1/delete", "patients/1/history", "costs",
)  # fmt: skip


class Quiet(WSGIRequestHandler):
    def log(self, *args: object) -> None:
        """Requests are not worth a line each in a test."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(sample_home: Path, tmp_path: Path, clock: Clock) -> Iterator[House]:  # noqa: F811
    shutil.copytree(sample_home, tmp_path / "home")
    opened = house_at(tmp_path / "home", clock)
    yield opened
    opened.database.close()


@pytest.fixture
def console(house: House) -> Iterator[str]:
    """The address of the console of a server that runs."""
    server = make_server("127.0.0.1", 0, create_app(house=house), threaded=True, request_handler=Quiet)
    serving = threading.Thread(target=server.serve_forever, args=(0.05,))
    serving.start()
    yield f"http://127.0.0.1:{server.port}/clinic/"
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def rosa(house: House) -> Patient:
    return Patient(house, "+16175550101")


def signed_in(browser: Browser, console: str, **options: object) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if "Content Security" in line.text else None)
    page.goto(console)
    page.get_by_label("Login").fill("demo")
    page.get_by_label("Password").fill("harbor-demo")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Now", exact=True)).to_be_visible()
    page.wait_for_load_state()  # its script listens from here on
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def nurse(browser: Browser, console: str) -> Iterator[Page]:
    """The console's first page, signed in; the page's own clock stands until a test lets it run."""
    yield from signed_in(browser, console)


@pytest.fixture
def nurse_without_scripts(browser: Browser, console: str) -> Iterator[Page]:
    yield from signed_in(browser, console, java_script_enabled=False)


def severe(rosa: Patient, *first: str) -> None:
    rosa.text("hola", *first, "1", WHO, "168/112", "sí")


def refresh(page: Page) -> None:
    """What the page does every 15 seconds, now."""
    with page.expect_response(re.compile("/clinic/now$")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_reading_and_a_message_are_seen_an_alert_taken_a_task_done(
    nurse_without_scripts: Page, rosa: Patient, house: House, clock: Clock
) -> None:
    """All of it without JavaScript."""
    page = nurse_without_scripts
    rosa.text("hola", "sí", "2", "¿Me pueden cambiar la cita del martes?")
    severe(rosa)
    page.get_by_role("link", name="Refresh").click()
    reading = (
        page.get_by_role("region", name="Newest readings").get_by_role("row").filter(has_text="Rosa Delgado")
    )
    expect(reading).to_contain_text("168/112")
    expect(reading).to_contain_text("Severe")
    for where in ("Tasks", "Messages"):
        region = page.get_by_role("region", name=where)
        expect(region.get_by_text("¿Me pueden cambiar la cita del martes?")).to_be_visible()
    expect(page.get_by_role("link", name="Call (617) 555-0101")).to_have_attribute("href", "tel:+16175550101")

    page.get_by_role("button", name="Take").click()
    expect(page.locator(".flash")).to_have_text("The alert is yours.")
    expect(page.get_by_text("No alert is open.")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".flash")).to_have_text("The task is done.")
    expect(page.get_by_text("Nothing waits for a person.")).to_be_visible()
    page.get_by_text("Taken in the last 12 hours").click()
    expect(page.get_by_text("Demo Nurse. Raised")).to_be_visible()


def test_a_patient_is_found_corrected_and_her_number_unlocked(
    nurse_without_scripts: Page, rosa: Patient, house: House
) -> None:
    """By labels, as a screen reader has them, and without JavaScript; a mistake loses nothing of what was typed."""
    rosa.text("hola", "sí", "1", "5 de abril de 1990", "5 de abril de 1990")
    for _ in range(3):
        rosa.text("menu", "1", "5 de abril de 1990")
    page = nurse_without_scripts
    page.get_by_role("link", name="Patients").click()
    page.get_by_label("Name, phone number or record number").fill("617 555 0101")
    page.get_by_role("button", name="Look for").click()
    expect(page.get_by_role("status")).to_contain_text("1 found")
    page.get_by_role("link", name="Rosa Delgado").click()

    page.get_by_role("link", name="Correct").click()
    page.get_by_label("Address").fill("48 Harbor Street")
    page.get_by_label("Interpreter").fill("Spansh")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet.")
    expect(page.get_by_label("Interpreter")).to_have_accessible_description(re.compile("Write a language"))
    page.get_by_label("Interpreter").fill("Spanish")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="About Rosa Delgado")).to_contain_text("48 Harbor Street")

    lock = page.get_by_role("region", name="Lock")
    expect(lock).to_contain_text("Nobody is confirmed from (617) 555-0101 now")
    lock.get_by_role("button", name="Lift the lock").click()
    expect(page.locator(".flash")).to_contain_text("The lock is lifted")
    expect(lock).to_have_count(0)


def test_a_new_alert_comes_by_itself_and_the_focus_stays(nurse: Page, rosa: Patient, clock: Clock) -> None:
    rosa.text("hola", "sí", "2", "¿Me pueden llamar?")
    refresh(nurse)
    done = nurse.get_by_role("button", name="Done")
    done.focus()
    clock.go_on(minutes=3)
    severe(rosa)
    refresh(nurse)
    expect(nurse.get_by_text("Waits 3 min")).to_be_visible()  # so the part with the focus is a new one
    expect(nurse.get_by_role("button", name="Take")).to_be_visible()
    expect(nurse).to_have_title(re.compile(r"^\(1\) Now"))
    expect(nurse.locator("#news")).to_have_text("1 new alert.")
    expect(done).to_be_focused()


def test_the_page_asks_by_itself_every_fifteen_seconds(browser: Browser, console: str, rosa: Patient) -> None:
    for page in signed_in(browser, console):
        page.clock.install()
        page.reload()
        severe(rosa, "sí")
        with page.expect_response(re.compile("/clinic/now$")):
            page.clock.run_for(15_000)
        expect(page.get_by_role("button", name="Take")).to_be_visible()


def test_a_page_that_can_reach_nobody_says_so(nurse: Page, rosa: Patient) -> None:
    nurse.context.set_offline(True)
    nurse.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(nurse.get_by_role("alert")).to_contain_text("What you see may be old.")
    nurse.context.set_offline(False)
    refresh(nurse)
    expect(nurse.get_by_role("alert")).to_be_hidden()


def test_when_the_session_is_over_the_page_goes_to_the_sign_in(nurse: Page, clock: Clock) -> None:
    clock.go_on(minutes=31)
    nurse.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(nurse.get_by_label("Password")).to_be_visible()
    expect(nurse.locator(".flash")).to_contain_text("You were signed out")


def test_a_spoken_message_can_be_heard(nurse: Page, rosa: Patient, house: House, clock: Clock) -> None:
    rosa.text("hola")
    a_day.messages(house, clock)
    nurse.goto(nurse.url + "messages")
    length = nurse.locator("audio").first.evaluate(
        "sound => new Promise((done, failed) => { sound.onloadedmetadata = () => done(sound.duration);"
        " sound.onerror = () => failed(sound.error); sound.preload = 'auto'; sound.load(); })"
    )
    assert length == pytest.approx(2, abs=0.1)
    arabic = nurse.get_by_text(a_day.ARABIC)
    assert arabic.evaluate("words => getComputedStyle(words).direction") == "rtl"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_runs_over_the_edge_of_a_narrow_screen(
    browser: Browser, console: str, house: House, clock: Clock, scheme: str
) -> None:
    a_day.live(house, clock)
    for page in signed_in(browser, console, viewport={"width": 360, "height": 740}, color_scheme=scheme):
        for path in (
            "", "patients", "patients/1", "readings", "messages", "sent", "alerts", "tasks", *FORMS,
        ):  # fmt: skip
            page.goto(console + path)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


def test_every_text_stands_out_from_its_ground(
    browser: Browser, console: str, house: House, clock: Clock
) -> None:
    """WCAG 2 AA: 4.5 to 1, on every page, light and dark."""
    a_day.live(house, clock)
    for scheme in ("light", "dark"):
        for page in signed_in(browser, console, color_scheme=scheme):
            for path in ("", "patients", "patients/1", "sent", "nowhere", *FORMS):
                page.goto(console + path)
                assert page.evaluate(CONTRASTS) == [], (scheme, path)


CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  function rgba(colour) {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  }
  function ground(element) {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0.99) return colour;
    }
    return rgba("white");
  }
  function light([r, g, b]) {
    const part = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  }
  const weak = [];
  for (const element of document.querySelectorAll("main *, header *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest("svg, audio, .hidden")) continue;
    const [one, other] = [rgba(getComputedStyle(element).color), ground(element)].map(light).sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const words = element.textContent.trim().slice(0, 40);
    if (ratio < 4.5) weak.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}: ${words}`);
  }
  return weak;
}"""
