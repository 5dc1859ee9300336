"""Sending the same to many: looked at first, agreed to, written in batches, and stopped at any moment.

Whom it is for is written down when it is drafted, so that what was looked at is what goes out. Each batch is one
commit that says how far it has come: a process that dies in between sends nobody twice and leaves nobody out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from care import outbox, reach, tasks
from care.by_staff import Act
from care.rules import bulk
from care.rules.kinds import kinds
from care.rules.reaching import ByAPerson, Person, Way, way_to
from records import Database
from records.appointments import Appointment
from records.bulk import BulkPerson, BulkSend
from records.outbox import OutboxRow
from records.patients import Enrolment, Patient

COMING = ("booked", "confirmed")


@dataclass(frozen=True)
class Audience:
    """Everyone with a visit that begins in a span (of one clinician, or of any), or everyone in a programme today."""

    visits_from: datetime | None = None
    visits_until: datetime | None = None
    clinician: int | None = None
    programme: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
            if value is not None
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Audience:
        moments = {
            name: datetime.fromisoformat(written[name])
            for name in ("visits_from", "visits_until")
            if name in written
        }
        return cls(**{**written, **moments})


@dataclass(frozen=True)
class Preview:
    """How many would get it, by language and channel; and how many not by a machine, by the reason."""

    ways: Mapping[tuple[str, str], int]
    not_by_machine: Mapping[str, int]

    @property
    def people(self) -> int:
        return sum(self.ways.values()) + sum(self.not_by_machine.values())


class NotAllowed(ValueError):
    """It may not be done by this person, or not any more; the message says why, in a sentence for staff."""


def draft(act: Act, what: str, audience: Audience) -> int | None:
    """Write down what is to be sent, and to whom. None, and nothing written, where it would be for nobody."""
    found = act.connection.scalars(_audience(act.clinic_id, audience, act.now)).all()
    if not found:
        return None
    made = act.connection.execute(
        insert(BulkSend).values(
            clinic_id=act.clinic_id,
            what=what,
            audience=audience.to_json(),
            people=len(found),
            state="drafted",
            made_by=act.login,
            made_at=act.now,
        )
    ).inserted_primary_key
    assert made is not None
    act.connection.execute(insert(BulkPerson), [{"bulk_id": made[0], "patient_id": one} for one in found])
    act.note("drafted_bulk_send", None, f"bulk:{made[0]}")
    return int(made[0])


def preview(connection: Connection, row: Any, now: datetime) -> Preview:
    """What would go out now. `row` is one of bulk_sends."""
    people = connection.scalars(select(BulkPerson.patient_id).where(BulkPerson.bulk_id == row.id)).all()
    ways: Counter[tuple[str, str]] = Counter()
    others: Counter[str] = Counter()
    for person in reach.people(connection, people, now).values():
        way = _way(row.what, person, now)
        if isinstance(way, ByAPerson):
            others[way.reason] += 1
        else:
            ways[way.language, way.channel] += 1
    return Preview(ways, others)


def agree(act: Act, bulk_id: int) -> None:
    """Let it go out. Raises NotAllowed where somebody else must, or it is no draft any more."""
    row = hold(act.connection, act.clinic_id, bulk_id)
    if row is None or row.state != "drafted":
        raise NotAllowed("This is under way or over already.")
    if why := bulk.why_not_by(act.login, row.made_by, row.people):
        raise NotAllowed(why)
    _change(act.connection, bulk_id, state="sending", agreed_by=act.login, agreed_at=act.now)
    act.note("agreed_to_bulk_send", None, f"bulk:{bulk_id}")


def stop(act: Act, bulk_id: int) -> int:
    """Nothing that has not begun to be sent goes out any more. Returns how many were held back of those written."""
    row = hold(act.connection, act.clinic_id, bulk_id)
    if row is None or row.state not in ("drafted", "sending", "done"):
        raise NotAllowed("This is over already.")
    ours = _rows(bulk_id)
    before = _count(act.connection, *ours, OutboxRow.status == "dropped")
    outbox.cancel(act.connection, "stopped by staff", *ours)
    _change(act.connection, bulk_id, state="stopped", stopped_by=act.login, ended_at=act.now)
    act.note("stopped_bulk_send", None, f"bulk:{bulk_id}")
    return _count(act.connection, *ours, OutboxRow.status == "dropped") - before


def go_on(database: Database, now: datetime) -> int:
    """Write the next batch of every send that is under way. Returns how many messages were written."""
    with database.reading() as connection:
        going = connection.scalars(select(BulkSend.id).where(BulkSend.state == "sending")).all()
    return sum(_batch(database, one, now) for one in going)


# What the outbox asks of a message of it (care.subjects).


def not_wanted(connection: Connection, rows: Sequence[Any], now: datetime) -> Mapping[int, str]:
    """Those of sends that were stopped."""
    ids = {row.facts["bulk"] for row in rows}
    going = select(BulkSend.id).where(BulkSend.id.in_(ids), BulkSend.state.in_(("sending", "done")))
    still = set(connection.scalars(going))
    return {row.id: "stopped by staff" for row in rows if row.facts["bulk"] not in still}


def was_sent(connection: Connection, row: Any, now: datetime) -> None:
    """Nothing follows from it."""


def another_way(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> bool:
    """There is none by a machine: a person hears that it did not arrive."""
    return False


def not_let_through(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    """Its page says how many did not go out, and why."""


def hold(connection: Connection, clinic_id: int, bulk_id: int) -> Any:
    """The row of this clinic, and nobody else's to change until this write is over; None where there is none."""
    here = select(BulkSend.__table__).where(BulkSend.id == bulk_id, BulkSend.clinic_id == clinic_id)
    return connection.execute(here.with_for_update()).first()


def _batch(database: Database, bulk_id: int, now: datetime) -> int:
    with database.writing() as connection:
        row = connection.execute(
            select(BulkSend.__table__)
            .where(BulkSend.id == bulk_id, BulkSend.state == "sending")
            .with_for_update()
        ).first()
        if row is None:
            return 0
        next_ones = connection.execute(
            select(BulkPerson.id, BulkPerson.patient_id)
            .where(BulkPerson.bulk_id == bulk_id, BulkPerson.id > row.reached)
            .order_by(BulkPerson.id)
            .limit(bulk.batch())
        ).all()
        if not next_ones:
            _change(connection, bulk_id, state="done", ended_at=now)
            return 0
        written = write(database, connection, row, {one.patient_id for one in next_ones}, now)
        _change(connection, bulk_id, reached=next_ones[-1].id, written=BulkSend.written + written)
    return written


def write(
    database: Database, connection: Connection, row: Any, patients: Collection[int], now: datetime
) -> int:
    """A message for each of these who is still meant: whose visit was moved away meanwhile gets none."""
    audience = _audience(row.clinic_id, Audience.from_json(row.audience), now)
    meant = connection.scalars(audience.where(Patient.id.in_(patients))).all()
    messages = []
    for person in reach.people(connection, meant, now).values():
        way = _way(row.what, person, now)
        if isinstance(way, Way):
            messages.append(_message(row, person, way, now))
        elif not way.quiet:
            tasks.make_about(
                database,
                connection,
                person,
                key=f"bulk_by_person:{row.id}:{person.patient}",
                reason="bulk_by_person",
                same_day=True,
                now=now,
                why=way.reason,
                what=row.what,
            )
    return outbox.put_all(database, connection, messages)


def _message(row: Any, person: Person, way: Way, now: datetime) -> dict[str, Any]:
    what = bulk.whats()[row.what]
    return outbox.row_to(
        way,
        person.patient,
        flows=what.flows,
        clinic_id=row.clinic_id,
        key=f"bulk:{row.id}:{person.patient}",
        kind=what.kind,
        now=now,
        facts={"bulk": row.id},
    )


def _way(what: str, person: Person, now: datetime) -> Way | ByAPerson:
    allowed = bulk.whats()[what]
    return way_to(person, kinds()[allowed.kind].topic or "", tuple(allowed.flows), now)


def _audience(clinic_id: int, audience: Audience, now: datetime) -> Select[int]:
    """Patients by id, each once."""
    hers = select(Patient.id).where(Patient.clinic_id == clinic_id, Patient.status == "active")
    if audience.programme is not None:
        today = now.date()
        enrolled = select(Enrolment.patient_id).where(
            Enrolment.clinic_id == clinic_id,
            Enrolment.programme == audience.programme,
            Enrolment.starts_on <= today,
            Enrolment.ends_on >= today,
        )
        return hers.where(Patient.id.in_(enrolled)).order_by(Patient.id)
    coming = select(Appointment.patient_id).where(
        Appointment.clinic_id == clinic_id,
        Appointment.state.in_(COMING),
        Appointment.starts_at >= audience.visits_from,
        Appointment.starts_at < audience.visits_until,
    )
    if audience.clinician is not None:
        coming = coming.where(Appointment.clinician_id == audience.clinician)
    return hers.where(Patient.id.in_(coming)).order_by(Patient.id)


def _rows(bulk_id: int) -> tuple[Any, Any]:
    """Its messages: by whom they are for, which is indexed, and then by their keys."""
    people = select(BulkPerson.patient_id).where(BulkPerson.bulk_id == bulk_id)
    return OutboxRow.patient_id.in_(people), OutboxRow.key.startswith(f"bulk:{bulk_id}:")


def _count(connection: Connection, *where: Any) -> int:
    return connection.scalar(select(func.count()).select_from(OutboxRow).where(*where)) or 0


def _change(connection: Connection, bulk_id: int, **values: Any) -> None:
    connection.execute(update(BulkSend).where(BulkSend.id == bulk_id).values(**values))
