"""A day at the sample clinic: the real application on a database of its own, a clock set by hand, a company to call."""

from __future__ import annotations

import shutil
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update
from werkzeug.serving import make_server

from app import create_app, furnish
from care import check_ins
from clinic import demo
from conversation import sending, sweeping
from conversation.house import House
from records import Base, Database, sealing
from records.clinics import Clinic
from records.counters import Counter
from records.migrating import upgrade
from records.outbox import OutboxRow
from records.patients import Consent, Contact, Enrolment, Patient, PatientNumber
from records.sealing import hashed
from settings import Settings
from tests.conversation.carrier_webhooks import Answer, Call, Phone, Webhooks
from tests.conversation.telephone_company import TelephoneCompany, WorkerKilled

LINE, DESK = "+16175550100", "+16175550190"
NUMBERS = {
    "rosa": "+16175550101",
    "james": "+16175550102",
    "riveras": "+16175550103",
    "stranger": "+16175550107",
}
BIRTH_DATE = "03/02/1994"
KEYED_BIRTH_DATE = "03021994"
"""Rosa's, as she writes it and as she keys it."""
TOKEN = "the-carrier-s-token"
PUBLIC_URL = "http://127.0.0.1:8000"
NOON = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("America/New_York"))
DATA_KEY = b64encode(b"a key for tests, of 32 bytes ...").decode()


class Clock:
    """Time as the house sees it: it stands still until it is set forward."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)

    def pause(self, seconds: float) -> None:
        self.forward(seconds=seconds)


def environment(home: Path) -> dict[str, str]:
    return {
        "CARELINE_HOME": str(home),
        "CARELINE_DATA_KEY": DATA_KEY,
        "CARELINE_PUBLIC_URL": PUBLIC_URL,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    }


class Premises:
    """What is the same every day, made once: the settings, the languages, the flows, a database with its people.

    Rosa and James have chosen English before, so that talks come to the point.
    """

    def __init__(self, home: Path) -> None:
        self._house = furnish(Settings.from_environ(environment(home)))
        self._file = home / "careline.sqlite3"
        upgrade(self._house.database)
        demo.load(self._house.database, NOON)
        with self._house.database.writing() as connection:
            for name in ("rosa", "james"):
                values = {"clinic_id": 1, "number_hash": hashed(NUMBERS[name]), "language": "en"}
                connection.execute(insert(Contact).values(**values))
        self._house.database.close()

    @contextmanager
    def day(self, home: Path, **settings: Any) -> Iterator[Day]:
        """A day that nothing has happened on. `settings` are other than usual."""
        home.mkdir(parents=True, exist_ok=True)
        clock = Clock(NOON)
        made = replace(Settings.from_environ(environment(home)), **settings)
        made.ensure_folders()
        shutil.copy(self._file, home / "careline.sqlite3")
        sealing.use(made.data_key)
        company = TelephoneCompany(clock, TOKEN)
        house = replace(
            self._house,
            settings=made,
            database=Database(made.database_url),
            carrier=company,
            now=clock,
            pending=type(self._house.pending)(),
        )
        with closing(house.database):
            yield Day(house, clock, company)


@dataclass
class Day:
    """The house and all that happens to it."""

    house: House
    clock: Clock
    company: TelephoneCompany

    @cached_property
    def webhooks(self) -> Webhooks:
        return self.webhooks_of(self.house)

    def webhooks_of(self, house: House) -> Webhooks:
        """The way in to an application with this house: after a deploy it is another one."""
        app = create_app(house=house)

        def web(target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
            with app.test_client() as client:
                return client.post(target, data=body, headers=dict(headers))

        return Webhooks(web, PUBLIC_URL, TOKEN)

    def phone(self, name: str, webhooks: Webhooks | None = None) -> Phone:
        """The phone of somebody by name, or of a number."""
        return Phone(webhooks or self.webhooks, NUMBERS.get(name, name), LINE)

    def send(self, queue: str = "sending") -> int:
        return sending.send_due(self.house, queue, self.clock.pause)

    def send_and_die(self, queue: str = "sending") -> None:
        """Send, by a worker that does not survive it where the company says so."""
        with suppress(WorkerKilled):
            self.send(queue)

    def sweep(self) -> None:
        sweeping.resolve_unknown(self.house)
        sweeping.close_what_was_left(self.house)
        sweeping.ask_for_statuses(self.house)

    def ask_rosa(self, *, kind: str = "mobile") -> None:
        """It is the time at which Rosa is asked for her check-in."""
        now = self.clock().astimezone(ZoneInfo(self.rows(Patient)[0].timezone))
        with self.house.database.writing() as connection:
            connection.execute(
                update(Enrolment).where(Enrolment.patient_id == 1).values(ask_at=[f"{now:%H:%M}"])
            )
            connection.execute(update(PatientNumber).where(PatientNumber.patient_id == 1).values(kind=kind))
        assert check_ins.ask_those_due(self.house.database, self.clock()) == 1

    def ask_everybody(self, many: int) -> list[str]:
        """A check-in by text for that many people is due; returns their numbers."""
        numbers = self.enrol(many)
        assert check_ins.ask_those_due(self.house.database, self.clock()) == many
        return numbers

    def raise_alerts(self, many: int) -> None:
        """That many people write words of danger: an alert each, to be called at once."""
        for place in range(many):
            self.phone(f"+161755530{place:02d}").text("I want to kill myself")

    def severe_reading_by_text(self) -> None:
        """Rosa writes a reading that raises an alert, and confirms it."""
        self.phone("rosa").texts("165/112", BIRTH_DATE, "yes")

    def text_status(self, sid: str, word: str, outbox: str = "", **fields: str) -> None:
        target = f"/sms/status?outbox={outbox}" if outbox else "/sms/status"
        form = {"MessageSid": sid, "MessageStatus": word, "To": NUMBERS["rosa"], "From": LINE, **fields}
        self.webhooks.take(target, form)

    def call_status(self, sid: str, word: str, outbox: str, to: str = NUMBERS["rosa"]) -> None:
        Call(self.webhooks, to, LINE, sid, outbound=True).over(word, outbox)

    def enrol(self, many: int) -> list[str]:
        """That many more people, asked for a check-in by text, their consent given; returns their numbers."""
        numbers = [f"+1617555{place:04d}" for place in range(2000, 2000 + many)]
        with self.house.database.writing() as connection:
            for number in numbers:
                _enrol(connection, number, self.clock().astimezone(NOON.tzinfo).date())
        return numbers

    def rows(self, table: Any, *where: Any) -> list[Any]:
        """Rows of a table, in the order of their keys."""
        query = select(table.__table__).where(*where).order_by(*table.__table__.primary_key.columns)
        with self.house.database.reading() as connection:
            return list(connection.execute(query))

    def the(self, table: Any, *where: Any) -> Any:
        """The one row."""
        (row,) = self.rows(table, *where)
        return row

    def outbox(self, kind: str) -> Any:
        """The one row of a kind in the outbox."""
        return self.the(OutboxRow, OutboxRow.kind == kind)

    def reasons(self, table: Any) -> list[str]:
        """Why each task, or alert, was made."""
        return [row.reason for row in self.rows(table)]

    def counted(self, name: str) -> int:
        with self.house.database.reading() as connection:
            return connection.scalar(select(func.sum(Counter.count)).where(Counter.name == name)) or 0

    def counts(self) -> dict[str, int]:
        """How many rows each table has, but for the counters."""
        with self.house.database.reading() as connection:
            return {
                table.name: connection.scalar(select(func.count()).select_from(table)) or 0
                for table in Base.metadata.sorted_tables
                if table.name != Counter.__tablename__
            }

    def set(self, table: Any, *where: Any, **values: Any) -> None:
        """How things are from now on."""
        with self.house.database.writing() as connection:
            connection.execute(update(table).where(*where).values(**values))


def _enrol(connection: Any, number: str, today: date) -> None:
    clinic = connection.scalars(select(Clinic.id)).first()
    patient = {
        "clinic_id": clinic, "name": "Ana Sample", "birth_date": "1990-01-01", "language": "en",
        "timezone": "America/New_York", "created_at": NOON,
    }  # fmt: skip
    who = connection.execute(insert(Patient).values(**patient)).inserted_primary_key[0]
    at = {"clinic_id": clinic, "patient_id": who}
    values = {"number": number, "number_hash": hashed(number), "kind": "mobile"}
    connection.execute(insert(PatientNumber).values(**at, **values))
    programme = {"programme": "postpartum", "starts_on": today, "ends_on": today, "ask_at": ["12:00"]}
    connection.execute(insert(Enrolment).values(**at, **programme))
    agreed = {"topic": "check_ins", "channel": "any", "given": True, "text_version": "check_ins-1", "at": NOON}
    connection.execute(insert(Consent).values(**at, **agreed, language="en", by="import"))


class _Received:
    def __init__(self, status: int, body: bytes) -> None:
        self.status_code, self.text = status, body.decode()


@contextmanager
def served(house: House) -> Iterator[Webhooks]:
    """The application behind a real server on a port of its own, a thread for each request."""
    server = make_server("127.0.0.1", 0, create_app(house=house), threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def web(target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        with closing(HTTPConnection("127.0.0.1", server.server_port, timeout=30)) as connection:
            connection.request("POST", target, body, dict(headers))
            response = connection.getresponse()
            return _Received(response.status, response.read())

    try:
        yield Webhooks(web, PUBLIC_URL, TOKEN)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
