"""From a row in the outbox to the carrier: due, wanted and allowed still? then begin the talk, and send."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from care import bulk, check_ins, costs, outbox, pacing, reach, unreached
from care.costs import Charge
from care.rules.gate import OVER_BUDGET, Recipient, pass_gate
from care.rules.kinds import kinds
from care.rules.reaching import Number
from carriers import OutcomeUnknown, Refused, Unavailable
from conversation import opening
from conversation.opening import Opened
from records.clinics import Clinic
from records.database import again_if_obstructed
from records.outbox import OutboxRow

if TYPE_CHECKING:
    from conversation.house import House

logger = logging.getLogger(__name__)
BATCH = 20
PATIENCE = timedelta(seconds=2)
"""The longest wait for the carrier's rate within one tick."""
ANOTHER_QUESTION = timedelta(minutes=10)
"""How long a question waits where another one is open at that number."""
STAFF = Recipient(Number("", ""), "call", "UTC")
"""Whoever answers the emergency number: never held back."""
LINE_BUSY = {"alert": timedelta(seconds=20)}


def send_due(house: House, queue: str, pause: Callable[[float], None]) -> int:
    """Send what is due in a queue, most urgent first. Returns how many rows were taken."""
    rows = outbox.claim(house.database, queue, house.now(), BATCH)
    for place, row in enumerate(rows):
        if queue != "alerts" and _let_alerts_pass(house):
            _put_all_back(house, rows[place:])
            break
        again_if_obstructed(partial(_send, house, row, pause))  # what was begun is not begun twice
    return len(rows)


def _send(house: House, row: Any, pause: Callable[[float], None]) -> None:
    with house.database.reading() as connection:
        clinic = connection.execute(select(Clinic.__table__).where(Clinic.id == row.clinic_id)).one()
    passed = _through_the_gate(house, row)
    if passed is None:
        return
    guarded = opening.guarded_by(passed) if passed is not STAFF else {}
    opened = opening.open_text(house, row, clinic, guarded) if row.channel == "text" else None
    call = opening.open_call(house, row, clinic, guarded) if row.channel == "call" else None
    if opened is None and call is None:
        _put_back(house, row, "another question is open", LINE_BUSY.get(row.kind, ANOTHER_QUESTION))
        return
    wait = _wait_for_rate(house, row, clinic)
    if wait is None:
        _put_back(house, row, "carrier's rate", PATIENCE)
        return
    pause(wait.total_seconds())
    now = house.now()
    charge = _expected(house, row, clinic, now, opened)
    segments = sum(opened.segments) if opened else None
    with house.database.writing() as connection:
        is_ours = outbox.begin(connection, row, now, segments=segments, price=charge.price)
        if is_ours:
            costs.count(connection, charge)
        elif (gone := outbox.get(connection, row.id)) is not None and gone.status == "dropped":
            unreached.end_talk(connection, row)  # she stopped us while it waited for its turn
    if is_ours:
        _hand_over(house, row, clinic, opened, call, pause, now)


def _expected(
    house: House, row: Any, clinic: Any, at: datetime, opened: Opened | None, sent: int = 0
) -> Charge:
    """What the rest of a row costs, of which `sent` texts have gone before."""
    if opened is None:
        return costs.of_call(house.prices, row, clinic.timezone, at, row.language or "")
    left = opened.segments[sent or row.parts_sent :]
    return costs.of_texts(house.prices, row, clinic.timezone, at, left, opened.language)


def _hand_over(
    house: House,
    row: Any,
    clinic: Any,
    opened: Opened | None,
    call: str | None,
    pause: Callable[[float], None],
    at: datetime,
) -> None:
    """The one moment outside: afterwards the row says what is known, and no more than that."""
    callback = f"{house.settings.public_url}/{{}}/status?outbox={row.id}"
    try:
        if opened is not None:
            carrier_id = _send_texts(house, row, clinic, opened.texts, callback.format("sms"), pause)
        else:
            url = f"{house.settings.public_url}/voice/answer?token={call}"
            carrier_id = house.carrier.place_call(
                row.number, clinic.line, url, callback.format("voice"), detect_machine=row.kind != "alert"
            )
    except Refused as refusal:
        with house.database.writing() as connection:
            unreached.refused(house.database, connection, row, refusal.meaning, house.now())
            _give_back(house, connection, row, clinic, opened, at)
    except Unavailable:
        with house.database.writing() as connection:
            unreached.again(house.database, connection, row, "carrier unavailable", house.now())
            _give_back(house, connection, row, clinic, opened, at)
    except OutcomeUnknown:
        logger.warning("outcome of outbox row %s is unknown: it will be looked for", row.id)
    else:
        with house.database.writing() as connection:
            _mark_sent(house, connection, row.id, carrier_id)
            if opened is not None and len(opened.texts) > 1:
                _give_back(house, connection, row, clinic, opened, at)
            if "check_in" in row.facts:
                check_ins.asked(connection, row.facts["check_in"], house.now())


def _send_texts(
    house: House, row: Any, clinic: Any, texts: list[str], callback: str, pause: Callable[[float], None]
) -> str:
    """Send what is left of a row's texts, usually one; returns the carrier's id of the last."""
    carrier_id = row.carrier_id or ""
    for place in range(row.parts_sent, len(texts)):
        if place > row.parts_sent:
            wait = _wait_for_rate(house, row, clinic)
            pause((PATIENCE if wait is None else wait).total_seconds())
            with house.database.reading() as connection:
                if reach.is_stopped(connection, row, house.now()):
                    break  # she stopped us between two texts of one message
        carrier_id = house.carrier.send_text(row.number, clinic.line, texts[place], callback)
        if len(texts) > 1:
            with house.database.writing() as connection:
                connection.execute(
                    update(OutboxRow).where(OutboxRow.id == row.id).values(parts_sent=place + 1)
                )
    return carrier_id


def _give_back(
    house: House, connection: Connection, row: Any, clinic: Any, opened: Opened | None, at: datetime
) -> None:
    """What the carrier did not take, of a try that began at `at`, costs nothing: a call, or the texts that are left."""
    sent = 0
    if opened is not None and len(opened.texts) > 1:
        sent = connection.scalars(select(OutboxRow.parts_sent).where(OutboxRow.id == row.id)).one()
    charge = _expected(house, row, clinic, at, opened, sent)
    if charge.messages:
        costs.give_back(connection, row.id, charge)


def _mark_sent(house: House, connection: Connection, row: int, carrier_id: str) -> None:
    """Sent, unless a callback that overtook the answer has said more already: even "due again"."""
    connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row, OutboxRow.status.in_(("sending", "unknown")))
        .values(
            status="sent",
            reason=None,
            leased_until=None,
            carrier_id=carrier_id,
            sent_at=house.now(),
        )
    )


def _through_the_gate(house: House, row: Any) -> Recipient | None:
    """To whom it may go now; None where it may not, and the row says why."""
    now = house.now()
    with house.database.writing() as connection:
        if row.expires_at and row.expires_at <= now:
            outbox.mark(connection, row.id, "dropped", "expired")
            unreached.end_talk(connection, row)
            return None
        if row.kind == "alert" and unreached.is_taken(connection, row.facts["alert"]):
            outbox.mark(connection, row.id, "delivered", "taken")
            return None
        if "check_in" in row.facts and not check_ins.is_waiting(connection, row.facts["check_in"]):
            outbox.mark(connection, row.id, "dropped", "answered already")
            unreached.end_talk(connection, row)
            return None
        if "bulk" in row.facts and not bulk.is_wanted(connection, row.facts["bulk"]):
            outbox.mark(connection, row.id, "dropped", "stopped by staff")
            unreached.end_talk(connection, row)
            return None
        if kinds()[row.kind].to != "patient":
            return STAFF
        to = reach.recipient(connection, row, now)
        verdict = pass_gate(kinds()[row.kind], to, now, house.settings.allowed_countries)
        if verdict.allowed:
            return to
        if verdict.until:
            outbox.put_back(connection, row, verdict.reason or "", verdict.until)
            if verdict.reason == OVER_BUDGET:
                costs.tell_of_hold(house.database, connection, row.clinic_id, now)
        else:
            unreached.not_let_through(house.database, connection, row, verdict.reason or "", now)
        return None


def _wait_for_rate(house: House, row: Any, clinic: Any) -> timedelta | None:
    sender, rate = (
        (pacing.CALLS, house.settings.calls_per_second)
        if row.channel == "call"
        else (clinic.line, house.settings.messages_per_second)
    )
    with house.database.writing() as connection:
        return pacing.reserve(house.database, connection, sender, rate, house.now(), PATIENCE)


def _let_alerts_pass(house: House) -> bool:
    with house.database.reading() as connection:
        return outbox.urgent_waits(connection, house.now())


def _put_back(house: House, row: Any, reason: str, wait: timedelta) -> None:
    with house.database.writing() as connection:
        outbox.put_back(connection, row, reason, house.now() + wait)


def _put_all_back(house: House, rows: Any) -> None:
    with house.database.writing() as connection:
        connection.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_([row.id for row in rows]), OutboxRow.status == "sending")
            .values(status="due", leased_until=None, attempts=OutboxRow.attempts - 1)
        )
