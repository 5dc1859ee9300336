"""Visits that a clinician asks for: the patient is told, books it herself, and a person looks where she does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from care import audit, outbox, reach, tasks
from care.occasion import Occasion, Overtaken
from care.rules import wait_list as rules
from care.rules.kinds import kinds
from care.rules.reaching import ByAPerson, Person, Way, way_to
from care.scheduling import booking
from records import Database
from records.appointments import FollowUp
from records.base import table_of

KIND, FACT = "book_visit", "follow_up"
TOPIC = kinds()[KIND].topic or ""
CHANNELS = ("text", "call")
FLOWS = {"text": "visit_message_text", "call": "visit_message_call"}
BATCH = 200
_wanted = table_of(FollowUp)
HERS = (
    select(_wanted)
    .where(
        _wanted.c.clinic_id == bindparam("clinic"),
        _wanted.c.patient_id == bindparam("patient"),
        _wanted.c.state == "open",
        _wanted.c.until_on >= bindparam("today", type_=_wanted.c.until_on.type),
    )
    .order_by(_wanted.c.until_on, _wanted.c.id)
    .limit(1)
)
"""Made once: building a statement costs more than running it."""


def ask(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    patient_id: int,
    clinician_id: int | None,
    reason: str,
    from_on: date,
    until_on: date,
    by: str,
    now: datetime,
    visit_kind: str,
    every: str | None = None,
    times: int = 1,
) -> int:
    """A visit is wanted between two days (local, both included); its id. She is told of it now.

    One that comes back does so `every` *week* or *month*, `times` in all.
    """
    values = {
        "clinic_id": clinic_id,
        "patient_id": patient_id,
        "clinician_id": clinician_id,
        "reason": reason,
        "visit_kind": visit_kind,
        "from_on": from_on,
        "until_on": until_on,
        "every": every,
        "times": times,
        "state": "open",
        "asked_by": by,
        "asked_at": now,
        "told": 1,
        "look_at": _look_at(1, now),
    }
    wanted = int(connection.execute(insert(FollowUp).values(**values).returning(FollowUp.id)).scalar_one())
    her = reach.people(connection, [patient_id], now)[patient_id]
    _tell(database, connection, wanted, 1, her, now)
    audit.note(
        database,
        connection,
        by=by,
        did="asked_for_visit",
        now=now,
        clinic_id=clinic_id,
        patient_id=patient_id,
        about=f"follow_up:{wanted}",
    )
    return wanted


def close(
    database: Database, connection: Connection, clinic_id: int, wanted: int, by: str, now: datetime
) -> bool:
    """It is not wanted any more. False where it is not an open one of this clinic."""
    mine = (FollowUp.id == wanted, FollowUp.clinic_id == clinic_id, FollowUp.state == "open")
    patient = connection.scalar(
        update(FollowUp).where(*mine).values(state="closed").returning(FollowUp.patient_id)
    )
    if patient is not None:
        audit.note(
            database,
            connection,
            by=by,
            did="closed_follow_up",
            now=now,
            clinic_id=clinic_id,
            patient_id=patient,
            about=f"follow_up:{wanted}",
        )
    return patient is not None


def wanted_of(connection: Connection, clinic_id: int, patient_id: int, today: date) -> dict[str, Any] | None:
    """The visit that she is to book first, as flows keep it; None where nobody asked for one."""
    about = {"clinic": clinic_id, "patient": patient_id, "today": today}
    row = connection.execute(HERS, about).first()
    if row is None:
        return None
    first = max(row.from_on, today)
    return {
        "id": row.id,
        "reason": row.reason,
        "visit_kind": row.visit_kind,
        "clinician": row.clinician_id,
        "first": first.isoformat(),
        "last": row.until_on.isoformat(),
        "every": row.every,
        "times": row.times,
    }


def book(on: Occasion, wanted: Mapping[str, Any], offer: Mapping[str, Any]) -> None:
    """She takes this time for what was asked for (`wanted_of`), and those after it where it comes back."""
    row = on.connection.execute(
        select(_wanted).where(_wanted.c.id == wanted["id"], _wanted.c.patient_id == on.patient_id)
    ).one_or_none()
    if row is None or row.state != "open":
        raise Overtaken
    if row.every is None:
        booking.book(on, offer, row.reason)
        return
    found = booking.book_series(on, offer, row.reason, row.every, row.times)
    if found.not_free:
        tasks.make_in_turn(on, "series_not_whole", False, missing=len(found.not_free))


def decline(on: Occasion, wanted: Mapping[str, Any]) -> None:
    """She does not want it: she is asked no more, and whoever asked for it hears of it."""
    mine = (_wanted.c.id == wanted["id"], _wanted.c.patient_id == on.patient_id, _wanted.c.state == "open")
    if on.connection.execute(_wanted.update().where(*mine).values(state="declined")).rowcount:
        tasks.make_in_turn(on, "follow_up_declined", False)


def go_on(database: Database, now: datetime) -> int:
    """Who has not booked in time is told once more, then a person looks. Returns how many were looked at."""
    due = (
        select(_wanted)
        .where(_wanted.c.state == "open", _wanted.c.look_at <= now)
        .order_by(_wanted.c.look_at)
        .limit(BATCH)
        .with_for_update(skip_locked=database.skips_locked)
    )
    with database.writing() as connection:
        rows = connection.execute(due).all()
        people = reach.people(connection, {row.patient_id for row in rows}, now) if rows else {}
        for row in rows:
            her, told = people[row.patient_id], row.told + 1
            look_at = _look_at(told, now)
            values = {"told": told, "look_at": look_at}
            connection.execute(_wanted.update().where(_wanted.c.id == row.id).values(**values))
            if look_at:
                _tell(database, connection, row.id, told, her, now)
            else:
                _tell_staff(database, connection, "follow_up_not_booked", row.id, her, now)
    return len(rows)


# What the outbox asks of a row that tells of it (care.subjects).


def not_wanted(connection: Connection, rows: Sequence[Any], now: datetime) -> Mapping[int, str]:
    """She has booked, or it is wanted no more."""
    ids = {row.facts[FACT] for row in rows}
    still = set(
        connection.scalars(select(_wanted.c.id).where(_wanted.c.id.in_(ids), _wanted.c.state == "open"))
    )
    return {row.id: "booked already" for row in rows if row.facts[FACT] not in still}


def was_sent(connection: Connection, row: Any, now: datetime) -> None:
    """What follows is by the day, not by the hour: `go_on`."""


def another_way(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> bool:
    """The other channel once; then a person."""
    her = reach.people(connection, [row.patient_id], now)[row.patient_id]
    other = "call" if row.channel == "text" else "text"
    way = way_to(her, TOPIC, (other,), now)
    if row.key.endswith(":again") or isinstance(way, ByAPerson):
        _tell_staff(database, connection, "reach_about_visit", row.facts[FACT], her, now, why=why)
    else:
        _put(database, connection, f"{row.key}:again", row.facts[FACT], her, way, now)
    return True


def not_let_through(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    if not ByAPerson(why).quiet:
        another_way(database, connection, row, why, now)


def _look_at(told: int, now: datetime) -> datetime | None:
    wait = rules.follow_up_waits(told)
    return now + wait if wait else None


def _tell(
    database: Database, connection: Connection, wanted: int, told: int, her: Person, now: datetime
) -> None:
    way = way_to(her, TOPIC, CHANNELS, now)
    if isinstance(way, Way):
        _put(database, connection, f"{FACT}:{wanted}:{told}", wanted, her, way, now)
    else:
        _tell_staff(database, connection, "reach_about_visit", wanted, her, now, why=way.reason)


def _put(
    database: Database, connection: Connection, key: str, wanted: int, her: Person, way: Way, now: datetime
) -> None:
    facts = {FACT: wanted, "visit_message": "wanted", "private_visit_of": her.patient}
    row = outbox.row_to(
        way, her.patient, flows=FLOWS, clinic_id=her.clinic, key=key, kind=KIND, now=now, facts=facts
    )
    outbox.put_all(database, connection, [row])


def _tell_staff(
    database: Database,
    connection: Connection,
    reason: str,
    wanted: int,
    her: Person,
    now: datetime,
    **details: str,
) -> None:
    tasks.make_about(
        database, connection, her, key=f"{reason}:{wanted}", reason=reason, same_day=False, now=now, **details
    )
