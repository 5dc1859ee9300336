"""Reminders from a row that is due to a carrier that takes everything: begun, worded and handed over, by one process.

Beside the floor: rows of the same size that are inserted and updated in batches, durably, and nothing else.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy import text as sql

from app import furnish
from care.reminders import due
from carriers import Found, Status
from clinic import demo
from conversation import sending
from conversation.house import House
from records import Database, sealing
from records.appointments import Appointment
from records.clinics import Clinic
from records.migrating import upgrade
from records.outbox import OutboxRow
from records.patients import Consent, Patient, PatientNumber
from records.scheduling import Clinician
from records.sealing import hashed
from records.taking_up import take_up
from settings import Settings
from tests.databases import PostgresqlDatabases
from tests.servers import Missing, cluster, postgresql_programs

NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
"""Noon in Boston: no quiet hours."""
REMINDERS = 2000
SLICES = 4
"""Floor and reminders take turns, so that what else the machine does meanwhile is borne by both."""
WAITING = (10_000, 1_000_000)
BATCH = 100
AT_ONCE = 50_000
"""Rows in one write, which may last no longer than a write of ours may."""
_people = count(1)


class NullCarrier:
    """Takes every text and call at once."""

    def __init__(self) -> None:
        self._ids = count(1)
        self.bodies: list[str] = []

    def signed(self, url: str, form: Mapping[str, str], signature: str, settings: str = "") -> bool:
        return False

    def send_text(self, to: str, sender: str, body: str, status_callback: str) -> str:
        self.bodies.append(body)
        return f"SM{next(self._ids):032x}"

    def place_call(self, to: str, sender: str, url: str, status_callback: str, detect_machine: bool) -> str:
        return f"CA{next(self._ids):032x}"

    def end_call(self, call: str) -> None:
        pass

    def find_texts(self, to: str, sender: str, since: datetime) -> list[Found]:
        return []

    def find_calls(self, to: str, sender: str, since: datetime) -> list[Found]:
        return []

    def text_status(self, text: str) -> Status:
        return Status("sent", None)

    def call_status(self, call: str) -> Status:
        return Status("completed", None)

    def fetch_recording(self, recording: str) -> bytes:
        return b""

    def delete_recording(self, recording: str) -> None:
        pass


@dataclass
class Site:
    """A clinic with patients who have visits tomorrow, on one database."""

    house: House
    carrier: NullCarrier

    @property
    def database(self) -> Database:
        return self.house.database

    def put(self, many: int, language: str = "en") -> None:
        """That many reminders are due now."""
        with self.database.writing() as connection:
            clinic = connection.scalars(select(Clinic.id)).one()
            clinician = connection.scalars(select(Clinician.id).limit(1)).one()
            first = (connection.scalar(select(func.max(Patient.id))) or 0) + 1
            ids = range(first, first + many)
            numbers = {one: f"+1212{next(_people):07d}" for one in ids}
            of = {one: {"clinic_id": clinic, "patient_id": one} for one in ids}
            person = {
                "clinic_id": clinic,
                "name": "Ana Sample",
                "birth_date": "1994-03-02",
                "language": language,
            }
            when = {"timezone": "America/New_York", "created_at": NOON}
            connection.execute(insert(Patient), [{"id": one, **person, **when} for one in ids])
            connection.execute(
                insert(PatientNumber),
                [
                    {**of[one], "number": to, "number_hash": hashed(to), "kind": "mobile"}
                    for one, to in numbers.items()
                ],
            )
            agreed = {"channel": "any", "given": True, "language": language, "by": "import", "at": NOON}
            connection.execute(
                insert(Consent),
                [
                    {**of[one], "topic": topic, "text_version": f"{topic}-1", **agreed}
                    for one in ids
                    for topic in ("reminders", "reminder_details")
                ],
            )
            start, since = NOON + timedelta(days=1), NOON - timedelta(days=30)
            visit = {
                "clinician_id": clinician, "visit_kind": "audio", "reason": "check_up", "starts_at": start,
                "ends_at": start + timedelta(minutes=30), "timezone": "America/New_York", "state": "booked",
                "booked_by": "import", "created_at": since, "changed_at": NOON,
            }  # fmt: skip
            connection.execute(insert(Appointment), [{**of[one], **visit} for one in ids])
            connection.execute(Appointment.__table__.update().values(changed_at=since))
            connection.execute(sql("DELETE FROM reminders_put"))
        due.put_those_due(self.database, NOON)

    def send(self) -> tuple[int, float]:
        """How many were sent, and in how many seconds."""
        before, began = len(self.carrier.bodies), time.perf_counter()
        while sending.send_due(self.house, "sending", lambda seconds: None):
            pass
        return len(self.carrier.bodies) - before, time.perf_counter() - began

    def wait_for_later(self, many: int) -> None:
        """That many rows are in the outbox, and due next year."""
        sqlite = self.database.is_sqlite
        columns = "clinic_id, kind, queue, channel, priority, facts, created_at"
        with self.database.writing() as connection:
            connection.execute(delete(OutboxRow).where(OutboxRow.status == "due"))
        for first in range(0, many, AT_ONCE):
            last = min(many, first + AT_ONCE) - 1
            recursive = f"SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}"
            numbers = f"(WITH RECURSIVE n(i) AS ({recursive}) SELECT i FROM n) AS numbers"
            with self.database.writing() as connection:
                connection.execute(
                    sql(
                        f"INSERT INTO outbox (key, status, due_at, attempts, parts_sent, {columns})"
                        f" SELECT 'later:' || i, 'due', '2027-11-24 17:00:00.000000', 0, 0, {columns} FROM {numbers},"
                        f" (SELECT {columns} FROM outbox WHERE status = 'sent' ORDER BY id DESC LIMIT 1) AS one"
                    )
                )
        if not sqlite:
            with self.database.engine.connect() as connection:
                connection.execute(sql("ANALYZE outbox"))
                connection.commit()


def measure() -> Iterator[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        files = [f"sqlite:///{Path(folder) / name}.sqlite3" for name in ("careline", "floor")]
        yield from _measure("sqlite", Path(folder), *files)
    try:
        postgresql_programs()
    except Missing as missing:
        print(f"reminders.postgresql was not measured: {missing}")
        return
    with cluster() as addresses, tempfile.TemporaryDirectory() as folder:
        databases = PostgresqlDatabases(addresses)
        yield from _measure("postgresql", Path(folder), databases.empty(), databases.empty())


def _measure(kind: str, folder: Path, url: str, floor_url: str) -> Iterator[tuple[str, float]]:
    site, floor = _open(folder, url), _floor(floor_url)
    with closing(site.database):
        site.put(BATCH)
        site.send()
        sent, seconds, floor_rows, floor_seconds = 0, 0.0, 0, 0.0
        for _ in range(SLICES):
            site.put(REMINDERS // SLICES)
            many, took = site.send()
            sent, seconds = sent + many, seconds + took
            floor_seconds += floor(REMINDERS // SLICES)
            floor_rows += REMINDERS // SLICES
        yield f"reminders.{kind}.per_s", sent / seconds
        yield f"reminders.{kind}.floor_per_s", floor_rows / floor_seconds
        yield f"reminders.{kind}.ratio", sent / seconds / (floor_rows / floor_seconds)
        costs = []
        for waiting in WAITING:
            site.wait_for_later(waiting)
            began = time.perf_counter()
            site.put(REMINDERS // SLICES)
            many, took = site.send()
            costs.append(took / many)
            print(
                f"{waiting} waiting: {many / took:.0f} a second, put and sent in {time.perf_counter() - began:.1f} s"
            )
        yield f"reminders.{kind}.growth", costs[1] / costs[0]
        if kind == "sqlite":
            yield from _segments(site)


def _segments(site: Site) -> Iterator[tuple[str, float]]:
    """Of a reminder with day and time, in each language."""
    for language in site.house.languages:
        site.put(1, language)
        site.send()
        yield f"reminders.segments.{language}", site.house.segments(site.carrier.bodies[-1])


def _open(folder: Path, url: str) -> Site:
    settings = Settings.from_environ({"CARELINE_HOME": str(folder), "CARELINE_DATABASE_URL": url})
    settings = replace(settings, messages_per_second=1e6)
    settings.ensure_folders()
    sealing.use(*settings.data_keys)
    database = Database(url)
    upgrade(database)
    take_up(database)
    demo.load(database, NOON)
    carrier = NullCarrier()
    began = time.perf_counter()

    def now() -> datetime:
        """Noon, and then as time goes on: the carrier's rate is kept by it."""
        return NOON + timedelta(seconds=time.perf_counter() - began)

    house = replace(furnish(settings), database=database, carrier=carrier, now=now)
    return Site(house, carrier)


def _floor(url: str) -> Callable[[int], float]:
    """Inserts rows and marks them, each batch in two durable commits. Returns what does so, and takes how long."""
    metadata = MetaData()
    rows = Table(
        "rows", metadata, Column("id", Integer, primary_key=True), Column("facts", LargeBinary),
        Column("status", String), Column("carrier_id", String),
    )  # fmt: skip
    database = Database(url)
    metadata.create_all(database.engine)
    mark = (
        rows.update()
        .where(rows.c.id == bindparam("row"))
        .values(status="sent", carrier_id=bindparam("carrier"))
    )
    ids = count(1)

    def run(many: int) -> float:
        began = time.perf_counter()
        for _ in range(0, many, BATCH):
            batch = [next(ids) for _ in range(BATCH)]
            with database.writing() as connection:
                values: dict[str, Any] = {"facts": b"x" * 300, "status": "due"}
                connection.execute(rows.insert(), [{"id": one, **values} for one in batch])
            with database.writing() as connection:
                connection.execute(mark, [{"row": one, "carrier": f"SM{one:032x}"} for one in batch])
        return time.perf_counter() - began

    return run
