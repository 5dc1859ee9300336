"""The sample clinic: loaded once, changed by nobody but the person who tries it out."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import Connection, insert, select
from werkzeug.security import generate_password_hash

from care import patients
from care.scheduling import openings
from clinic.at_the_keyboard import command_by
from records import Database
from records.clinics import Clinic, Staff
from records.scheduling import Clinician, Place, WorkingHours

SAMPLE = Path(__file__).with_name("demo.yaml")
PASSWORD = "harbor-demo"  # noqa: S105
"""Known to everyone: start-up refuses demo mode on an address that is not this machine's own."""


def load(database: Database, now: datetime) -> bool:
    """Write the sample clinic unless its line is taken. True where it is new."""
    sample: dict[str, Any] = yaml.safe_load(SAMPLE.read_text("utf-8"))
    with database.writing() as connection:
        if connection.scalar(select(Clinic.id).where(Clinic.line == sample["clinic"]["line"])):
            return False
        clinic = _id(connection.execute(insert(Clinic).values(**sample["clinic"])))
        connection.execute(
            insert(Staff).values(
                clinic_id=clinic,
                login=sample["staff"]["login"],
                name=sample["staff"]["name"],
                password_hash=generate_password_hash(PASSWORD),
            )
        )
        today = now.astimezone(ZoneInfo(sample["clinic"]["timezone"])).date().isoformat()
        for person in sample["patients"]:
            row = {column: str(cell).replace("TODAY", today) for column, cell in person.items()}
            patients.register(database, connection, clinic_id=clinic, row=row, by=command_by(), now=now)
        _open_hours(connection, clinic, sample, date.fromisoformat(today))
    openings.make_ahead(database, now)
    return True


def _open_hours(connection: Connection, clinic: int, sample: dict[str, Any], today: date) -> None:
    """Who sees people there, where and when."""
    of = {"clinic_id": clinic, "timezone": sample["clinic"]["timezone"]}
    places = {
        place["name"]: _id(connection.execute(insert(Place).values(**of, **place)))
        for place in sample["places"]
    }
    hours = []
    for person in sample["clinicians"]:
        who = {key: person[key] for key in ("name", "languages", "states")}
        clinician = _id(connection.execute(insert(Clinician).values(**of, **who)))
        hours += [
            {
                "clinician_id": clinician,
                "place_id": places.get(block.get("place")),
                "weekday": weekday,
                "starts": block["starts"],
                "ends": block["ends"],
                "step_minutes": sample["step_minutes"],
                "visit_kinds": block["visit_kinds"],
                "from_on": today,
            }
            for block in person["hours"]
            for weekday in block["weekdays"]
        ]
    connection.execute(insert(WorkingHours), hours)


def _id(result: Any) -> int:
    return int(result.inserted_primary_key[0])
