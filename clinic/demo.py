"""The sample clinic: loaded once, changed by nobody but the person who tries it out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import insert, select
from werkzeug.security import generate_password_hash

from care import patients
from clinic.at_the_keyboard import command_by
from records import Database
from records.clinics import Clinic, Staff

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
    return True


def _id(result: Any) -> int:
    return int(result.inserted_primary_key[0])
