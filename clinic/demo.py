"""The sample clinic: loaded once, changed by nobody but the person who tries it out."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, insert, select
from werkzeug.security import generate_password_hash

from care import audit
from care.rules.consent import text_for
from clinic.at_the_keyboard import command_by
from records import Database
from records.clinics import Clinic, Staff
from records.patients import Consent, Enrolment, Patient, PatientNumber
from records.sealing import hashed

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
        for person in sample["patients"]:
            patient = _add_patient(connection, clinic, sample["clinic"]["timezone"], person, now)
            audit.note(
                database,
                connection,
                by=command_by(),
                did="added_patient",
                now=now,
                clinic_id=clinic,
                patient_id=patient,
            )
    return True


def _add_patient(
    connection: Connection, clinic: int, timezone: str, person: dict[str, Any], now: datetime
) -> int:
    patient = _id(
        connection.execute(
            insert(Patient).values(
                clinic_id=clinic,
                name=person["name"],
                birth_date=person["birth_date"],
                language=person["language"],
                timezone=timezone,
                created_at=now,
            )
        )
    )
    connection.execute(
        insert(PatientNumber).values(
            clinic_id=clinic,
            patient_id=patient,
            number=person["number"],
            number_hash=hashed(person["number"]),
            kind="mobile",
        )
    )
    if programme := person.get("programme"):
        connection.execute(
            insert(Enrolment).values(
                clinic_id=clinic,
                patient_id=patient,
                programme=programme["name"],
                starts_on=now.date(),
                ends_on=now.date() + timedelta(days=programme["days"]),
                ask_at=programme["ask_at"],
            )
        )
        connection.execute(
            insert(Consent).values(
                clinic_id=clinic,
                patient_id=patient,
                topic="check_ins",
                channel="any",
                given=True,
                text_version=text_for("check_ins"),
                language=person["language"],
                by="import",
                at=now,
            )
        )
    return patient


def _id(result: Any) -> int:
    return int(result.inserted_primary_key[0])
