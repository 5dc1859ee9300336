"""Three offers among 50 clinicians over 90 days of which 70 % are booked, on SQLite and PostgreSQL.

The whole reading (who may see her, what is free, spread over clinicians and days) is `slots.<db>.p95_ms`; the same
statements once more on the driver alone `database_p95_ms`. `floor_p95_ms` is one row selected by its key there, in the
same run, and `ratio` the middle one of the database's times over the floor's. Some questions have no three answers.
"""

from __future__ import annotations

import tempfile
import time as clock
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, bindparam, event, func, insert, select

from care.rules.working_hours import limits
from care.scheduling import free_time, openings
from care.scheduling.offers import Wanted, offers
from records import Database, sealing
from records.appointments import Appointment
from records.base import table_of
from records.clinics import Clinic
from records.migrating import upgrade
from records.patients import Patient
from records.scheduling import UNIT_MINUTES, Clinician, Occupied, Opening, WorkingHours, moment_of, unit_of
from tests.databases import PostgresqlDatabases
from tests.servers import Missing, cluster, postgresql_programs

NOW = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
CLINICIANS, PATIENTS = 50, 1000
BOOKED = 0.7
FULL_DAYS, FULL = 14, 0.97
"""Near days are fuller: so much of the first two weeks is booked, and of the others what makes 70 % of all."""
QUESTIONS, WARM = 600, 60
LENGTHS = (15, 20, 20, 30, 30, 45)
_clinics = table_of(Clinic)
FLOOR = select(_clinics.c.name).where(_clinics.c.id == bindparam("clinic"))


def measure() -> Iterator[tuple[str, float]]:
    sealing.use(b"a key that is used in bench only")
    with tempfile.TemporaryDirectory() as folder:
        yield from _measure("sqlite", f"sqlite:///{Path(folder) / 'slots.sqlite3'}")
    try:
        postgresql_programs()
    except Missing as missing:
        print(f"slots.postgresql was not measured: {missing}")
        return
    with cluster() as addresses:
        yield from _measure("postgresql", PostgresqlDatabases(addresses).empty())


def _measure(kind: str, url: str) -> Iterator[tuple[str, float]]:
    database = Database(url)
    upgrade(database)
    _fill(database)
    questions = [_question(Random(number)) for number in range(QUESTIONS + WARM)]
    whole, waited, floor, three = [], [], [], 0
    with database.reading() as connection:
        yield f"slots.{kind}.booked", _booked(connection)
        statements = _Statements(database)
        for wanted in questions:
            statements.seen.clear()
            began = clock.perf_counter()
            three += len(offers(connection, wanted, NOW)) == 3
            whole.append(clock.perf_counter() - began)
            waited.append(statements.again(connection))
            statements.seen.clear()
            connection.execute(FLOOR, {"clinic": 1}).all()
            floor.append(statements.again(connection))
    database.close()
    yield f"slots.{kind}.three_found", three / len(questions)
    yield f"slots.{kind}.p50_ms", _percentile(whole, 50)
    yield f"slots.{kind}.p95_ms", _percentile(whole, 95)
    yield f"slots.{kind}.database_p50_ms", _percentile(waited, 50)
    yield f"slots.{kind}.database_p95_ms", _percentile(waited, 95)
    yield f"slots.{kind}.floor_p95_ms", _percentile(floor, 95)
    yield f"slots.{kind}.ratio", _percentile(waited, 50) / _percentile(floor, 50)


class _Statements:
    """What went to the driver, to be run once more on it alone: execute and fetch, nothing of ours."""

    def __init__(self, database: Database) -> None:
        self.seen: list[tuple[str, Any]] = []
        event.listen(database._readers, "before_cursor_execute", self._note)  # the bench alone looks inside

    def _note(self, connection: Any, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        self.seen.append((statement, parameters))

    def again(self, connection: Connection) -> float:
        """Seconds."""
        cursor = connection.connection.cursor()
        began = clock.perf_counter()
        for statement, parameters in self.seen:
            cursor.execute(statement, parameters)
            cursor.fetchall()
        took = clock.perf_counter() - began
        cursor.close()
        return took


def _question(at_random: Random) -> Wanted:
    """Most want it soon, some on a day or at a time of day, some with the clinician they had."""
    first = date(2026, 11, 21) + timedelta(days=at_random.choice([0, 0, 0, 1, 3, 7, 14, 30]))
    hours = at_random.choice([(None, None), (None, None), (time(9), time(11, 30)), (time(14), time(16))])
    return Wanted(
        clinic_id=1, patient_id=at_random.randint(1, PATIENTS), minutes=at_random.choice(LENGTHS),
        visit_kind=at_random.choice(["audio", "audio", "video"]), language=at_random.choice(["en", "es", "ht"]),
        interpreter=at_random.random() < 0.7, state="MA",
        clinician_id=at_random.randint(1, CLINICIANS) if at_random.random() < 0.2 else None, place_id=None,
        first_day=first, last_day=first + timedelta(days=at_random.choice([6, 13, 30])), earliest=hours[0],
        latest=hours[1], timezone="America/New_York",
    )  # fmt: skip


def _fill(database: Database) -> None:
    at_random = Random(0)
    with database.writing() as connection:
        row = {"name": "Harbor Clinic", "line": "+16175550100", "emergency_number": "+16175550190"}
        connection.execute(insert(Clinic).values(id=1, timezone="America/New_York", **row))
        person = {"clinic_id": 1, "name": "Ana Sample", "birth_date": "1994-03-02", "language": "en"}
        person |= {"timezone": "America/New_York", "created_at": NOW}
        connection.execute(insert(Patient), [{"id": 1 + place, **person} for place in range(PATIENTS)])
        of = {"clinic_id": 1, "timezone": "America/New_York"}
        connection.execute(
            insert(Clinician),
            [
                {
                    **of,
                    "id": 1 + place,
                    "name": f"Dr. {place}",
                    "languages": ["en", *at_random.sample(["es", "ht", "ko"], at_random.randint(0, 2))],
                    "states": ["MA", *at_random.sample(["NH", "RI"], at_random.randint(0, 2))],
                }
                for place in range(CLINICIANS)
            ],
        )
        connection.execute(insert(WorkingHours), [*_hours()])
    openings.make_ahead(database, NOW)
    with database.writing() as connection:
        _book(connection, at_random)
    with database.writing() as connection:
        days = int(limits()["days_ahead"])
        ends = NOW + timedelta(days=days + 1)
        free_time.refresh(connection, range(1, CLINICIANS + 1), [], unit_of(NOW), unit_of(ends))
    if not database.is_sqlite:
        with database.reading() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")  # as the server does by itself, minutes later


def _hours() -> Iterator[dict[str, Any]]:
    for clinician in range(1, CLINICIANS + 1):
        for weekday in range(5):
            for begins, ends in (("09:00", "12:00"), ("13:00", "17:00")):
                yield {
                    "clinician_id": clinician, "weekday": weekday, "starts": begins, "ends": ends,
                    "step_minutes": 15, "visit_kinds": ["audio", "video"] if clinician % 2 else ["audio"],
                    "from_on": date(2026, 11, 1),
                }  # fmt: skip


def _book(connection: Connection, at_random: Random) -> None:
    """Visits of different lengths, one after the other, with gaps, until as much is taken as is wanted."""
    starts = connection.execute(
        select(Opening.clinician_id, Opening.unit, Opening.ends_at).order_by(
            Opening.clinician_id, Opening.unit
        )
    ).all()
    days = int(limits()["days_ahead"])
    far = (BOOKED * days - FULL * FULL_DAYS) / (days - FULL_DAYS)
    near = unit_of(NOW + timedelta(days=FULL_DAYS))
    visits, taken, until = list[dict[str, Any]](), list[dict[str, Any]](), (0, 0)
    for row in starts:
        share = FULL if row.unit < near else far
        if (row.clinician_id, row.unit) < until or at_random.random() > _chance(share):
            continue
        end = min(row.unit + at_random.choice(LENGTHS) // UNIT_MINUTES, unit_of(row.ends_at))
        until = (row.clinician_id, end)
        visit = len(visits) + 1
        patient = at_random.randint(1, PATIENTS)
        visits.append(
            {
                "id": visit, "clinic_id": 1, "patient_id": patient, "clinician_id": row.clinician_id,
                "visit_kind": "audio", "reason": "problem", "starts_at": moment_of(row.unit),
                "ends_at": moment_of(end), "timezone": "America/New_York", "state": "booked", "booked_by": "patient",
                "created_at": NOW, "changed_at": NOW,
            }
        )  # fmt: skip
        taken += [
            {"resource": f"clinician:{row.clinician_id}", "unit": unit, "appointment_id": visit}
            for unit in range(row.unit, end)
        ]
        taken += [
            {"resource": f"patient:{patient}", "unit": unit, "appointment_id": visit}
            for unit in range(row.unit, end)
        ]
    connection.execute(insert(Appointment), visits)
    once = {(row["resource"], row["unit"]): row for row in taken}  # one patient may have been drawn twice
    connection.execute(insert(Occupied), list(once.values()))


def _chance(share: float) -> float:
    """That a free start begins a visit, so that about `share` of all time is taken: visits are 27 minutes, steps 15."""
    steps = 1.8
    return share / (share + steps * (1 - share))


def _booked(connection: Connection) -> float:
    """The share of starts that are taken."""
    taken = connection.scalar(select(func.count()).select_from(Opening).where(Opening.free_minutes == 0)) or 0
    return float(taken) / float(connection.scalar(select(func.count()).select_from(Opening)) or 1)


def _percentile(seconds: list[float], of: int) -> float:
    kept = sorted(seconds[WARM:])
    return kept[min(len(kept) * of // 100, len(kept) - 1)] * 1000
