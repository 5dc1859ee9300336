"""A freed time that was offered to somebody who waits: how it reaches her, and what she answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from care import outbox, reach, tasks
from care.occasion import Occasion, Overtaken
from care.rules.kinds import kinds
from care.rules.reaching import Person, Way, way_to
from care.rules.wait_list import Wish
from care.scheduling import booking, wishes
from records import Database
from records.appointments import SlotOffer, Waiting
from records.base import table_of
from records.outbox import OutboxRow

KIND = "slot_offer"
TOPIC = kinds()[KIND].topic or ""
CHANNELS = ("text", "call")
FLOWS = {"text": "visit_message_text", "call": "visit_message_call"}
OPEN = "open"
_offers, _waiting = table_of(SlotOffer), table_of(Waiting)


def make(
    database: Database,
    connection: Connection,
    clinic_id: int,
    start: Row[Any],
    wishes: Sequence[Wish],
    until: datetime,
    now: datetime,
) -> None:
    """Offer the start of an opening to these. Whom no machine may reach is for a person, who has as long."""
    people = reach.people(connection, [wish.patient_id for wish in wishes], now)
    rows = []
    for wish in wishes:
        values = {
            "clinic_id": clinic_id,
            "waiting_id": wish.id,
            "patient_id": wish.patient_id,
            "clinician_id": start.clinician_id,
            "starts_at": start.starts_at,
            "minutes": wish.minutes,
            "state": OPEN,
            "offered_at": now,
            "ends_at": until,
        }
        offer = connection.execute(_offers.insert().returning(_offers.c.id), values).scalar_one()
        her = people[wish.patient_id]
        way = way_to(her, TOPIC, CHANNELS, now)
        if isinstance(way, Way):
            rows.append(_row(offer, _facts(offer, start, wish), clinic_id, her, way, until, now))
        else:
            tasks.make_about(
                database,
                connection,
                her,
                key=f"offer_by_person:{offer}",
                reason="offer_by_person",
                same_day=True,
                now=now,
                why=way.reason,
            )
    outbox.put_all(database, connection, rows)


def take(on: Occasion, offer: int) -> None:
    """She wants it: booked, or her visit moved to it. Raises Overtaken or Taken where it is not free any more."""
    row = on.connection.execute(
        select(_offers, _waiting.c.reason, _waiting.c.visit_kind, _waiting.c.appointment_id)
        .join(_waiting, _waiting.c.id == _offers.c.waiting_id)
        .where(_offers.c.id == offer, _offers.c.patient_id == on.patient_id)
    ).one_or_none()
    sent = outbox.get(on.connection, on.outbox_id)
    if row is None or sent is None or sent.facts.get(KIND) != offer:
        raise Overtaken
    on.connection.execute(update(SlotOffer).where(SlotOffer.id == offer).values(state="taken"))
    if row.appointment_id is None:
        booking.book(on, sent.facts["offered"], row.reason)
    else:
        booking.move(on, row.appointment_id, sent.facts["offered"])
    on.connection.execute(update(Waiting).where(Waiting.id == row.waiting_id).values(state="booked"))
    _others_are_late(on.connection, row)


def decline(on: Occasion, offer: int, stay: str) -> None:
    """She does not want this one; without `stay` ("yes") she waits no more. The next one is asked."""
    mine = (SlotOffer.id == offer, SlotOffer.patient_id == on.patient_id)
    row = on.connection.execute(select(SlotOffer.__table__).where(*mine)).one_or_none()
    if row is None:
        return
    on.connection.execute(update(SlotOffer).where(*mine, SlotOffer.state == OPEN).values(state="declined"))
    if stay != "yes":
        on.connection.execute(update(Waiting).where(Waiting.id == row.waiting_id).values(state="left"))
    wishes.look_again(on.connection, row.clinician_id, row.starts_at, on.now)


def close_late(connection: Connection, clinician_id: int, starts_at: datetime, now: datetime) -> None:
    """Offers of a time whose own time is over. Who answers later still gets it, if nobody has it by then."""
    connection.execute(
        update(SlotOffer)
        .where(
            SlotOffer.clinician_id == clinician_id,
            SlotOffer.starts_at == starts_at,
            SlotOffer.state == OPEN,
            SlotOffer.ends_at <= now,
        )
        .values(state="too_late")
    )


# What the outbox asks of a row that offers a time (care.subjects).


def not_wanted(connection: Connection, rows: Sequence[Any], now: datetime) -> Mapping[int, str]:
    """The time was taken, or she has a visit meanwhile and waits no more."""
    ids = {row.facts[KIND] for row in rows}
    found = connection.execute(
        select(_offers.c.id, _waiting.c.state)
        .join(_waiting, _waiting.c.id == _offers.c.waiting_id)
        .where(_offers.c.id.in_(ids), _offers.c.state == OPEN)
    )
    waits = {offer.id: offer.state == "waiting" for offer in found}
    return {
        row.id: "booked already" if row.facts[KIND] in waits else "time is taken"
        for row in rows
        if not waits.get(row.facts[KIND], False)
    }


def was_sent(connection: Connection, row: Any, now: datetime) -> None:
    """Nothing follows: her time to answer runs from when it was offered."""


def another_way(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> bool:
    """She was not reached: the next one is asked, and she keeps her place."""
    not_let_through(database, connection, row, why, now)
    return True


def not_let_through(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    offer = row.facts[KIND]
    connection.execute(
        update(SlotOffer).where(SlotOffer.id == offer, SlotOffer.state == OPEN).values(state="too_late")
    )
    offered = row.facts["offered"]
    wishes.look_again(connection, offered["clinician"], datetime.fromisoformat(offered["at"]), now)


def _others_are_late(connection: Connection, row: Row[Any]) -> None:
    """Nobody else can have it: who was asked and has not been reached yet is not."""
    same = (
        SlotOffer.clinician_id == row.clinician_id,
        SlotOffer.starts_at == row.starts_at,
        SlotOffer.state == OPEN,
    )
    others = connection.scalars(select(SlotOffer.id).where(*same)).all()
    if others:
        outbox.cancel(connection, "time is taken", OutboxRow.key.in_([f"{KIND}:{one}" for one in others]))
        connection.execute(update(SlotOffer).where(*same).values(state="too_late"))


def _facts(offer: int, start: Row[Any], wish: Wish) -> dict[str, Any]:
    return {
        KIND: offer,
        "visit_message": "freed",
        "visit_to_move": None if wish.visit_id is None else {"id": wish.visit_id},
        "private_visit_of": wish.patient_id,
        "offered": {
            "kind": "visit_time",
            "at": start.starts_at.astimezone(UTC).isoformat(),
            "zone": start.timezone,
            "clinician": start.clinician_id,
            "clinician_name": start.clinician_name,
            "place": start.place_id if wish.visit_kind == "in_person" else None,
            "minutes": wish.minutes,
            "visit_kind": wish.visit_kind,
            "interpreter": wish.interpreter,
        },
    }


def _row(
    offer: int, facts: dict[str, Any], clinic_id: int, her: Person, way: Way, until: datetime, now: datetime
) -> dict[str, Any]:
    return outbox.row_to(
        way,
        her.patient,
        flows=FLOWS,
        clinic_id=clinic_id,
        key=f"{KIND}:{offer}",
        kind=KIND,
        now=now,
        expires_at=until,
        facts=facts,
    )
