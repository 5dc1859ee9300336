"""What nobody may find outside the database: each private thing, in every way of writing that we know of."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import quote

MONTHS = {
    3: ("March", "marzo"),
    11: ("November", "noviembre"),
    5: ("May", "mayo"),
    8: ("August", "agosto"),
    7: ("July", "jiyè"),
}


class Needles:
    """Named patterns, looked for in texts and in bytes; capitals don't matter."""

    def __init__(self) -> None:
        self._patterns: dict[str, re.Pattern[str]] = {}

    def add(self, what: str, *written: str) -> None:
        """Digits at an end must end there: a PIN is not found within a longer number."""
        ways = {way for one in written for way in (one, quote(one), one.replace(" ", "+"))}
        whole = (f"(?<![0-9]){re.escape(way)}(?![0-9])" for way in sorted(ways))
        self._patterns[what] = re.compile("|".join(whole), re.IGNORECASE)

    def number(self, e164: str) -> None:
        area, first, last = e164[2:5], e164[5:8], e164[8:]
        ways = [e164[1:], e164[2:], f"({area}) {first}-{last}", f"({area}){first}-{last}"]
        ways += [sign.join((area, first, last)) for sign in ("-", ".", " ")]
        ways += [" ".join(e164[1:]), " ".join(e164[2:]), ", ".join(e164[2:]), f"{first}-{last}"]
        self.add(f"number {e164}", *ways)

    def birth_date(self, iso: str) -> None:
        day = date.fromisoformat(iso)
        ways = [iso, f"{day:%m%d%Y}", f"{day:%Y%m%d}", f"{day:%m/%d/%Y}", f"{day.month}/{day.day}/{day.year}"]
        ways += [
            f"{day:%d/%m/%Y}",
            f"{day:%m-%d-%Y}",
            f"{day:%d.%m.%Y}",
            f"datetime.date({day.year}, {day.month}, {day.day})",
        ]
        for name in MONTHS[day.month]:
            ways += [
                f"{name} {day.day}, {day.year}",
                f"{name} {day.day} {day.year}",
                f"{day.day} {name} {day.year}",
            ]
            ways += [f"{day.day} de {name} de {day.year}", f"{name[:3]} {day.day}, {day.year}"]
        self.add(f"born {iso}", *ways)

    def name(self, name: str) -> None:
        self.add(
            f"name {name}", name, *(word for word in name.split() if len(word) > 4), name.replace(" ", "_")
        )

    def reading(self, systolic: int, diastolic: int) -> None:
        joined = [f"{systolic}{sign}{diastolic}" for sign in ("/", "*", "-", " over ", " sobre ", ", ")]
        json = [f'"systolic": {systolic}', f'"systolic":{systolic}', f"'systolic': {systolic}"]
        self.add(f"reading {systolic}/{diastolic}", *joined, *json)

    def secret(self, what: str, secret: bytes | str) -> None:
        raw = secret if isinstance(secret, bytes) else secret.encode()
        text = raw.decode("ascii", "ignore")
        self.add(
            what, b64encode(raw).decode().rstrip("="), raw.hex(), repr(raw)[2:-1], *([text] if text else [])
        )

    def found(self, places: Mapping[str, Iterable[str]]) -> list[str]:
        """`what in where: the line`, for everything that is found."""
        return [
            f"{what} in {where}: {text[max(0, hit.start() - 160) : hit.end() + 80]!r}"
            for where, texts in places.items()
            for text in texts
            for what, pattern in self._patterns.items()
            if (hit := pattern.search(text))
        ]

    def __len__(self) -> int:
        return len(self._patterns)
