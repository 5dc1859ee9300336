"""A form as somebody filled it in: each value read, and beside each that could not be, a sentence that says why.

Nothing that was typed is lost: a form that is shown again shows `typed`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache
from typing import Any

from babel import Locale
from werkzeug.datastructures import MultiDict

from clinic.finding.search import number_in

ENGLISH = Locale("en")
LONGEST = 200
EARLIEST_BIRTH = date(1900, 1, 1)


@dataclass
class Filled:
    """`typed` by the name of a field; `wrong` says in a sentence what is to be mended there."""

    typed: MultiDict[str, str] = field(default_factory=MultiDict)
    wrong: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")

    def all(self, name: str) -> list[str]:
        return self.typed.getlist(name)

    def refuse(self, name: str, why: str) -> None:
        self.wrong.setdefault(name, why)

    def text(self, name: str, needed: str = "", longest: int = LONGEST) -> str:
        """What stands in a field, without what surrounds it; `needed` is what to say of an empty one."""
        value = " ".join(self[name].split())
        if not value and needed:
            self.refuse(name, needed)
        if len(value) > longest:
            self.refuse(name, f"This is too long: {len(value)} characters, and {longest} can be kept.")
        return value

    def ticked(self, name: str) -> bool:
        return bool(self[name])

    def one_of(self, name: str, allowed: Collection[str], needed: str) -> str:
        value = self[name].strip()
        if value not in allowed:
            self.refuse(name, needed)
        return value

    def some_of(self, name: str, allowed: Collection[str]) -> list[str]:
        """Those of `allowed` that were ticked, in their order."""
        return [one for one in allowed if one in self.all(name)]

    def day(self, name: str, needed: str = "") -> date | None:
        """A day as browsers send it (1994-03-02) or as people here write it (3/2/1994)."""
        value = self[name].strip()
        if not value:
            if needed:
                self.refuse(name, needed)
            return None
        try:
            return _day(value)
        except ValueError:
            self.refuse(name, f"“{value[:40]}” is no day of the calendar. Write month/day/year: 3/2/1994.")
            return None

    def birth_date(self, name: str, today: date) -> str:
        """ISO 8601; "" where it could not be read."""
        born = self.day(name, "Give the date of birth: people are confirmed by it.")
        if born and born > today:
            self.refuse(name, "That day is yet to come. Look at the year again.")
        elif born and born < EARLIEST_BIRTH:
            self.refuse(name, f"Nobody alive was born in {born.year}. Look at the year again.")
        return born.isoformat() if born else ""

    def clock(self, name: str) -> time | None:
        value = self[name].strip()
        if not value:
            return None
        try:
            return time.fromisoformat(value)
        except ValueError:
            self.refuse(name, f"“{value[:40]}” is no time of day. Write hours and minutes: 18:30.")
            return None

    def phone(self, name: str, line: str) -> str:
        """E.164; "" where it could not be read."""
        value = self.text(name, "Give a phone number.")
        number = number_in(value, line) if value else None
        if value and number is None:
            self.refuse(name, f"“{value[:40]}” is no phone number. Give it with the area code: (617) 555-0101.")
        elif number == line:
            self.refuse(name, "This is the clinic's own number.")
        return number or ""

    def language(self, name: str, needed: str = "") -> str:
        """The tag of a language given by its English name or its tag; "" where there is none."""
        value = self.text(name, needed)
        return self._language(name, value) if value else ""

    def languages(self, name: str) -> list[str]:
        words = [word.strip() for word in self[name].replace(";", ",").split(",")]
        return list(dict.fromkeys(filter(None, (self._language(name, word) for word in words if word))))

    def _language(self, name: str, value: str) -> str:
        tag = tags_by_name().get(value.casefold())
        if tag is None:
            self.refuse(name, f"No language is called “{value[:40]}” here. Write it in English: Haitian Creole.")
        return tag or ""


def filled_with(values: Mapping[str, Any]) -> Filled:
    """A form as it is first shown, with what is in the records."""
    typed: MultiDict[str, str] = MultiDict()
    for name, value in values.items():
        if isinstance(value, str):
            typed[name] = value
        elif value is True:
            typed[name] = "yes"
        elif isinstance(value, Sequence):
            typed.setlist(name, [str(one) for one in value])
        elif value not in (None, False):
            typed[name] = str(value)
    return Filled(typed)


@cache
def tags_by_name() -> Mapping[str, str]:
    """Languages by their English names and by their tags, all small: {"haitian creole": "ht", "ht": "ht"}."""
    known = {tag.replace("_", "-"): name for tag, name in ENGLISH.languages.items()}
    return {tag.casefold(): tag for tag in known} | {name.casefold(): tag for tag, name in known.items()}


def _day(value: str) -> date:
    parts = value.split("/")
    if len(parts) == 3 and len(parts[2]) == 4:
        month, day, year = (int(part) for part in parts)
        return date(year, month, day)
    return date.fromisoformat(value)
