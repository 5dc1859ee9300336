"""The schedule in the console, as a nurse uses it, without JavaScript: a visit is booked, and one is missed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from conversation.house import House
from tests.clinic import visits
from tests.clinic.people import Clock

from .test_console import (  # noqa: F401
    CONTRASTS,
    clock,
    console,
    house,
    nurse_without_scripts,
    sample_home,
    signed_in,
)

MONDAY = "schedule?day=2026-11-23"
PATHS = (
    MONDAY, "patients/1", "patients/1/visits/1/move", "patients/1/visits/1/call-off", "patients/1/reminders",
    "patients/1/visits/new", "waiting", "clinicians", "clinicians/1", "clinicians/1/hours/1", "days-off/new",
    "places/2", "settings",
)  # fmt: skip


def test_a_visit_is_booked(nurse_without_scripts: Page, house: House) -> None:  # noqa: F811
    visits.live_in_massachusetts(house)
    page = nurse_without_scripts
    page.get_by_role("link", name="Patients").click()
    page.get_by_role("link", name="Rosa Delgado").click()
    page.get_by_role("link", name="Book a visit").click()
    page.get_by_role("button", name="Find times").click()
    expect(page.get_by_role("alert")).to_contain_text("Say what the visit is for.")
    page.get_by_label("What for").select_option("A problem or a pain")
    page.get_by_label("With whom").select_option("Dr. Ana Silva")
    page.get_by_label("From which day on").fill("2026-11-23")
    page.get_by_role("button", name="Find times").click()
    page.get_by_label("Mon, Nov 23, 9:30 AM").check()
    page.get_by_label("Why, in the patient's words").fill("Me duele la cabeza.")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.locator(".flash")).to_have_text("The visit is booked.")
    hers = page.get_by_role("region", name="Visits")
    expect(hers).to_contain_text("Mon, Nov 23, 9:30–9:50 AM")
    expect(hers).to_contain_text("Me duele la cabeza.")

    page.get_by_role("link", name="Schedule").click()
    page.get_by_role("link", name="Day after").click()
    page.get_by_role("link", name="Day after").click()
    silva = page.get_by_role("region", name=re.compile("Dr. Ana Silva"))
    expect(silva).to_contain_text("9:30–9:50 AM")
    expect(silva.get_by_role("link", name="Rosa Delgado", exact=True)).to_be_visible()
    silva.get_by_role("button", name="Confirmed").click()
    expect(silva.locator(".badge")).to_have_text("Confirmed")


def test_a_visit_is_missed_and_what_becomes_of_it(
    nurse_without_scripts: Page,  # noqa: F811
    console: str,  # noqa: F811
    house: House,  # noqa: F811
    clock: Clock,  # noqa: F811
) -> None:
    visits.book(house)
    clock.moment = visits.at(8, 50)
    page = nurse_without_scripts
    page.goto(console)  # a weekend later the session is over
    page.get_by_label("Login").fill("demo")
    page.get_by_label("Password").fill("harbor-demo")
    page.get_by_role("button", name="Sign in").click()
    clock.moment = visits.at(9, 15)
    page.get_by_role("link", name="Schedule").click()
    page.get_by_role("button", name="Did not come").click()
    expect(page.locator(".flash")).to_contain_text("the patient did not come")
    card = page.locator(".visit")
    expect(card.locator(".badge")).to_have_text("Did not come")
    page.get_by_role("link", name="Now").click()
    task = page.get_by_role("region", name="Tasks").locator(".task")
    expect(task).to_contain_text("A visit was missed. Find out why, and whether another one is wanted.")
    task.get_by_role("link", name="Rosa Delgado").click()
    page.get_by_text("Past visits, and those called off (1)").click()
    expect(page.get_by_role("region", name="Visits")).to_contain_text("wrote down that a visit was missed")
    expect(page.get_by_role("link", name="Book a visit")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_reads_well_on_a_narrow_screen_in_light_and_in_the_dark(
    browser: Browser,
    console: str,  # noqa: F811
    house: House,  # noqa: F811
    scheme: str,
) -> None:
    """Nothing runs over the edge, and every text stands out from its ground (WCAG 2 AA)."""
    visits.book(house)
    visits.book(house, 2, visits.at(10), kind="in_person", place=visits.ROOM)
    for page in signed_in(browser, console, viewport={"width": 360, "height": 740}, color_scheme=scheme):
        for path in PATHS:
            answer = page.goto(console + path)
            assert answer, path
            assert answer.status == 200, path
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
            assert page.evaluate(CONTRASTS) == [], path
