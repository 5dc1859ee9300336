"""64 people call and text at once for the same few times: each time is one's, and everyone hears what she got."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from care import patients
from care.rules.visit_reasons import reasons
from care.scheduling import openings
from conversation.house import utc_now
from records import Database
from records.appointments import Appointment, Waiting
from records.base import table_of
from records.clinics import Clinic as ClinicRow
from records.patients import Patient
from records.scheduling import Clinician, Occupied, Opening, Place, WorkingHours
from tests.care.clinic import Clinic
from tests.care.scheduling.schedule import assert_agrees
from tests.end_to_end.crowd import Person, Told, all_at_once, crowd
from tests.installation import Installation, grown, installed

LINE, DESK, ZONE = "+16175550100", "+16175550190", "America/New_York"
MANY, REDIS = 64, 5
FAST = {
    "PHONELAB_SPEED": "50",
    "PHONELAB_CALLS_PER_SECOND": "1000",
    "PHONELAB_MESSAGES_PER_SECOND": "1000",
    "CARELINE_CALLS_PER_SECOND": "1000",
    "CARELINE_MESSAGES_PER_SECOND": "1000",
    "PHONELAB_WEBHOOK_DOUBLE": "0.05",
    "PHONELAB_SEED": "7",
}
HOURS = [
    ("Dr. Able", "audio", "09:00", "12:00", 5),
    ("Dr. Dean", "audio", "09:00", "10:30", 15),
    # These two share a room, so that no more than one of them has a visit at any time.
    ("Dr. Bell", "in_person", "09:00", "11:00", 15),
    ("Dr. Cole", "in_person", "09:00", "11:00", 15),
]


@pytest.fixture(params=["SQLite and files", "PostgreSQL and Redis"])
def careline(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    is_grown = request.param == "PostgreSQL and Redis"
    more = grown(request.getfixturevalue("addresses"), REDIS) if is_grown else {}
    with installed(tmp_path, [LINE], {**FAST, **more}) as made:
        yield made


def test_64_book_at_once_and_each_is_told_what_she_got(careline: Installation) -> None:
    people = crowd(MANY)
    _open_clinic(careline.database, people, utc_now())
    everyone = asyncio.run(all_at_once(careline.phonelab_url, LINE, people))

    assert all((one.booked is not None) != one.waits for one in everyone), "each hears one end of it"
    assert any(one.was_taken and one.booked for one in everyone), (
        "who came too late is offered the next times"
    )
    assert any(one.waits for one in everyone)
    _is_as_they_were_told(careline.database, everyone)
    _nothing_is_doubled_or_left_free(careline.database, everyone)
    _nothing_went_wrong(careline)


def _is_as_they_were_told(database: Database, everyone: Sequence[Told]) -> None:
    """A visit for everyone who was told of one, at that time with that clinician, and a wish for the others."""
    with database.reading() as connection:
        rows = connection.execute(
            select(Patient.name.label("patient"), Clinician.name, Appointment.starts_at, Appointment.reason)
            .join(Appointment, Appointment.patient_id == Patient.id)
            .join(Clinician, Clinician.id == Appointment.clinician_id)
        ).all()
        waiting = connection.scalars(
            select(Patient.name).join(Waiting, Waiting.patient_id == Patient.id)
        ).all()
    kept = {(row.patient, row.name, row.reason, _said(row.starts_at)) for row in rows}
    told = {
        (one.person.name, one.booked[1], one.person.reason, _hour(one.booked[0]))
        for one in everyone
        if one.booked is not None
    }
    assert kept == told
    assert len(rows) == len(told), "nobody has two"
    assert Counter(waiting) == Counter(one.person.name for one in everyone if one.waits)


def _nothing_is_doubled_or_left_free(database: Database, everyone: Sequence[Told]) -> None:
    clinic = Clinic(database)
    keys = clinic.rows(Occupied, "resource", "unit")
    assert len(keys) == len(set(keys)), "every unit of time is somebody's once"
    assert_agrees(clinic)  # each visit has all its units, and what is free follows them
    for one in everyone:
        if one.waits:
            minutes = reasons()[one.person.reason].minutes
            assert not [row for row in clinic.rows(Opening) if _would_fit(row, one.person, minutes)]


def _would_fit(start: Any, person: Person, minutes: int) -> bool:
    free = start.room_minutes if person.visit_kind == "in_person" else start.free_minutes
    return bool(getattr(start, person.visit_kind) and free >= minutes)


def _nothing_went_wrong(careline: Installation) -> None:
    with urlopen(f"{careline.phonelab_url}/lab/errors", timeout=10) as answer:
        assert json.load(answer)["errors"] == []
    ours = {name: careline.printed(name) for name in careline.running if name != "phonelab"}
    assert {name: printed for name, printed in ours.items() if printed} == {}


def _said(starts_at: datetime) -> tuple[str, ...]:
    """Month, day, hour and minute, however they are said; all is in the morning."""
    local = starts_at.astimezone(ZoneInfo(ZONE))
    return f"{local:%A}", f"{local:%B}", str(local.day), str(local.hour), str(local.minute)


def _hour(words: str) -> tuple[str, ...]:
    """From "Tuesday, March 3 at 9:15 AM", or "at 9:15 in the morning"."""
    day, _, time = words.partition(" at ")
    weekday, month, number = day.replace(",", "").split()
    hour, _, minute = time.split()[0].partition(":")
    return weekday, month, number, hour, str(int(minute or 0))


def _open_clinic(database: Database, people: Sequence[Person], now: datetime) -> None:
    """Open on one morning, in three days, and no other."""
    day = (now + timedelta(days=3)).astimezone(ZoneInfo(ZONE)).date()
    with database.writing() as connection:
        row = {"id": 1, "name": "Harbor Clinic", "line": LINE, "emergency_number": DESK, "timezone": ZONE}
        connection.execute(insert(ClinicRow).values(row))
        room = {"id": 1, "clinic_id": 1, "name": "Room 1", "kind": "room", "timezone": ZONE, "state": "MA"}
        connection.execute(insert(Place).values(room))
        for number, (name, kind, starts, ends, step) in enumerate(HOURS, 1):
            who = {"id": number, "clinic_id": 1, "name": name, "languages": ["en"], "states": ["MA"]}
            connection.execute(insert(Clinician).values(timezone=ZONE, **who))
            of = {"clinician_id": number, "place_id": 1 if kind == "in_person" else None}
            when = {"weekday": day.weekday(), "from_on": day, "until_on": day, "starts": starts, "ends": ends}
            hours = {**of, **when, "step_minutes": step, "visit_kinds": [kind]}
            connection.execute(insert(table_of(WorkingHours)).values(hours))
        for person in people:
            cells = {
                "name": person.name,
                "birth_date": person.born,
                "language": "en",
                "number": person.number,
            }
            patients.register(
                database, connection, clinic_id=1, row={**cells, "state": "MA"}, by="staff:1", now=now
            )
    openings.make_ahead(database, now)
