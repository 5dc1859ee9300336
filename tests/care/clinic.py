"""A clinic with its people in a database file of its own, and the turns in which acts happen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, insert, select

from care import outbox
from care.occasion import Occasion
from records import Base, Database
from records.clinics import Clinic as ClinicRow
from records.conversations import Conversation, FlowVersion
from records.outbox import OutboxRow
from records.patients import Consent, Contact, Enrolment, Patient, PatientNumber
from records.sealing import hashed

NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
"""Noon in Boston, a Saturday."""
LINE, NURSE = "+16175550100", "+16175550190"
NUMBERS: Mapping[str, str] = MappingProxyType(
    {"rosa": "+16175550101", "james": "+16175550102", "riveras": "+16175550103", "stranger": "+16175550107"}
)
PEOPLE = [
    ("rosa", "rosa", "1994-03-02", "es", "mobile"),
    ("james", "james", "1950-11-20", "en", "landline"),
    ("lucia", "riveras", "2015-05-05", "es", "mobile"),
    ("mateo", "riveras", "2018-08-08", "es", "mobile"),
]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Clinic:
    """Harbor Community Clinic: Rosa has a mobile, James a landline, two children share a phone."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOON
        with database.reading() as connection:
            named = connection.execute(select(Patient.name, Patient.id)).all()
        self.patients: dict[str, int] = {name.lower(): patient for name, patient in named}

    @classmethod
    def found(cls, database: Database) -> None:
        """Write the clinic and its people into an empty database."""
        with database.writing() as connection:
            row = {"name": "Harbor Community Clinic", "line": LINE, "emergency_number": NURSE}
            connection.execute(insert(ClinicRow).values(id=1, timezone="America/New_York", **row))
            connection.execute(insert(FlowVersion).values(version="v1", flows={}, first_used_at=NOON))
            for name, phone, born, language, kind in PEOPLE:
                values = {"name": name.title(), "birth_date": born, "language": language, "created_at": NOON}
                patient = insert(Patient).values(clinic_id=1, timezone="America/New_York", **values)
                _add_number(connection, _id(connection.execute(patient)), NUMBERS[phone], kind)

    def add_number(self, name: str, number: str, kind: str) -> None:
        with self.database.writing() as connection:
            _add_number(connection, self.patients[name], number, kind)

    def enrol(self, name: str, *ask_at: str, days: int = 10, consented: bool = True) -> int:
        """Into the postpartum programme from today on; the enrolment's id."""
        first = date(2026, 11, 21)
        values = {
            "clinic_id": 1,
            "patient_id": self.patients[name],
            "programme": "postpartum",
            "starts_on": first,
            "ends_on": first + timedelta(days=days),
            "ask_at": list(ask_at),
        }
        if consented:
            self.word(name, "check_ins")
        with self.database.writing() as connection:
            return _id(connection.execute(insert(Enrolment).values(**values)))

    def word(
        self, name: str, topic: str, *, given: bool = True, channel: str = "any", at: str | None = None
    ) -> None:
        """A patient's own word of consent, written down by staff, or said at a phone."""
        values = {"topic": topic, "channel": channel, "given": given, "text_version": f"{topic}-1"}
        with self.database.writing() as connection:
            connection.execute(
                insert(Consent).values(
                    clinic_id=1, patient_id=self.patients[name], language="es", by="import", at=self.now,
                    number_hash=hashed(NUMBERS[at]) if at else None, **values,
                )
            )  # fmt: skip

    @contextmanager
    def turn(
        self, conversation: str = "c1", turn: int = 1, *, phone: str = "rosa", who: str | None = "rosa",
        channel: str = "text",
    ) -> Iterator[Occasion]:  # fmt: skip
        """A turn of a conversation, within its one write."""
        patient = self.patients[who] if who else None
        with self.database.writing() as connection:
            self._converse(connection, conversation, NUMBERS[phone], channel)
            yield Occasion(
                self.database, connection, self.now, 1, LINE, NURSE, conversation, turn, channel, NUMBERS[phone],
                hashed(NUMBERS[phone]), "es", None, patient,
            )  # fmt: skip

    def _converse(self, connection: Connection, conversation: str, number: str, channel: str) -> None:
        begun = {"id": conversation, "clinic_id": 1, "channel": channel, "direction": "in", "number": number}
        connection.execute(
            self.database.insert_once(Conversation).values(
                **begun, number_hash=hashed(number), flow="text", flows_version="v1", position={}, turn=1,
                state="closed", began_at=NOON, updated_at=NOON,
            )
        )  # fmt: skip

    def put(self, key: str, kind: str = "check_in", **values: Any) -> bool:
        """A row in the outbox, for Rosa by text unless it is said otherwise."""
        row = {
            "clinic_id": 1,
            "channel": "text",
            "number": NUMBERS["rosa"],
            "number_hash": hashed(NUMBERS["rosa"]),
            "patient_id": self.patients["rosa"],
            **values,
        }
        with self.database.writing() as connection:
            return outbox.put(self.database, connection, key=key, kind=kind, now=self.now, **row)

    def claim(self, queue: str = "sending", most: int = 10) -> list[Any]:
        return list(outbox.claim(self.database, queue, self.now, most))

    def rows(self, table: type[Base], *columns: str) -> list[Any]:
        """All rows of a table, or of each row these columns (one alone: its values)."""
        with self.database.reading() as connection:
            found = connection.execute(
                select(table.__table__).order_by(*table.__table__.primary_key.columns)
            ).all()
        if not columns:
            return list(found)
        tuples = [tuple(getattr(row, column) for column in columns) for row in found]
        return [values[0] for values in tuples] if len(columns) == 1 else tuples

    def row(self, key: str) -> Any:
        """A row of the outbox as it is now."""
        return next(row for row in self.rows(OutboxRow) if row.key == key)

    def contact(self, phone: str) -> Any:
        return next((row for row in self.rows(Contact) if row.number_hash == hashed(NUMBERS[phone])), None)


def _add_number(connection: Connection, patient: int, number: str, kind: str) -> None:
    values = {"patient_id": patient, "number": number, "number_hash": hashed(number), "kind": kind}
    connection.execute(insert(PatientNumber).values(clinic_id=1, **values))


def _id(result: Any) -> int:
    return int(result.inserted_primary_key[0])
