"""One cell of a person's row, as somebody wrote it in a spreadsheet: its value, or a sentence on what to write.

Sentences never repeat the cell: they are printed on screens and kept in terminals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import yaml

from care.rules import identity
from care.rules.name_words import folded

LONGEST = 300
OLDEST = 120
"""Years: nobody is older, so the year was mistyped."""
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: 0?0:00(?::00)?)?")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WINDOW = re.compile(r"((?:[a-z]{3}(?: ?- ?[a-z]{3})? +)*)(\d+:\d+) ?- ?(\d+:\d+)")
SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
"""A long number as a spreadsheet shows it: its last digits are gone."""


class Unreadable(ValueError):
    """A cell can't be read; the message is a sentence that says what to write instead."""


@dataclass(frozen=True)
class Terms:
    """What a clinic's cells are read against."""

    region: str
    """ISO 3166 alpha-2, in which numbers without a country's code are read."""
    timezone: str
    today: date
    spoken: Mapping[str, str]
    """Codes and names of the languages that Careline speaks here, folded → tag."""
    languages: Mapping[str, str]
    """The same of any language, for interpreters."""
    topics: frozenset[str]
    day_first_row: int | None = None
    """A row of the same file in which a date has its day first: then 3/2/1994 could be two days."""


@cache
def written() -> Mapping[str, Any]:
    """patient_fields.yaml."""
    read: Mapping[str, Any] = yaml.safe_load(
        Path(__file__).with_name("patient_fields.yaml").read_text("utf-8")
    )
    return read


def name(text: str, terms: Terms) -> str:
    name = words(text, terms)
    if not any(c.isalpha() for c in name):
        raise Unreadable("Write the name in letters.")
    return name


def words(text: str, terms: Terms) -> str:
    plain = unicodedata.normalize("NFC", " ".join(text.split()))
    if any(unicodedata.category(c) == "Cc" for c in plain):
        raise Unreadable("Take out the control characters.")
    if len(plain) > LONGEST:
        raise Unreadable(f"Write no more than {LONGEST} letters.")
    return plain


def day(text: str, terms: Terms) -> date:
    """2026-03-02, or 3/2/2026 with the month first as in the United States."""
    if found := ISO.fullmatch(text.strip()):
        year, month, of_month = map(int, found.groups())
    elif found := US.fullmatch(text.strip()):
        month, of_month, year = map(int, found.groups())
        if terms.day_first_row and month != of_month and max(month, of_month) <= 12:
            raise Unreadable(
                f"Row {terms.day_first_row} has its day before the month, so this could be two days:"
                " write year, month and day, like 1984-12-31."
            )
    else:
        raise Unreadable("Write year, month and day, like 1984-12-31, or month first, like 12/31/1984.")
    try:
        return date(year, month, of_month)
    except ValueError:
        raise Unreadable(
            "There is no such day: write year, month and day, like 1984-12-31, or month first, like 12/31/1984."
        ) from None


def is_day_first(text: str) -> bool:
    """Is this surely a date with its day before the month?"""
    found = US.fullmatch(text.strip())
    return bool(found and int(found[1]) > 12 >= int(found[2]))


def birth_date(text: str, terms: Terms) -> str:
    born = day(text, terms)
    if born > terms.today:
        raise Unreadable("This day has not come yet: write the day of birth.")
    if terms.today.year - born.year > OLDEST:
        raise Unreadable(f"This is more than {OLDEST} years ago: write the year with all four digits.")
    return born.isoformat()


def language(text: str, terms: Terms) -> str:
    """A tag that Careline speaks, from a code or a name."""
    if tag := terms.spoken.get(folded(text.strip())):
        return tag
    spoken = ", ".join(sorted(set(terms.spoken.values())))
    if _any_language(text, terms):
        raise Unreadable(
            f"Careline does not speak this language yet: write the one of {spoken} that she understands best,"
            " and her own under interpreter."
        )
    raise Unreadable(f"Write one of {spoken}, or its English name.")


def any_language(text: str, terms: Terms) -> str:
    if tag := _any_language(text, terms):
        return tag
    raise Unreadable("Write a language by its code or English name, like km or Khmer.")


def any_languages(text: str, terms: Terms) -> list[str]:
    return list(dict.fromkeys(any_language(one, terms) for one in several(text)))


def time_zone(text: str, terms: Terms) -> str:
    try:
        return ZoneInfo(text.strip()).key
    except (ValueError, OSError, KeyError):
        raise Unreadable("Write a time zone by its place, like America/New_York.") from None


def state(text: str, terms: Terms) -> str:
    letters = text.strip().upper()
    known = written()["states"]
    if (letters in known) if terms.region == "US" else re.fullmatch(r"[A-Z0-9]{1,3}", letters):
        return letters
    raise Unreadable("Write the state with its two letters, like MA.")


def number(text: str, terms: Terms) -> str:
    """E.164; one without a country's code is read as the clinic's neighbours dial it."""
    if SHORTENED.fullmatch(text.strip()):
        raise Unreadable(
            "The spreadsheet has cut the number short: format the column as text and write the number again."
        )
    try:
        read = phonenumbers.parse(text, terms.region)
    except phonenumbers.NumberParseException:
        raise Unreadable("Write a phone number, like 617-555-0199 or +16175550199.") from None
    if read.extension:
        raise Unreadable("Write the number without an extension: Careline can't dial one.")
    if not phonenumbers.is_valid_number(read):
        raise Unreadable("There is no such phone number: write it with its area code, like 617-555-0199.")
    return phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164)


def yes_or_no(text: str, terms: Terms) -> bool:
    word = folded(text.strip())
    if word in written()["words_for_yes"]:
        return True
    if word in written()["words_for_no"]:
        return False
    raise Unreadable("Write yes or no.")


def number_kind(text: str, terms: Terms) -> str:
    kind: str | None = written()["number_kinds"].get(folded(text.strip()))
    if kind:
        return kind
    raise Unreadable("Write mobile, landline or relay.")


def relation(text: str, terms: Terms) -> str:
    if (word := folded(text.strip())) in written()["relations"]:
        return word
    raise Unreadable(f"Write one of {', '.join(written()['relations'])}.")


def topics(text: str, terms: Terms) -> list[str]:
    wanted = [folded(one).replace(" ", "_").replace("-", "_") for one in several(text)]
    if wanted == ["all"]:
        return sorted(terms.topics)
    if wanted and terms.topics.issuperset(wanted):
        return list(dict.fromkeys(wanted))
    raise Unreadable(f"Write topics with commas between them, of {', '.join(sorted(terms.topics))}; or all.")


def channels(text: str, terms: Terms) -> list[str]:
    wanted = [folded(one) for one in several(text)]
    if wanted and {"text", "call", "any"}.issuperset(wanted):
        return ["any"] if "any" in wanted else list(dict.fromkeys(wanted))
    raise Unreadable("Write text, call, or both with a comma between them.")


def pin(text: str, terms: Terms) -> str:
    digits, limits = text.strip(), identity.limits()["pin"]
    if not (
        digits.isascii() and digits.isdecimal() and limits["shortest"] <= len(digits) <= limits["longest"]
    ):
        raise Unreadable(
            f"Write {limits['shortest']} to {limits['longest']} digits; where the spreadsheet has taken zeros"
            " from the front, format the column as text."
        )
    steps = {int(b) - int(a) for a, b in pairwise(digits)}
    if steps in ({0}, {1}, {-1}):
        raise Unreadable("This PIN is among the first that anybody would try: let her choose another.")
    return digits


def windows(text: str, terms: Terms) -> list[dict[str, Any]]:
    """ "mon-fri 9:00-15:00; 18:00-20:00" as care.rules.safe_contact has its windows."""
    return [_window(span) for span in several(text)]


def safe_name(text: str, terms: Terms) -> str:
    name = words(text, terms)
    if len(name) > 40 or set(name) & set("{}"):
        raise Unreadable("Write no more than 40 letters, and no { or }: the name stands in short texts.")
    return name


def times(text: str, terms: Terms) -> list[str]:
    """ "9:00, 19:00"; "none" where she is asked only when somebody at the clinic says so."""
    return [] if folded(text.strip()) == "none" else sorted({time_of_day(one) for one in several(text)})


def days(text: str, terms: Terms) -> int:
    if text.strip().isdecimal() and 1 <= int(text) <= 366:
        return int(text)
    raise Unreadable("Write how many days, from 1 to 366.")


def time_of_day(text: str) -> str:
    found = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*", text)
    if found and int(found[1]) < 24 and int(found[2]) < 60:
        return time(int(found[1]), int(found[2])).strftime("%H:%M")
    raise Unreadable("Write times of day from 0:00 to 23:59, like 9:00 or 19:30.")


def _window(span: str) -> dict[str, Any]:
    found = WINDOW.fullmatch(folded(span.replace("–", "-").strip()))
    days = days_of_week(found[1]) if found else None
    if found is None or days is None:
        raise Unreadable("Write days and hours, like mon-fri 9:00-15:00, with semicolons between them.")
    begins, ends = time_of_day(found[2]), time_of_day(found[3])
    if begins >= ends:
        raise Unreadable("Write each span with its earlier hour first, like 9:00-17:00.")
    return {**({"days": days} if days else {}), "from": begins, "until": ends}


def days_of_week(words: str) -> list[str] | None:
    """ "mon-wed sat" as mon, tue, wed, sat; None where a word is no day."""
    found = []
    for span in words.replace(" - ", "-").split():
        first, _, last = span.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            return None
        start, many = DAYS.index(first), (DAYS.index(last or first) - DAYS.index(first)) % 7 + 1
        found += [DAYS[(start + step) % 7] for step in range(many)]
    return list(dict.fromkeys(found))


def several(text: str) -> list[str]:
    """What stands between commas or semicolons."""
    return [one.strip() for one in re.split("[,;]", text) if one.strip()]


def _any_language(text: str, terms: Terms) -> str | None:
    word = folded(text.strip())
    return terms.spoken.get(word) or terms.languages.get(word)
