"""What nobody came back for: sends of unknown outcome, questions that stayed open, statuses that never came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from care import outbox, unreached
from carriers import CarrierError, Found
from conversation import opening, statuses, storing
from conversation.placing import QUESTION_OPEN, WITH_CLINIC, place_of
from records.alerts import Alert
from records.clinics import Clinic
from records.conversations import Conversation
from records.outbox import OutboxRow
from records.readings import Reading

if TYPE_CHECKING:
    from conversation.house import House

CALL_LOST = timedelta(hours=1)
"""A call without a word from the carrier for so long is over."""
SEVERE_WAITS = timedelta(minutes=10)
"""Silence after a severe reading by text. A severe reading is treated within 30 to 60 minutes (ACOG CO 767)."""
STATUS_OVERDUE = timedelta(minutes=10)
MOST = 50


def resolve_unknown(house: House) -> int:
    """Find out what became of sends whose worker is gone: the carrier's list tells, or the kind decides."""
    with house.database.reading() as connection:
        rows = outbox.expired_leases(connection, house.now(), MOST)
    for row in rows:
        _resolve(house, row)
    return len(rows)


def _resolve(house: House, row: Any) -> None:
    if row.channel not in ("text", "call"):
        with house.database.writing() as connection:
            if _is_left(connection, row):
                unreached.again(house.database, connection, row, "worker lost", house.now())
        return
    if row.began_sending_at is None:  # claimed, and its turn never came
        with house.database.writing() as connection:
            if _is_left(connection, row):
                outbox.put_back(connection, row, "worker lost", house.now())
        return
    try:
        found = _look(house, row)
    except CarrierError:
        return  # the carrier can't be asked now; the next sweep asks again
    with house.database.writing() as connection:
        fresh = _is_left(connection, row)
        if fresh is None:
            return
        ours = [one for one in found if not _belongs_to_another(connection, one.id, row.id)]
        if ours:
            known = ours[0].status
            statuses.move(house, connection, fresh, ours[0].id, known.state, known.code, known.seconds)
        else:
            unreached.unknown(house.database, connection, fresh, house.now())


def _is_left(connection: Connection, row: Any) -> Any:
    """The row as it is now, and ours until this write is over; None where somebody went on with it."""
    fresh = outbox.hold(connection, row.id)
    left = fresh is not None and fresh.status == "sending" and fresh.leased_until == row.leased_until
    return fresh if left else None


def _look(house: House, row: Any) -> Sequence[Found]:
    """What the carrier has that may be this row's: to this number, from this line, since it was begun."""
    with house.database.reading() as connection:
        line = connection.scalars(select(Clinic.line).where(Clinic.id == row.clinic_id)).one()
    since = row.began_sending_at - timedelta(seconds=5)
    if row.channel == "call":
        return house.carrier.find_calls(row.number, line, since)
    # Replies in the answer to her own texts stand in the list too. Some carriers put words before ours.
    ours = tuple(opening.stored_texts(house, row) or ())
    return [one for one in house.carrier.find_texts(row.number, line, since) if one.body.endswith(ours)]


def _belongs_to_another(connection: Any, sid: str, row: int) -> bool:
    return (
        connection.execute(
            select(OutboxRow.id).where(OutboxRow.carrier_id == sid, OutboxRow.id != row)
        ).first()
        is not None
    )


def alert_for_the_silent(house: House) -> int:
    """A severe reading by text whose read-back stays unanswered: a nurse hears of it, and the question stays."""
    told = select(Alert.id).where(Alert.conversation_id == Conversation.id, Alert.reason == "severe_reading")
    severe = select(Reading.id).where(Reading.conversation_id == Conversation.id, Reading.level == "severe")
    with house.database.reading() as connection:
        rows = connection.execute(
            WITH_CLINIC.where(
                Conversation.channel == "text",
                Conversation.state == "open",
                Conversation.updated_at < house.now() - SEVERE_WAITS,
                severe.exists(),
                ~told.exists(),
            )
            .order_by(func.random())
            .limit(MOST)
        ).all()
    for row in rows:
        with house.database.writing() as connection:
            storing.alert_if_severe(house, connection, place_of(house, connection, row))
    return len(rows)


def close_what_was_left(house: House) -> int:
    """Conversations that nobody will go on with: a text question after a day, a call that was lost."""
    now = house.now()
    with house.database.reading() as connection:
        rows = connection.execute(
            WITH_CLINIC.where(
                ((Conversation.channel == "text") & (Conversation.updated_at < now - QUESTION_OPEN))
                | ((Conversation.channel == "voice") & (Conversation.updated_at < now - CALL_LOST)),
                Conversation.state.in_(("open", "placed")),
            ).limit(MOST)
        ).all()
    for row in rows:
        with house.database.writing() as connection:
            place = place_of(house, connection, row)
            storing.leave(house, connection, place, "left" if row.state == "open" else "closed")
    return len(rows)


def ask_for_statuses(house: House) -> int:
    """Ask the carrier about what it never told us of."""
    now = house.now()
    with house.database.reading() as connection:
        rows = connection.execute(
            select(OutboxRow.__table__)
            .where(
                OutboxRow.status == "sent",
                OutboxRow.kind != "reply",
                OutboxRow.carrier_id.is_not(None),
                OutboxRow.sent_at < now - STATUS_OVERDUE,
                OutboxRow.sent_at > now - timedelta(days=1),
            )
            # Of some the carrier never tells the end: by chance, so that those hide no others.
            .order_by(OutboxRow.priority > 0, func.random())
            .limit(MOST)
        ).all()
    for row in rows:
        try:
            ask = house.carrier.text_status if row.channel == "text" else house.carrier.call_status
            status = ask(row.carrier_id)
        except CarrierError:
            continue
        with house.database.writing() as connection:
            fresh = outbox.hold(connection, row.id)
            if fresh is not None and fresh.status == "sent":
                told = (status.state, status.code, status.seconds)
                statuses.move(house, connection, fresh, row.carrier_id, *told)
    return len(rows)
