"""The people of the simulated clinic, made up from a seed: what they truly are, and what the records say of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count

from sqlalchemy import Connection, insert, select

from records.clinics import Clinic
from records.patients import Consent, Patient, PatientNumber, Proxy
from records.reminders import ReminderSetting
from records.scheduling import Clinician, WorkingHours
from records.sealing import hashed
from tests.year.due_times import Hours

LINE, DESK, NAME = "+16175550100", "+16175550190", "Harbor Community Clinic"
ZONES = {"America/New_York": "MA", "America/Chicago": "IL", "America/Phoenix": "AZ", "Pacific/Honolulu": "HI"}
LANGUAGES = {"en": 45, "es": 30, "ht": 15, "ko": 10}
DEFAULT = (("7d", "3d", "1d", "2h"), "text")
WISHES = [
    (("1d",), "call"),
    (("3d", "1d"), "both"),
    ((), "text"),
    (("2d", "4h"), "text"),
    (("7d", "1d", "2h"), "call"),
]
"""What some set for themselves instead."""
WINDOWS: list[Hours] = [
    (((0, 2, 4), 9 * 60, 12 * 60),),
    (((0, 1, 2, 3, 4), 16 * 60, 20 * 60 + 30),),
    (((5, 6), 10 * 60, 16 * 60), ((2,), 17 * 60, 19 * 60)),
]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AREAS = (
    "212", "315", "347", "518", "585", "607", "617", "631", "646", "716", "718", "845", "914", "917", "929",
    "217", "224", "309", "312", "331", "618", "630", "708", "773", "815", "847", "872", "480", "520", "602",
    "623", "928", "808", "203", "207", "301", "401", "410", "412", "443", "484", "508", "603", "202", "206",
    "213", "214", "216", "305", "404", "415",
)  # fmt: skip


@dataclass
class Holder:
    """Who has a phone in her hand. `number` is the one that is used to write to her."""

    number: str
    born: date
    language: str


@dataclass
class Her:
    """A patient. What the oracle goes by is here, and nowhere in the records."""

    id: int
    name: str
    born: date
    language: str
    zone: str
    numbers: list[str] = field(default_factory=list)
    proxy: Holder | None = None
    hours: Hours = ()
    never_text: bool = False
    never_call: bool = False
    consents: bool = True
    details: bool = False
    """She has agreed that day and time are told before she says who she is."""
    wish: tuple[tuple[str, ...], str] = DEFAULT
    answers: float = 0.5
    """How likely she answers a reminder."""
    misses: float = 0.08

    @property
    def reached_at(self) -> list[str]:
        """Whose phones she is reached by: her own, or where she has none (a child) her proxy's."""
        return self.numbers or ([self.proxy.number] if self.proxy else [])


@dataclass
class Phone:
    """A number as it truly is, and what the records say."""

    number: str
    kind: str = "mobile"
    truly: str = "mobile"
    shared: bool = False
    text_only: bool = False
    strangers: bool = False
    """Somebody else has it by now, and nobody has told the clinic."""
    blocks: bool = False
    """The carrier takes no text for it: a STOP that never reached us."""


@dataclass
class People:
    patients: dict[int, Her]
    phones: dict[str, Phone]
    clinicians: list[int]
    fresh: Iterator[str]
    """Numbers that nobody has yet."""


def numbers() -> Iterator[str]:
    """555-01xx in many places, but for the clinic's own."""
    for place in range(100):
        for area in AREAS:
            number = f"+1{area}55501{place:02d}"
            if number not in (LINE, DESK):
                yield number


def settle(connection: Connection, chance: random.Random, many: int, now: datetime) -> People:
    """Write clinic, clinicians and patients into empty records."""
    row = {"id": 1, "name": NAME, "line": LINE, "emergency_number": DESK, "timezone": "America/New_York"}
    connection.execute(insert(Clinic).values(**row))
    people = People(
        {}, {}, [_clinician(connection, place, now.date()) for place in range(max(4, many // 100))], numbers()
    )
    ids = count(1)
    while len(people.patients) < many:
        _household(people, chance, ids)
    for her in people.patients.values():
        _write(connection, people, her, now - timedelta(days=90))
    return people


def _clinician(connection: Connection, place: int, today: date) -> int:
    row = {
        "clinic_id": 1, "name": f"Dr. {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[place % 26]}. Sample {place}",
        "languages": ["en", "es", "ht", "ko"], "states": sorted(ZONES.values()), "timezone": "America/New_York",
    }  # fmt: skip
    made = int(connection.execute(insert(Clinician).values(**row).returning(Clinician.id)).scalar_one())
    hours = {
        "starts": "09:00",
        "ends": "16:00",
        "step_minutes": 60,
        "visit_kinds": ["audio"],
        "from_on": today,
    }
    connection.execute(
        insert(WorkingHours), [{"clinician_id": made, "weekday": day, **hours} for day in range(5)]
    )
    return made


def _household(people: People, chance: random.Random, ids: Iterator[int]) -> None:
    """One person, a mother with children on her phone, or strangers who share one."""
    zone = chance.choice(list(ZONES))
    language = chance.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
    draw = chance.random()
    if draw < 0.82:
        _alone(people, chance, ids, zone, language)
    elif draw < 0.94:
        mother = _alone(people, chance, ids, zone, language)
        mother.numbers = mother.numbers[:1]
        phone = people.phones[mother.numbers[0]]
        phone.kind = phone.truly = "mobile"
        phone.strangers = False
        for _ in range(chance.randint(1, 2)):
            child = _her(people, chance, ids, zone, language, chance.randint(2012, 2021))
            child.proxy = Holder(phone.number, mother.born, mother.language)
    else:
        phone = _phone(people, chance, shared=True)
        phone.strangers = False
        for _ in range(chance.randint(2, 3)):
            _her(people, chance, ids, zone, language, chance.randint(1940, 2000)).numbers.append(phone.number)


def _alone(people: People, chance: random.Random, ids: Iterator[int], zone: str, language: str) -> Her:
    her = _her(people, chance, ids, zone, language, chance.randint(1935, 2004))
    for _ in range(1 + (chance.random() < 0.15)):
        her.numbers.append(_phone(people, chance).number)
    if chance.random() < 0.08:
        her.hours = chance.choice(WINDOWS)
    rules = chance.random()
    her.never_text, her.never_call = rules < 0.03, 0.02 < rules < 0.05
    her.wish = chance.choice(WISHES) if chance.random() < 0.12 else DEFAULT
    return her


def _her(
    people: People, chance: random.Random, ids: Iterator[int], zone: str, language: str, year: int
) -> Her:
    born = date(
        year, chance.randint(1, 12), chance.randint(13, 28)
    )  # read one way only, whatever stands first
    place = next(ids)
    her = Her(place, f"Pat{place} Sample", born, language, zone)
    her.consents, her.details = chance.random() < 0.93, chance.random() < 0.6
    her.answers, her.misses = chance.choice((0.1, 0.5, 0.8)), chance.choice((0.02, 0.05, 0.2))
    people.patients[place] = her
    return her


def _phone(people: People, chance: random.Random, shared: bool = False) -> Phone:
    made = Phone(next(people.fresh), shared=shared)
    draw = chance.random()
    if draw < 0.12:
        made.kind = made.truly = "landline"
    elif draw < 0.15:
        made.truly = "landline"  # the records call it a mobile
    elif draw < 0.19:
        made.text_only = True
    made.strangers = chance.random() < 0.02
    made.blocks = chance.random() < 0.02
    people.phones[made.number] = made
    return made


def _write(connection: Connection, people: People, her: Her, at: datetime) -> None:
    row = {
        "id": her.id, "clinic_id": 1, "name": her.name, "birth_date": her.born.isoformat(), "language": her.language,
        "timezone": her.zone, "state": ZONES[her.zone], "safe_contact": _rules(her), "created_at": at,
    }  # fmt: skip
    connection.execute(insert(Patient).values(**row))
    of = {"clinic_id": 1, "patient_id": her.id}
    for rank, number in enumerate(her.numbers):
        write_number(connection, her.id, people.phones[number], rank)
    if her.proxy:
        values = {
            "name": "Parent Sample", "relation": "parent", "birth_date": her.proxy.born.isoformat(),
            "number": her.proxy.number, "number_hash": hashed(her.proxy.number), "language": her.proxy.language,
            "topics": ["reminders", "visits"], "created_at": at,
        }  # fmt: skip
        connection.execute(insert(Proxy).values(**of, **values))
    if her.wish != DEFAULT:
        offsets, channels = her.wish
        wish = {"offsets": " ".join(offsets), "channels": channels, "by": "nurse", "changed_at": at}
        connection.execute(insert(ReminderSetting).values(**of, **wish))
    said = {"channel": "any", "given": True, "language": her.language, "by": "import", "at": at}
    for topic in ["reminders"] * her.consents + ["reminder_details"] * (her.consents and her.details):
        connection.execute(insert(Consent).values(**of, topic=topic, text_version=f"{topic}-1", **said))


def write_number(connection: Connection, patient: int, phone: Phone, rank: int) -> None:
    row = {
        "clinic_id": 1, "patient_id": patient, "number": phone.number, "number_hash": hashed(phone.number),
        "kind": phone.kind, "shared": phone.shared, "text_only": phone.text_only, "rank": rank,
    }  # fmt: skip
    connection.execute(insert(PatientNumber).values(**row))


def number_row(connection: Connection, patient: int, number: str) -> int | None:
    """The id of a number of hers in the records."""
    of_hers = (PatientNumber.patient_id == patient, PatientNumber.number_hash == hashed(number))
    return connection.scalar(select(PatientNumber.id).where(*of_hers))


def _rules(her: Her) -> dict[str, object] | None:
    rules: dict[str, object] = {}
    if her.hours:
        rules["windows"] = [
            {"days": [DAYS[day] for day in days], "from": _time(begins), "until": _time(ends)}
            for days, begins, ends in her.hours
        ]
    if her.never_text:
        rules["never_text"] = True
    if her.never_call:
        rules["never_call"] = True
    return rules or None


def _time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
