"""The people of a transcript, at a clinic of their own: the sample clinic's, on numbers that nobody else has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from sqlalchemy import Connection, insert

from languages import load, say
from records import Database
from records.clinics import Clinic
from records.patients import Consent, Enrolment, Patient, PatientNumber
from records.sealing import hashed
from tests.conversation.calendar import meant_days, shown_days, zone_with_hour

SHOWN_AREA = "617"
"""The area code that transcripts show, whichever one a clinic has got."""
NAME = "Harbor Community Clinic"
LAST_DIGITS = {
    "line": "00", "rosa": "01", "james": "02", "riveras": "03", "stranger": "07", "nurse": "90", "second": "91",
}  # fmt: skip
"""Whose phone, by the two last digits of 555-01xx. The Riveras share one; the nurse's is the emergency desk."""
PEOPLE = {
    "rosa": [("Rosa Delgado", "1994-03-02")],
    "james": [("James Carter", "1950-11-20")],
    "riveras": [("Lucía Rivera", "2015-05-05"), ("Mateo Rivera", "2018-08-08")],
}


def area_codes() -> Iterator[str]:
    """Area codes of the United States, but for the sample clinic's own: a clinic for each."""
    for area in range(201, 990):
        number = phonenumbers.parse(f"+1{area}5550101")
        if str(area) != SHOWN_AREA and phonenumbers.region_code_for_number(number) == "US":
            yield str(area)


@dataclass(frozen=True)
class Cast:
    """A clinic in the database and its people. `language` is Rosa's, and that of everybody at a phone but James."""

    clinic: int
    area: str
    language: str
    patients: dict[str, int]
    timezone: str
    today: date

    def number(self, name: str) -> str:
        return f"+1{self.area}55501{LAST_DIGITS[name]}"

    def told(self, words: str) -> str:
        """Words as a transcript shows them: the sample clinic's numbers and its Monday, no alert's number."""
        for own, shown in _shown_numbers(self.area):
            words = words.replace(own, shown)
        return re.sub(r"alert number \d+", "alert number N", shown_days(words, self.today))

    def meant(self, words: str) -> str:
        """What somebody does with the sample clinic's numbers and days, with this clinic's and today's."""
        return re.sub(rf"{SHOWN_AREA}(?=[ -]?555)", self.area, meant_days(words, self.today))

    def of(self, number: str) -> str:
        """Whose number it is."""
        return next(name for name, digits in LAST_DIGITS.items() if number.endswith(digits))


def gather(database: Database, area: str, language: str, now: datetime) -> Cast:
    """Write a clinic with its people. It is noon where they live, so that no quiet hours hold anything."""
    zone = zone_with_hour(now, 12)
    with database.writing() as connection:
        clinic = _id(
            connection.execute(
                insert(Clinic).values(
                    name=NAME,
                    line=f"+1{area}55501{LAST_DIGITS['line']}",
                    emergency_number=f"+1{area}55501{LAST_DIGITS['nurse']}",
                    timezone=zone,
                )
            )
        )
        cast = Cast(clinic, area, language, {}, zone, now.astimezone(ZoneInfo(zone)).date())
        for name, people in PEOPLE.items():
            for person, birth_date in people:
                cast.patients[person] = _add(connection, cast, name, person, birth_date, now)
        _enrol(connection, cast, now)
    return cast


def _add(connection: Connection, cast: Cast, name: str, person: str, birth_date: str, now: datetime) -> int:
    values = {
        "clinic_id": cast.clinic,
        "name": person,
        "birth_date": birth_date,
        "language": "en" if name == "james" else cast.language,
        "timezone": cast.timezone,
        "created_at": now,
    }
    patient = _id(connection.execute(insert(Patient).values(**values)))
    number = cast.number(name)
    connection.execute(
        insert(PatientNumber).values(
            clinic_id=cast.clinic,
            patient_id=patient,
            number=number,
            number_hash=hashed(number),
            kind="mobile",
        )
    )
    return patient


def _enrol(connection: Connection, cast: Cast, now: datetime) -> None:
    connection.execute(
        insert(Enrolment).values(
            clinic_id=cast.clinic,
            patient_id=cast.patients["Rosa Delgado"],
            programme="postpartum",
            starts_on=now.date() - timedelta(days=2),
            ends_on=now.date() + timedelta(days=8),
            ask_at=[],
        )
    )
    connection.execute(
        insert(Consent).values(
            clinic_id=cast.clinic,
            patient_id=cast.patients["Rosa Delgado"],
            topic="check_ins",
            channel="any",
            given=True,
            text_version="check_ins-1",
            language=cast.language,
            by="import",
            at=now,
        )
    )


@cache
def _shown_numbers(area: str) -> tuple[tuple[str, str], ...]:
    """How each number of an area is said or written, and how the same one of the sample clinic's is."""
    pairs = []
    for language in load().values():
        for channel in ("voice", "text"):
            for digits in LAST_DIGITS.values():
                own, shown = (
                    say({"kind": "phone", "e164": f"+1{code}55501{digits}"}, language, channel)
                    for code in (area, SHOWN_AREA)
                )
                pairs.append((own, shown))
    return tuple(dict.fromkeys(pairs))


def _id(result: Any) -> int:
    return int(result.inserted_primary_key[0])
