"""How values are shown to staff: times in the clinic's zone, numbers as they are dialled, languages by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time, get_timezone_name

from care.rules.prices import in_dollars
from clinic.finding.audited import LISTED
from clinic.words import confidence_in_words, in_words

ENGLISH = Locale("en", "US")
NARROW_SPACE = "\u202f"
"""The narrow space that CLDR puts before AM and PM; many fonts lack it."""


@dataclass(frozen=True)
class Showing:
    """Shows values to a person at a clinic in `zone` with the number `line`, at `now`."""

    zone: ZoneInfo
    line: str
    now: datetime

    def time(self, moment: datetime) -> str:
        """2:05 PM today, Yesterday 2:05 PM, Nov 3, 2:05 PM, Nov 3, 2025, 2:05 PM."""
        local = moment.astimezone(self.zone)
        today = self.now.astimezone(self.zone).date()
        clock = self._format(local, "h:mm a")
        if local.date() == today:
            return clock
        if local.date() == today - timedelta(days=1):
            return f"Yesterday {clock}"
        return f"{self._format(local, 'MMM d' if local.year == today.year else 'MMM d, y')}, {clock}"

    def full_time(self, moment: datetime) -> str:
        return self._format(moment.astimezone(self.zone), "EEEE, MMMM d, y, h:mm a zzz")

    def zone_name(self) -> str:
        """Eastern Time."""
        return get_timezone_name(self.zone, locale=ENGLISH)

    def day(self, day: date | datetime) -> str:
        local = day.astimezone(self.zone).date() if isinstance(day, datetime) else day
        return format_date(local, "MMM d", locale=ENGLISH)

    def long_day(self, day: date) -> str:
        """Nov 3, 2031: a day that may be in another year."""
        return format_date(day, "MMM d, y", locale=ENGLISH)

    def weekday(self, day: date | datetime) -> str:
        """Mon, Nov 23; with the year where it is another."""
        local = day.astimezone(self.zone).date() if isinstance(day, datetime) else day
        return format_date(
            local, "EEE, MMM d" + ("" if local.year == self.today().year else ", y"), locale=ENGLISH
        )

    def iso_day(self, moment: datetime) -> str:
        """2026-11-23: the day at the clinic, as addresses have it."""
        return moment.astimezone(self.zone).date().isoformat()

    def whole_day(self, day: date) -> str:
        """Monday, November 23, 2026."""
        return format_date(day, "EEEE, MMMM d, y", locale=ENGLISH)

    def span(self, begins: datetime, ends: datetime) -> str:
        """9:00–9:20 AM, 11:50 AM–12:10 PM."""
        first, last = (self._format(one.astimezone(self.zone), "h:mm a") for one in (begins, ends))
        same_half = first[-2:] == last[-2:]
        return f"{first[:-3] if same_half else first}–{last}"

    def time_of_day(self, moment: datetime) -> str:
        """9:00 AM."""
        return self._format(moment.astimezone(self.zone), "h:mm a")

    def wall(self, written: str) -> str:
        """9:00 AM for "09:00", as hours stand in the records."""
        if written == "24:00":
            return "midnight"
        return format_time(time.fromisoformat(written), "h:mm a", locale=ENGLISH).replace(NARROW_SPACE, " ")

    def before_visit(self, offsets: str) -> str:
        """7 days, 1 day and 2 hours before a visit, for "7d 1d 2h"; not at all, for nothing."""
        units = {"d": "day", "h": "hour"}
        said = [f"{one[:-1]} {units[one[-1]]}{'' if one[:-1] == '1' else 's'}" for one in offsets.split()]
        if not said:
            return "not at all"
        return f"{' and '.join(filter(None, (', '.join(said[:-1]), said[-1])))} before a visit"

    def elsewhere(self, moment: datetime, zone: str) -> str:
        """8:00 AM, Central Time, where the clock of `zone` is another one than here; else nothing."""
        there = ZoneInfo(zone)
        if moment.astimezone(there).utcoffset() == moment.astimezone(self.zone).utcoffset():
            return ""
        clock = format_datetime(moment.astimezone(there), "h:mm a", tzinfo=there, locale=ENGLISH)
        return f"{clock.replace(NARROW_SPACE, ' ')}, {get_timezone_name(there, locale=ENGLISH)}"

    def month(self, day: date) -> str:
        """November 2026."""
        return format_date(day, "MMMM y", locale=ENGLISH)

    def today(self) -> date:
        """The day at the clinic."""
        return self.now.astimezone(self.zone).date()

    def clock_at(self, zone: str) -> str:
        """2:05 PM, Eastern Time: what a clock shows where a patient is."""
        there = ZoneInfo(zone)
        clock = format_datetime(self.now.astimezone(there), "h:mm a", tzinfo=there, locale=ENGLISH)
        return f"{clock.replace(NARROW_SPACE, ' ')}, {get_timezone_name(there, locale=ENGLISH)}"

    def birth_date(self, iso: str) -> str:
        """Nov 20, 1950 (76): people are asked for their birth date, so staff see it whole."""
        born = date.fromisoformat(iso)
        today = self.now.astimezone(self.zone).date()
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        return f"{format_date(born, 'MMM d, y', locale=ENGLISH)} ({age})"

    def age(self, moment: datetime) -> str:
        """less than a minute, 3 min, 2 h 5 min, 4 days: how long something waits."""
        minutes = int((self.now - moment).total_seconds() // 60)
        if minutes < 1:
            return "less than a minute"
        if minutes < 60:
            return f"{minutes} min"
        hours, rest = divmod(minutes, 60)
        if hours < 48:
            return f"{hours} h {rest} min" if rest else f"{hours} h"
        return f"{hours // 24} days"

    def phone(self, number: str | None) -> str:
        """(617) 555-0101 for a number of the clinic's own country, +44 20 7946 0000 for another's."""
        return as_dialled(number, self.line) or "number withheld"

    def language(self, tag: str | None) -> str:
        return language_name(tag) or "language not known"

    def money(self, micro: int) -> str:
        """$12.50; $0.0128 for what is less than ten cents."""
        return in_dollars(micro)

    def words(self, table: str, code: str | None) -> str:
        return in_words(table, code)

    def who(self, by: str, people: Mapping[str, str]) -> str:
        """Who did what the audit says: by name where it was one of the staff, `people` by login."""
        kind, _, which = by.partition(":")
        if kind == "command":
            return f"{which}, at the machine"
        return people.get(by) or in_words("audit_by", kind)

    def written_by(self, by: str, people: Mapping[str, str]) -> str:
        """How a word of consent came: from whom, or who wrote it down."""
        return f"written down by {people[by]}" if by in people else in_words("consent_by", by)

    def about(self, about: str) -> str:
        """What an entry of the audit is about, the ids of others on a list left out."""
        if about.startswith(LISTED):
            many = about.count(",") + 1
            return f"with {many - 1} other{'s' if many > 2 else ''}" if many > 1 else ""
        parts = [part for part in about.split(",") if not part.startswith("patient")]
        return ", ".join(part.replace("_", " ").replace(":", " ") for part in parts)

    def confidence(self, value: float) -> str:
        return f"{confidence_in_words(value)} ({value:.0%})"

    def reading(self, value: Any) -> str:
        """120/80; nothing where there is no reading."""
        return f"{value['systolic']}/{value['diastolic']}" if value else ""

    def _format(self, local: datetime, pattern: str) -> str:
        return format_datetime(local, pattern, tzinfo=self.zone, locale=ENGLISH).replace(NARROW_SPACE, " ")


def as_dialled(number: str | None, line: str) -> str:
    """A number as people in the country of `line` write it; nothing for none."""
    if not number:
        return ""
    try:
        parsed = phonenumbers.parse(number)
        here = phonenumbers.parse(line).country_code
    except phonenumbers.NumberParseException:
        return number
    forms = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        parsed, forms.NATIONAL if parsed.country_code == here else forms.INTERNATIONAL
    )


def language_name(tag: str | None) -> str:
    """Haitian Creole; nothing for no language."""
    if not tag:
        return ""
    try:
        return Locale.parse(tag, sep="-").get_display_name("en") or tag
    except (UnknownLocaleError, ValueError):
        return ENGLISH.languages.get(tag.partition("-")[0]) or tag
