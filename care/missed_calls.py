"""She rings and hangs up, or the line is busy for her because the clinic wants it so: she is called back.

What happens when stands in docs/missed-calls.md; who is called back, and how often, in care/rules/call_back.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, func, or_, select, update

from care import audit, outbox, pacing, people, reach, tasks
from care.rules import call_back as rules
from care.rules.call_back import Before, Caller, Lines, Rung
from care.rules.gate import country_of
from care.rules.reaching import is_discreet
from records import Database
from records.alerts import Alert
from records.base import table_of
from records.clinics import Clinic
from records.conversations import Conversation, Turn
from records.leases import Pace
from records.outbox import OutboxRow, StatusEvent

KIND = "call_back"
EXPIRED = "expired"
BY_A_MACHINE = "answered by a machine"
OVERDUE = timedelta(seconds=30)
"""Urgent work that is due for so long: the worker is gone, or far behind."""
TURNS_READ = 20
"""Of a call of a minute at most."""

_outbox, _talks, _alerts = map(table_of, (OutboxRow, Conversation, Alert))
_HERE = (_outbox.c.clinic_id == bindparam("clinic"), _outbox.c.number_hash == bindparam("number_hash"))
IS_WRITTEN = select(_outbox.c.id).where(_outbox.c.key == bindparam("key"))
BEFORE = select(_outbox.c.created_at, _outbox.c.status, _outbox.c.facts).where(
    *_HERE,
    _outbox.c.kind == KIND,
    _outbox.c.key != bindparam("key"),
    or_(_outbox.c.status != "dropped", _outbox.c.reason == EXPIRED),
    _outbox.c.created_at > bindparam("since", type_=_outbox.c.created_at.type),
)
ALERT_FROM = (
    select(_alerts.c.id)
    .join(_talks, _talks.c.id == _alerts.c.conversation_id)
    .where(
        _talks.c.clinic_id == bindparam("clinic"),
        _talks.c.number_hash == bindparam("number_hash"),
        or_(
            _alerts.c.state == "open",
            _alerts.c.raised_at > bindparam("since", type_=_alerts.c.raised_at.type),
        ),
    )
    .limit(1)
)
TALKED_SINCE = (
    select(_talks.c.id)
    .where(
        _talks.c.clinic_id == bindparam("clinic"),
        _talks.c.number_hash == bindparam("number_hash"),
        _talks.c.channel == "voice",
        _talks.c.direction == "in",
        _talks.c.turn > 1,
        _talks.c.call != bindparam("call"),
        _talks.c.began_at >= bindparam("since", type_=_talks.c.began_at.type),
    )
    .limit(1)
)
"""Made once: building a statement costs more than running it."""


@dataclass(frozen=True)
class Ring:
    """A call to a clinic's line: the carrier's id of it, and from where ("" where withheld)."""

    clinic_id: int
    call: str
    number: str
    number_hash: str

    @property
    def key(self) -> str:
        """One call back for one call, however often its end is told."""
        return f"{KIND}:{self.call}"


def after_hang_up(
    database: Database,
    connection: Connection,
    ring: Ring,
    conversation_id: str,
    ended: str,
    now: datetime,
    countries: tuple[str, ...],
) -> bool:
    """In the commit that notes the end of a call: if it was a missed one and she may be called back, she is (True)."""
    if not ring.number or not rules.is_missed(_rung(connection, ring, conversation_id, ended, now), now):
        return False
    database.hold(connection, f"{KIND}:{ring.clinic_id}:{ring.number_hash}")
    caller = _caller(connection, ring, now, countries)
    why = rules.why_not(caller, now)
    if why == rules.DAILY_CAP:
        _tell_staff_of_many(database, connection, ring, now)
    return why is None and _put(database, connection, ring, caller, "hung up", now)


def instead_of_an_answer(
    database: Database, ring: Ring, setting: str, now: datetime, countries: tuple[str, ...]
) -> bool:
    """May this call that rings now be left unanswered, since a call back is written down for it? In doubt, no.

    Also true of a call that is over: the word of its end came before the word of its beginning.
    """
    if not ring.number:
        return False
    with database.reading() as connection:
        if connection.execute(IS_WRITTEN, {"key": ring.key}).first() is not None:
            return True
    if setting != rules.REJECT:
        return False
    with database.writing() as connection:
        database.hold(connection, f"{KIND}:{ring.clinic_id}:{ring.number_hash}")
        if connection.execute(IS_WRITTEN, {"key": ring.key}).first() is not None:
            return True
        caller = _caller(connection, ring, now, countries)
        if not rules.may_be_turned_away(caller, _lines(connection, now), now):
            return False
        return _put(database, connection, ring, caller, "turned away", now)


def answered_after_all(connection: Connection, call: str) -> None:
    """What she did in a call came after the word of its end: it was no missed call."""
    outbox.cancel(connection, "no missed call", OutboxRow.key == f"{KIND}:{call}")


def close_the_missed(connection: Connection, row: Any) -> None:
    """The call that is answered by a row of the outbox is over, also where we heard of its beginning last."""
    connection.execute(
        update(Conversation)
        .where(Conversation.call == row.facts["missed_call"], Conversation.state == "open")
        .values(state="left")
    )


def by_a_machine(database: Database, connection: Connection, row: Any, now: datetime) -> None:
    """A machine took the call back. It is told nothing: to hear "call us" she would pay, and others may hear it too."""
    noted = {"reason": BY_A_MACHINE, "facts": {**row.facts, "machine": True}}
    connection.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(**noted))
    not_reached(database, connection, row, BY_A_MACHINE, now)


def not_reached(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    """She tried to reach us and we could not reach her: a person does."""
    tasks.make(
        database,
        connection,
        key=f"not_called_back:{row.key}",
        clinic_id=row.clinic_id,
        reason="not_called_back",
        same_day=True,
        now=now,
        patient_id=row.patient_id,
        details={"number": row.number, "why": why, "kind": row.kind},
    )


# What the outbox asks of a call back (care.subjects).


def not_wanted(connection: Connection, rows: Sequence[Any], now: datetime) -> Mapping[int, str]:
    """Those that may not go out a moment later. One that rings already is what she waits for."""
    found = {}
    for row in rows:  # a handful a minute, each about another number
        if row.began_sending_at is None and (why := _why_not_now(connection, row, now)):
            found[row.id] = why
    return found


def was_sent(connection: Connection, row: Any, now: datetime) -> None:
    """Nothing follows until she answers."""


def another_way(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> bool:
    not_reached(database, connection, row, why, now)
    return True


def not_let_through(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    """Too late: a person calls. Whom we may not call has told us so."""
    if why == EXPIRED:
        not_reached(database, connection, row, why, now)


def _why_not_now(connection: Connection, row: Any, now: datetime) -> str | None:
    """Why a call back that was to go out may not any more; None where it may."""
    of = {"clinic": row.clinic_id, "number_hash": row.number_hash}
    call = row.facts["missed_call"]
    if connection.execute(TALKED_SINCE, {**of, "call": call, "since": row.created_at}).first() is not None:
        return "called again"
    return rules.why_not(
        _caller(connection, Ring(row.clinic_id, call, row.number, row.number_hash), now, None), now
    )


def _rung(connection: Connection, ring: Ring, conversation_id: str, ended: str, now: datetime) -> Rung:
    talk = connection.execute(
        select(Conversation.began_at, Conversation.id).where(Conversation.id == conversation_id)
    ).first()
    if talk is None:
        # Nothing but the word of its end is here: how long ago we had the first word of it bounds how old it is.
        first = select(func.min(StatusEvent.at)).where(StatusEvent.carrier_id == ring.call)
        return Rung(connection.scalar(first) or now, ended)
    did = select(Turn.said).where(Turn.conversation_id == talk.id).limit(TURNS_READ)
    alert = connection.scalar(select(Alert.id).where(Alert.conversation_id == talk.id).limit(1))
    kinds = {said["kind"] for said in connection.scalars(did)}
    return Rung(talk.began_at, ended, kinds, alert is not None)


def _caller(connection: Connection, ring: Ring, now: datetime, countries: tuple[str, ...] | None) -> Caller:
    """`countries` None: the gate has looked at them."""
    of = {"clinic": ring.clinic_id, "number_hash": ring.number_hash}
    ids = {row["id"] for row in people.people_at(connection, ring.clinic_id, ring.number_hash, now)}
    lately = {**of, "key": ring.key, "since": now - timedelta(days=1)}
    return Caller(
        ring.number_hash,
        tuple(reach.people(connection, ids, now).values()) if ids else (),
        countries is None or country_of(ring.number) in countries,
        connection.execute(ALERT_FROM, {**of, "since": now - rules.after_alert()}).first() is not None,
        tuple(
            Before(row.created_at, row.status == "delivered" and "machine" not in row.facts)
            for row in connection.execute(BEFORE, lately)
        ),
    )


def _lines(connection: Connection, now: datetime) -> Lines:
    free = connection.scalar(select(Pace.free_at).where(Pace.sender == pacing.CALLS))
    overdue = select(OutboxRow.id).where(
        OutboxRow.status == "due",
        OutboxRow.queue.in_(("alerts", "sending")),
        OutboxRow.priority <= 1,
        OutboxRow.due_at < now - OVERDUE,
    )
    return Lines(
        max(free - now, timedelta()) if free else timedelta(),
        connection.execute(overdue.limit(1)).first() is not None,
    )


def _put(
    database: Database, connection: Connection, ring: Ring, caller: Caller, because: str, now: datetime
) -> bool:
    of_one = caller.people[0].patient if len(caller.people) == 1 else None
    languages = {person.language for person in caller.people}
    new = outbox.put(
        database,
        connection,
        key=ring.key,
        kind=KIND,
        channel="call",
        clinic_id=ring.clinic_id,
        now=now,
        due_at=now + rules.seconds("wait"),
        patient_id=of_one,
        number=ring.number,
        number_hash=ring.number_hash,
        flow=KIND,
        language=languages.pop() if len(languages) == 1 else None,
        facts={"missed_call": ring.call, "because": because, **_guarded(caller)},
    )
    if new:
        audit.note(
            database,
            connection,
            by="caller",
            did="rang_and_is_called_back",
            now=now,
            clinic_id=ring.clinic_id,
            patient_id=of_one,
            about=f"call:{ring.call}",
        )
    return new


def _guarded(caller: Caller) -> dict[str, Any]:
    """What keeps everyone safe whom the number may be: who picks up is known to be none of them yet."""
    numbers = [
        (person, number)
        for person in caller.people
        for number in person.numbers
        if number.number_hash == caller.number_hash
    ]
    guarded: dict[str, Any] = {}
    if any(is_discreet(person, number) for person, number in numbers):
        guarded["discreet"] = True
    for person in caller.people:
        if person.safe.name:
            guarded["clinic_name"] = person.safe.name
    return guarded


def _tell_staff_of_many(database: Database, connection: Connection, ring: Ring, now: datetime) -> None:
    """She rings again and again, and we call back no more today: somebody does, once a day."""
    zone = connection.scalars(select(Clinic.timezone).where(Clinic.id == ring.clinic_id)).one()
    today = now.astimezone(ZoneInfo(zone)).date()
    tasks.make(
        database,
        connection,
        key=f"rang_often:{ring.clinic_id}:{ring.number_hash}:{today.isoformat()}",
        clinic_id=ring.clinic_id,
        reason="rang_often",
        same_day=True,
        now=now,
        details={"number": ring.number},
    )
