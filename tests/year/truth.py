"""What has truly happened, as whoever watched the clinic from outside would have noted it down."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.year.people import Her, People

COMING = ("booked", "confirmed")


@dataclass(frozen=True)
class Was:
    """How a visit was from `since` on."""

    since: datetime
    state: str
    start: datetime

    @property
    def comes(self) -> bool:
        return self.state in COMING


@dataclass
class Visit:
    id: int
    patient: int
    zone: str
    was: list[Was] = field(default_factory=list)

    @property
    def now(self) -> Was:
        return self.was[-1]

    def at(self, moment: datetime) -> Was | None:
        """How it was at a moment; None before it was booked."""
        return next((one for one in reversed(self.was) if one.since <= moment), None)

    def agreed(self, start: datetime) -> list[datetime]:
        """When she agreed to this start: booked it, moved to it or confirmed it."""
        return [one.since for one in self.was if one.comes and one.start == start]


@dataclass
class Contact:
    """One text or call that the carrier was asked for. `outcome` is what truly became of it.

    taken (and no more known), refused, unavailable, lost (taken, no answer), never came (no answer, not taken),
    delivered, undelivered, busy, no answer, failed, human, machine.
    """

    at: datetime
    channel: str
    number: str
    row: int
    outcome: str
    kind: str = ""
    patient: int = 0
    visit: int = 0
    start: datetime | None = None
    offset: str = ""
    body: str = ""

    @property
    def reached(self) -> bool:
        return self.outcome in ("taken", "lost", "delivered", "human", "machine")

    @property
    def was_taken(self) -> bool:
        return self.outcome not in ("refused", "unavailable", "never came")


@dataclass
class Truth:
    people: People
    visits: dict[int, Visit] = field(default_factory=dict)
    visits_of: dict[int, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    contacts: dict[str, list[Contact]] = field(default_factory=lambda: defaultdict(list))
    """By number, in order."""
    reminders: dict[tuple[int, datetime, str], list[Contact]] = field(
        default_factory=lambda: defaultdict(list)
    )
    stops: dict[str, datetime] = field(default_factory=dict)
    """Numbers whose STOP was answered, and when; a START takes one out."""
    stopped_by: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Patients who stopped us altogether, each with the numbers at which they said so."""
    wrong: dict[str, datetime] = field(default_factory=dict)
    """Numbers at which somebody said that it is not hers."""
    blocked: dict[str, datetime] = field(default_factory=dict)
    """Numbers of which the carrier has told us that it takes no texts."""
    talks: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=lambda: defaultdict(list))
    """By number, when a talk stood in the middle, or a call was not known to be over."""
    stop_spans: dict[int, list[tuple[datetime, datetime | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """By patient, from a STOP to the START after it."""
    spoken: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Languages that were chosen at a number."""
    idle: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When no worker ran."""
    deaths: list[datetime] = field(default_factory=list)
    said: dict[int, list[tuple[datetime, str]]] = field(default_factory=lambda: defaultdict(list))
    """Everything of a patient, for the transcript."""
    counted: Counter[str] = field(default_factory=Counter)

    def note(self, patient: int, at: datetime, words: str) -> None:
        self.said[patient].append((at, words))

    def holders(self, number: str) -> list[Her]:
        """Whom the records have at a number, as hers or her proxy's."""
        return [
            her
            for her in self.people.patients.values()
            if number in her.numbers or (her.proxy is not None and her.proxy.number == number)
        ]

    def was_idle(self, begins: datetime, ends: datetime) -> bool:
        """Did no worker run at some time between?"""
        return any(first < ends and last > begins for first, last in self.idle)

    def was_idle_through(self, begins: datetime, ends: datetime) -> bool:
        return any(first <= begins and last >= ends for first, last in self.idle)

    def is_idle(self, moment: datetime) -> bool:
        return any(first <= moment <= last + timedelta(minutes=10) for first, last in self.idle)

    def transcript(self, patient: int) -> str:
        her = self.people.patients[patient]
        zone = ZoneInfo(her.zone)
        lines = [f"  {her}"] + [
            f"  {at.astimezone(zone):%a %Y-%m-%d %H:%M:%S %Z}  {words}" for at, words in self.said[patient]
        ]
        return "\n".join(lines)
