"""From a row in the outbox to the carrier: due, wanted and allowed still? then begin the talk, and send."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, select, update

from care import costs, missed_calls, outbox, pacing, reach, subjects, unreached
from care.costs import Charge
from care.rules.gate import OVER_BUDGET, Recipient, pass_gate
from care.rules.kinds import kinds
from care.rules.reaching import Number
from carriers import OutcomeUnknown, Refused, Unavailable
from conversation import opening
from conversation.opening import Opened
from records.base import table_of
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
CLINIC = select(table_of(Clinic)).where(table_of(Clinic).c.id == bindparam("clinic"))
_outbox = table_of(OutboxRow)
SENT = (
    _outbox.update()
    .where(_outbox.c.id == bindparam("row"), _outbox.c.status.in_(("sending", "unknown")))
    .values(
        status="sent",
        reason=None,
        leased_until=None,
        carrier_id=bindparam("carrier"),
        sent_at=bindparam("now"),
    )
)
"""Made once: building a statement costs more than running it."""
STAFF = Recipient(Number("", ""), "call", "UTC")
"""Whoever answers the emergency number: never held back."""
LINE_BUSY = {"alert": timedelta(seconds=20), missed_calls.KIND: timedelta(seconds=20)}


def send_due(house: House, queue: str, pause: Callable[[float], None]) -> int:
    """Send what is due in a queue, most urgent first. Returns how many rows were taken."""
    rows = outbox.claim(house.database, queue, house.now(), BATCH)
    sender = Sender(house, pause)
    try:
        for place, row in enumerate(rows):
            if queue != "alerts" and _let_alerts_pass(house):
                _put_all_back(house, rows[place:])
                break
            again_if_obstructed(partial(sender.send, row))  # what was begun is not begun twice
    finally:
        again_if_obstructed(sender.write_down)
    return len(rows)


@dataclass(frozen=True)
class Ready:
    """A row that may go out, with the words or the token of its talk, after `wait` for the carrier's rate."""

    row: Any
    clinic: Any
    opened: Opened | None
    call: str | None
    wait: timedelta
    at: datetime


@dataclass
class Sender:
    """One batch, a row after the other; one commit for each where nothing has to be waited for.

    Committed before the carrier is asked: that the row may go, the first words of its talk, and that it is begun.
    What the carrier took is written down in the same commit in which the next row is begun: a crash in between
    leaves a row whose outcome is not known, as a crash right after the carrier's answer always does.
    """

    house: House
    pause: Callable[[float], None]
    taken: list[tuple[Ready, str]] = field(default_factory=list)
    clinics: dict[int, Any] = field(default_factory=dict)

    def send(self, row: Any) -> None:
        if any(ready.row.number_hash == row.number_hash for ready, _ in self.taken):
            self.write_down()  # the caps count it
        begun = False
        with self.house.database.writing() as connection:
            ready = self._prepare(connection, row)
            if ready is not None and not ready.wait:
                self._write_down(connection)
                begun = self._begin(connection, ready)
        if ready is None:
            return
        if ready.wait:
            self.write_down()
        else:
            self.taken.clear()
        self.pause(ready.wait.total_seconds())
        if ready.wait:
            ready = replace(ready, at=self.house.now())
            with self.house.database.writing() as connection:
                begun = self._begin(connection, ready)
        if begun and (carrier_id := _hand_over(self.house, ready, self.pause)) is not None:
            self.taken.append((ready, carrier_id))

    def write_down(self) -> None:
        """What the carrier took."""
        if self.taken:
            with self.house.database.writing() as connection:
                self._write_down(connection)
            self.taken.clear()

    def _write_down(self, connection: Connection) -> None:
        for ready, carrier_id in self.taken:
            _mark_sent(self.house, connection, ready.row.id, carrier_id)
            if ready.opened is not None and len(ready.opened.texts) > 1:
                _give_back(self.house, connection, ready)
            if (subject := subjects.subject_of(ready.row)) is not None:
                subject.was_sent(connection, ready.row, self.house.now())

    def _prepare(self, connection: Connection, row: Any) -> Ready | None:
        """None where the row does not go now, and says why."""
        house = self.house
        clinic = (
            self.clinics.get(row.clinic_id) or connection.execute(CLINIC, {"clinic": row.clinic_id}).one()
        )
        self.clinics[row.clinic_id] = clinic
        to = _through_the_gate(house, connection, row)
        if to is None:
            return None
        guarded = opening.guarded_by(to) if to is not STAFF else {}
        opened = call = None
        if row.channel == "text":
            opened = opening.open_text(house, connection, row, clinic, guarded)
        elif row.channel == "call":
            call = opening.open_call(house, connection, row, clinic, guarded)
        now = house.now()
        if opened is None and call is None:
            wait = LINE_BUSY.get(row.kind, ANOTHER_QUESTION)
            outbox.put_back(connection, row, "another question is open", now + wait)
            return None
        free = _wait_for_rate(house, connection, row, clinic)
        if free is None:
            outbox.put_back(connection, row, "carrier's rate", now + PATIENCE)
            return None
        return Ready(row, clinic, opened, call, free, now)

    def _begin(self, connection: Connection, ready: Ready) -> bool:
        row = ready.row
        charge = _expected(self.house, ready)
        segments = sum(ready.opened.segments) if ready.opened else None
        if outbox.begin(connection, row, ready.at, segments=segments, price=charge.price):
            costs.count(connection, charge)
            return True
        if (gone := outbox.get(connection, row.id)) is not None and gone.status == "dropped":
            unreached.end_talk(connection, row)  # she stopped us while it waited for its turn
        return False


def _expected(house: House, ready: Ready, sent: int = 0) -> Charge:
    """What the rest of a row costs, of which `sent` texts have gone before."""
    row, opened, zone = ready.row, ready.opened, ready.clinic.timezone
    if opened is None:
        return costs.of_call(house.prices, row, zone, ready.at, row.language or "")
    left = opened.segments[sent or row.parts_sent :]
    return costs.of_texts(house.prices, row, zone, ready.at, left, opened.language)


def _hand_over(house: House, ready: Ready, pause: Callable[[float], None]) -> str | None:
    """The one moment outside: the carrier's id of what it took. Else the row says what is known, and no more."""
    row, clinic = ready.row, ready.clinic
    callback = f"{house.settings.public_url}/{{}}/status?outbox={row.id}"
    try:
        if ready.opened is not None:
            return _send_texts(house, row, clinic, ready.opened.texts, callback.format("sms"), pause)
        url = f"{house.settings.public_url}/voice/answer?token={ready.call}"
        return house.carrier.place_call(
            row.number, clinic.line, url, callback.format("voice"), detect_machine=row.kind != "alert"
        )
    except Refused as refusal:
        with house.database.writing() as connection:
            unreached.refused(house.database, connection, row, refusal.meaning, house.now())
            _give_back(house, connection, ready)
    except Unavailable:
        with house.database.writing() as connection:
            unreached.again(house.database, connection, row, "carrier unavailable", house.now())
            _give_back(house, connection, ready)
    except OutcomeUnknown:
        logger.warning("outcome of outbox row %s is unknown: it will be looked for", row.id)
    return None


def _send_texts(
    house: House, row: Any, clinic: Any, texts: list[str], callback: str, pause: Callable[[float], None]
) -> str:
    """Send what is left of a row's texts, usually one; returns the carrier's id of the last."""
    carrier_id = row.carrier_id or ""
    for place in range(row.parts_sent, len(texts)):
        if place > row.parts_sent:
            with house.database.writing() as connection:
                wait = _wait_for_rate(house, connection, row, clinic)
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


def _give_back(house: House, connection: Connection, ready: Ready) -> None:
    """What the carrier did not take of a try costs nothing: a call, or the texts that are left."""
    row, opened, sent = ready.row, ready.opened, 0
    if opened is not None and len(opened.texts) > 1:
        sent = connection.scalars(select(OutboxRow.parts_sent).where(OutboxRow.id == row.id)).one()
    charge = _expected(house, ready, sent)
    if charge.messages:
        costs.give_back(connection, row.id, charge)


def _mark_sent(house: House, connection: Connection, row: int, carrier_id: str) -> None:
    """Sent, unless a callback that overtook the answer has said more already: even "due again"."""
    connection.execute(SENT, {"row": row, "carrier": carrier_id, "now": house.now()})


def _through_the_gate(house: House, connection: Connection, row: Any) -> Recipient | None:
    """To whom it may go now; None where it may not, and the row says why."""
    now = house.now()
    if row.expires_at and row.expires_at <= now:
        unreached.not_let_through(house.database, connection, row, "expired", now)
        return None
    if row.kind == "alert" and unreached.is_taken(connection, row.facts["alert"]):
        outbox.mark(connection, row.id, "delivered", "taken")
        return None
    if (why := subjects.why_not_wanted(connection, [row], now)) and row.id in why:
        outbox.mark(connection, row.id, "dropped", why[row.id])
        unreached.end_talk(connection, row)
        return None
    if kinds()[row.kind].to != "patient":
        return STAFF
    to = reach.recipient(connection, row, now)
    verdict = pass_gate(kinds()[row.kind], to, now, house.settings.allowed_countries)
    if verdict.allowed:
        return to
    if verdict.reason == OVER_BUDGET:
        costs.tell_of_hold(house.database, connection, row.clinic_id, now)
    if verdict.until and row.expires_at and verdict.until >= row.expires_at:
        # Held beyond its end: whoever must act hears of it now, and not when that moment has come.
        unreached.not_let_through(house.database, connection, row, "expired", now)
    elif verdict.until:
        outbox.put_back(connection, row, verdict.reason or "", verdict.until)
    else:
        unreached.not_let_through(house.database, connection, row, verdict.reason or "", now)
    return None


def _wait_for_rate(house: House, connection: Connection, row: Any, clinic: Any) -> timedelta | None:
    sender, rate = (
        (pacing.CALLS, house.settings.calls_per_second)
        if row.channel == "call"
        else (clinic.line, house.settings.messages_per_second)
    )
    return pacing.reserve(house.database, connection, sender, rate, house.now(), PATIENCE)


def _let_alerts_pass(house: House) -> bool:
    with house.database.reading() as connection:
        return outbox.urgent_waits(connection, house.now())


def _put_all_back(house: House, rows: Any) -> None:
    with house.database.writing() as connection:
        connection.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_([row.id for row in rows]), OutboxRow.status == "sending")
            .values(status="due", leased_until=None, attempts=OutboxRow.attempts - 1)
        )
