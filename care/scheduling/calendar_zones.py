"""Which zone a calendar means: by its name, by the name that Windows has for it, or by the rules in the file.

RFC 5545, 3.2.19: a TZID is only a name within its file. Where it is the name of a known zone (as all common programs
write it) the zone's own rules are used, which are newer than the file's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from zoneinfo import ZoneInfo

from icalendar import Timezone
from icalendar.timezone import tzp

from care.scheduling.calendar_lines import Component

PARTS = ("FREQ", "INTERVAL", "BYMONTH", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT", "WKST")
"""What a rule of a clock change may say: anything else would be worked out second by second."""
MOST_ZONES = 20


class Zones:
    """The zones of one file; each name is looked up once."""

    def __init__(self, clinic: str, found: Iterable[Component]) -> None:
        self.clinic = ZoneInfo(clinic)
        self._of_file: dict[str, Component] = {}
        self._known: dict[str, tzinfo | None] = {}
        for one in found:
            name = next(
                (line[5:].strip() for line in one.text.splitlines() if line.startswith("TZID:")), None
            )
            if name and len(self._of_file) < MOST_ZONES:
                self._of_file.setdefault(name, one)

    def zone(self, name: str) -> tzinfo | None:
        """None where nobody knows a zone of this name."""
        if name not in self._known:
            self._known[name] = _named(name) or self._by_rules(name)
        return self._known[name]

    def meant(self, zone: tzinfo | None) -> str:
        """The zone's name for our records; the clinic's where it has only rules, or is a distance from UTC."""
        key = getattr(zone, "key", None)
        return key if isinstance(key, str) and key not in ("UTC", "Etc/UTC") else self.clinic.key

    def _by_rules(self, name: str) -> tzinfo | None:
        component = self._of_file.get(name)
        if component is None:
            return None
        try:
            read = Timezone.from_ical(component.text)
            if not isinstance(read, Timezone) or not all(map(_is_plain, read.walk())):
                return None
            zone: tzinfo = read.to_tz(lookup_tzid=False)
            return zone
        except Exception:  # the library says in many ways that it can't read one
            return None


def _named(name: str) -> tzinfo | None:
    zone = tzp.timezone(name)
    key = getattr(zone, "key", None)
    if zone is None:
        return None
    return ZoneInfo(key) if isinstance(key, str) else zone


def _is_plain(part: object) -> bool:
    rule = getattr(part, "get", lambda _: None)("RRULE")
    if rule is None:
        return True
    if isinstance(rule, list):
        return False
    return {*rule} <= {*PARTS} and rule.get("FREQ") == ["YEARLY"]
