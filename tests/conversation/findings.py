"""What a clinic has in its records after a transcript, as lines that a nurse can read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from care import check_ins
from care.rules.consent import EVERYTHING
from conversation.placing import QUESTION_OPEN
from languages import load, say
from records import Database
from records.alerts import Alert
from records.appointments import Appointment, FollowUp, SlotOffer, Waiting
from records.bulk import BulkSend
from records.conversations import Conversation, Turn
from records.messages import Message
from records.outbox import OutboxRow
from records.patients import Consent, Contact, IdentityLock, IdentityTry
from records.readings import CheckIn, Reading
from records.scheduling import Clinician
from records.sealing import hashed
from records.tasks import Task
from tests.conversation.cast import LAST_DIGITS, SHOWN_AREA, Cast

BY_TIME = ("reading", "message")
OUR_OWN_WORK = ("recording", "alert", "freed_time")
"""Kinds whose outcome shows elsewhere: in a message, in an alert, in a time offered."""
STATUS = {"sent": "sent", "delivered": "sent", "due": "waits"}


class Findings:
    """All of one clinic, kind by kind."""

    def __init__(self, database: Database, cast: Cast) -> None:
        self._database, self._cast = database, cast
        self._names = {patient: name for name, patient in cast.patients.items()}
        self._phones = {hashed(cast.number(name)): name for name in LAST_DIGITS}

    def lines(self) -> list[str]:
        with self._database.reading() as connection:
            found = [
                line
                for kind in (
                    self._readings, self._alerts, self._tasks, self._messages,
                    self._check_ins, self._visits, self._waiting, self._offers, self._asked, self._consents,
                    self._outbox, self._contacts, self._wrong_tries, self._locks,
                )
                for line in sorted(kind(connection), key=without_time)
            ]  # fmt: skip
        return found or ["nothing"]

    def still_moving(self, now: datetime, *, nobody_talks: bool) -> list[str]:
        """What is being worked on: until it is done, nobody can say what is so afterwards."""
        with self._database.reading() as connection:
            moving = [
                f"{row.kind} by {row.channel}: {row.status}"
                for row in self._all(connection, OutboxRow)
                if _moves(row, now)
            ]
            moving += [
                f"a check-in: {row.state}"
                for row in self._all(connection, CheckIn)
                if row.state in check_ins.WAITING and row.follow_up_at <= now
            ]
            moving += [
                f"a talk by {row.channel}: {row.state}"
                for row in self._all(connection, Conversation)
                if (row.channel == "voice" and nobody_talks and row.state == "open")
                or (row.channel == "text" and row.state == "open" and row.updated_at < now - QUESTION_OPEN)
            ]
            moving += [
                "a visit that was asked for"
                for row in self._all(connection, FollowUp)
                if row.state == "open" and row.look_at is not None and row.look_at <= now
            ]
            moving += ["a send to many" for row in self._all(connection, BulkSend) if row.state == "sending"]
        return moving

    def no_turn(self, text: str) -> list[str]:
        """Something, as long as a text with this id has not been answered."""
        with self._database.reading() as connection:
            answered = connection.scalar(select(Turn.key).where(Turn.key == text))
        return [] if answered else ["a text"]

    def open_calls(self, number_hash: str) -> list[str]:
        """The calls with a number that are not over, as the clinic sees it."""
        calls = select(Conversation.id).where(
            Conversation.clinic_id == self._cast.clinic,
            Conversation.number_hash == number_hash,
            Conversation.channel == "voice",
            Conversation.state == "open",
        )
        with self._database.reading() as connection:
            return list(connection.scalars(calls))

    def _readings(self, connection: Connection) -> Iterator[str]:
        by_proxy = {row.id for row in self._all(connection, Conversation) if row.proxy_id is not None}
        for row in self._all(connection, Reading):
            value = f"{row.value['systolic']}/{row.value['diastolic']}"
            confirmed = "confirmed" if row.confirmed else "not confirmed"
            signs = f"warning signs {row.warning_signs or 'not answered'}"
            who = f"{self._who(row.patient_id)}{' (by a proxy)' if row.conversation_id in by_proxy else ''}"
            yield f"reading {value} of {who}: {row.level}, {confirmed}, {signs}"

    def _alerts(self, connection: Connection) -> Iterator[str]:
        for row in self._all(connection, Alert):
            about = [self._names[patient] for patient in row.details["candidates"]]
            may_be = f" (may be {' or '.join(about)})" if about else ""
            who = f"{self._who(row.patient_id)}{may_be}"
            by = f" ({row.taken_by})" if row.taken_by else ""
            phone = self._cast.of(row.details["number"])
            yield f"alert {row.reason} about {who} at {phone}'s phone: {row.level}, {row.state}{by}"

    def _tasks(self, connection: Connection) -> Iterator[str]:
        for row in self._all(connection, Task):
            when = "today" if row.same_day else "when they can"
            done = "" if row.state == "open" else f", {row.state} ({row.done_by})"
            yield f"task {row.reason} about {self._who(row.patient_id)}{self._more(row.details)}: {when}{done}"

    def _more(self, details: dict[str, Any]) -> str:
        """What a task tells a person besides: whom to call at which number, and who spoke."""
        said = []
        if "proxy" in details:
            said.append("by a proxy")
        if "name" in details:
            said.append("with a name")
        for what, words in (("callback_number", "to be called at"), ("other_number", "known at")):
            if what in details:
                shown = details[what].replace(f"+1{self._cast.area}", f"+1{SHOWN_AREA}")
                said.append(f"{words} {shown}")
        return f" ({', '.join(said)})" if said else ""

    def _messages(self, connection: Connection) -> Iterator[str]:
        for row in self._all(connection, Message):
            who = self._who(row.patient_id)
            if row.recording is None:
                yield f"message of {who}, {row.language}: {row.text}"
                continue
            erased = "erased at the carrier" if row.erased_at_carrier else "still at the carrier"
            heard = "a person must hear it" if row.listen else "in words"
            yield f"spoken message of {who}, {row.language}: {row.state}, {heard}, {erased}"

    def _check_ins(self, connection: Connection) -> Iterator[str]:
        for row in self._all(connection, CheckIn):
            yield f"check-in of {self._who(row.patient_id)}: {row.state}"

    def _visits(self, connection: Connection) -> Iterator[str]:
        clinicians = {row.id: row.name for row in self._all(connection, Clinician)}
        ways = {"audio": "by phone", "video": "by video", "in_person": "at the clinic"}
        for row in self._all(connection, Appointment):
            if row.starts_at < row.created_at or row.state == "done":
                continue
            at = {"kind": "visit_time", "at": row.starts_at.isoformat(), "zone": row.timezone}
            when = self._cast.told(say(at, load()["en"], "text"))
            by = f" by {row.booked_by}" if row.booked_by != "import" else ""
            words = f", for: {row.words}" if row.words else ""
            interpreter = f", with an interpreter ({row.interpreter})" if row.interpreter else ""
            yield (
                f"visit of {self._who(row.patient_id)} on {when} with {clinicians[row.clinician_id]}, "
                f"{ways[row.visit_kind]}{interpreter}: {row.reason}{words}, {row.state}{by}"
            )

    def _waiting(self, connection: Connection) -> Iterator[str]:
        for row in self._all(connection, Waiting):
            yield f"{self._who(row.patient_id)} waits for a time that becomes free: {row.reason}, {row.state}"

    def _offers(self, connection: Connection) -> Iterator[str]:
        for row in self._all(connection, SlotOffer):
            yield f"a time that became free was offered to {self._who(row.patient_id)}: {row.state}"

    def _asked(self, connection: Connection) -> Iterator[str]:
        for row in self._all(connection, FollowUp):
            yield f"visit asked for of {self._who(row.patient_id)}: {row.reason}, {row.state}"

    def _consents(self, connection: Connection) -> Iterator[str]:
        for row in self._all(connection, Consent):
            if (
                row.given
                and row.patient_id is not None
                and row.by in ("patient", "proxy")
                and row.topic != EVERYTHING
            ):
                yield f"{self._who(row.patient_id)} agreed to {row.topic} ({row.text_version}), said by the {row.by}"

    def _outbox(self, connection: Connection) -> Iterator[str]:
        for row in self._all(connection, OutboxRow):
            if row.kind in OUR_OWN_WORK or (row.kind == "reply" and row.status == "sent"):
                continue
            status = STATUS.get(row.status, row.status)
            why = f" ({row.reason})" if row.reason and status != "sent" else ""
            yield f"{row.kind} by {row.channel} to {self._phones[row.number_hash]}: {status}{why}"

    def _contacts(self, connection: Connection) -> Iterator[str]:
        for row in sorted(self._all(connection, Contact), key=lambda row: self._phones[row.number_hash]):
            phone = f"{self._phones[row.number_hash]}'s phone"
            if row.language:
                yield f"{phone} speaks {row.language}"
            if row.opted_out_at:
                yield f"{phone} gets no more texts and calls from us"
            if row.blocked_at:
                yield f"{phone} is blocked for texts at the carrier"
            if row.wrong_person_at:
                yield f"{phone} is somebody else's"

    def _wrong_tries(self, connection: Connection) -> Iterator[str]:
        """Each is a row for the number, and one for every candidate there."""
        wrong = [
            row.number_hash
            for row in self._all(connection, IdentityTry)
            if not row.succeeded and row.patient_id is None
        ]
        for phone in dict.fromkeys(wrong):
            yield f"wrong tries to say who it is, from {self._phones[phone]}'s phone: {wrong.count(phone)}"

    def _locks(self, connection: Connection) -> Iterator[str]:
        for row in self._all(connection, IdentityLock):
            of = self._names[row.patient_id] if row.patient_id else f"{self._phones[row.number_hash]}'s phone"
            yield f"nobody is confirmed as {of}" if row.patient_id else f"nobody is confirmed from {of}"

    def _all(self, connection: Connection, table: Any) -> Any:
        rows = select(table.__table__).where(table.clinic_id == self._cast.clinic)
        return connection.execute(rows.order_by(*table.__table__.primary_key.columns)).all()

    def _who(self, patient: int | None) -> str:
        return self._names[patient] if patient is not None else "somebody unconfirmed"


def without_time(line: str) -> str:
    """What to sort by: what the worker did has no certain order; readings and messages keep theirs."""
    return "" if line.startswith(BY_TIME) else line


def _moves(row: Any, now: datetime) -> bool:
    if row.kind == "reply":
        return False
    return row.status in ("sending", "sent") or (row.status == "due" and row.due_at <= now)
