"""Handsets in a page, as a person holds them."""

from __future__ import annotations

import urllib.parse

from playwright.sync_api import Locator, Page, expect

from .clinic_stub import Clinic
from .company import Company

DESK = "+16175550190"


def pick_up(page: Page, company: Company, *numbers: str) -> list[Locator]:
    """Open the page with these phones; gives each one's handset."""
    page.goto(f"{company.url}/?{urllib.parse.urlencode([('number', number) for number in numbers])}")
    handsets = [page.locator(".handset").nth(place) for place in range(len(numbers))]
    for handset in handsets:
        expect(handset.locator(".connection")).to_have_text("Connected")
    return handsets


def press(handset: Locator, key: str) -> None:
    handset.locator(f'.key[data-key="{key}"]').click()


def call_until_recorded(handset: Locator, clinic: Clinic) -> None:
    handset.get_by_role("button", name="Call", exact=True).click()
    expect(handset.locator(".asked")).to_have_text("Waiting for 1 key")
    press(handset, "2")
    assert clinic.wait_for("/menu")["Digits"] == "2"
    expect(handset.locator(".voice-state")).to_contain_text("# ends it")
