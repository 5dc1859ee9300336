"""A telephone number: keys, figures in any grouping, or digits spoken one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import phonenumbers

from dialogue.said import Json, Said, Unclear, Understood
from languages import N_, Language
from languages.numbers import readings
from languages.spelling import plain

NOT_FOUND = N_("Sorry, I did not find a phone number. Please give it with the area code.")
SEVERAL = N_("I found more than one phone number. Please give only one.")
NOT_POSSIBLE = N_("That is not a phone number that we can call. Please give it with the area code.")
COUNTRIES = ("US",)
LONGEST = 200


class PhoneNumber:
    """Options: `countries` (ISO 3166, such as `[US, CA]`), those whose numbers are taken; the first is
    where a number without a country code is. Its value is `{"kind": "phone", "e164": "+16175550190"}`.
    """

    name = "phone_number"
    zero_is_an_answer = True

    def finished_by(self, options: Mapping[str, Json]) -> int | None:
        return None

    def check(self, options: Mapping[str, Json]) -> list[str]:
        problems = [
            f"phone_number takes no option {name!r}" for name in sorted(options) if name != "countries"
        ]
        unknown = [
            country for country in _countries(options) if country not in phonenumbers.SUPPORTED_REGIONS
        ]
        return problems + [f"{country!r} is no country (write US, CA)" for country in unknown]

    def read(self, said: Said, language: Language, options: Mapping[str, Json]) -> Understood | Unclear:
        countries = _countries(options)
        found = _find(said, language, countries[0])
        if not found:
            return Unclear(NOT_FOUND)
        allowed = {
            number for number in found if phonenumbers.region_code_for_number(_parsed(number)) in countries
        }
        if len(found) > 1:
            return Unclear(SEVERAL)
        return Understood({"kind": "phone", "e164": allowed.pop()}) if allowed else Unclear(NOT_POSSIBLE)

    def messages(self) -> list[str]:
        return [NOT_FOUND, SEVERAL, NOT_POSSIBLE]


def _find(said: Said, language: Language, country: str) -> set[str]:
    """The valid numbers in an answer, in E.164."""
    flat = plain(said.keys or said.words)[:LONGEST]
    matches = phonenumbers.PhoneNumberMatcher(flat, country)
    found = {_e164(match.number) for match in matches}
    if not found and not said.keys:
        spoken = {number.digits for way in readings(flat, language) for number in way if len(way) == 1}
        found = {e164 for digits in spoken if (e164 := _valid(digits, country))}
    return found


def _valid(digits: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return None
    return _e164(number) if phonenumbers.is_valid_number(number) else None


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parsed(e164: str) -> phonenumbers.PhoneNumber:
    return phonenumbers.parse(e164)


def _countries(options: Mapping[str, Json]) -> Sequence[str]:
    return tuple(options.get("countries") or COUNTRIES)


KIND = PhoneNumber()
