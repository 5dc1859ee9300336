"""Where an event belongs: which clinic, which conversation, and whether it was answered before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, desc, select

from care import people
from conversation.events import Event, Kind
from dialogue.flows import FlowSet
from dialogue.reply import Reply
from dialogue.said import Channel
from languages.guess import guess
from records.base import table_of
from records.clinics import Clinic
from records.conversations import Conversation, Turn
from records.prepared import Prepared
from records.sealing import hashed

if TYPE_CHECKING:
    from conversation.house import House

REPLY_KEPT = timedelta(minutes=2)
"""How long a repeated event gets the same reply; after that nobody waits for it any more."""
QUESTION_OPEN = timedelta(hours=24)
"""How long a question by text may be answered; later, it is asked again rather than guessed at."""
QUESTION_REMEMBERED = timedelta(days=3)
BEFORE_THE_END = (Kind.SAID, Kind.RECORDED, Kind.DIAL_ENDED)
"""What she did before she hung up, and counts also where the word of the hang-up overtook it."""


class NoSuchLine(LookupError):
    """No clinic has the number that was called."""


@dataclass(frozen=True)
class ClinicLine:
    """The clinic whose line was called."""

    id: int
    name: str
    line: str
    emergency_number: str
    timezone: str
    call_back: str = "off"
    """What is done about missed calls: `records.clinics.Clinic.call_back`."""


_clinics, _conversations = table_of(Clinic).c, table_of(Conversation).c
CLINIC = Prepared(
    select(
        _clinics.id,
        _clinics.name,
        _clinics.line,
        _clinics.emergency_number,
        _clinics.timezone,
        _clinics.call_back,
    ).where(_clinics.line == bindparam("line"))
)
WITH_CLINIC = select(
    table_of(Conversation),
    _clinics.name.label("clinic_name"),
    _clinics.line,
    _clinics.emergency_number,
    _clinics.timezone.label("clinic_timezone"),
    _clinics.call_back.label("clinic_call_back"),
).join(table_of(Clinic), _clinics.id == _conversations.clinic_id)
ON_LINE = WITH_CLINIC.where(_clinics.line == bindparam("line"))
BY_ID = Prepared(ON_LINE.where(_conversations.id == bindparam("id")))
BY_CALL = Prepared(ON_LINE.where(_conversations.call == bindparam("call")))
OPEN_TEXT = Prepared(
    ON_LINE.where(
        _conversations.number_hash == bindparam("number_hash"),
        _conversations.channel == Channel.TEXT.value,
        _conversations.state == "open",
    )
)
"""Made once: building a statement costs more than running it."""


@dataclass(frozen=True)
class Place:
    """Where an event belongs, as it was read: storing checks that it is still so.

    `position` is None where a conversation begins. `seen` is the reply of the same event before;
    `late` says that the conversation has gone on without it.
    """

    clinic: ClinicLine
    channel: Channel
    number: str
    number_hash: str
    conversation: str
    flows: FlowSet
    flow: str = ""
    position: dict[str, Any] | None = None
    turn: int = 0
    state: str = ""
    patient_id: int | None = None
    proxy_id: int | None = None
    outbox_id: int | None = None
    known_language: str | None = None
    opted_out: bool = False
    question_closed: str | None = None
    """The conversation whose question went unanswered too long."""
    named_as: str | None = None
    """Under which name we wrote to this number last, where it was not the clinic's: her rules for safe contact."""
    seen: Reply | None = None
    late: bool = False


def find(house: House, event: Event) -> Place:
    with house.database.reading() as connection:
        row = _row(connection, event)
        if row is None:
            return _new(house, connection, event, _clinic(connection, event.line))
        return _known(house, connection, event, row)


def place_of(house: House, connection: Connection, row: Any) -> Place:
    """Where a conversation stands, from its row with its clinic (`WITH_CLINIC`)."""
    return Place(
        ClinicLine(
            row.clinic_id,
            row.clinic_name,
            row.line,
            row.emergency_number,
            row.clinic_timezone,
            row.clinic_call_back,
        ),
        Channel(row.channel),
        row.number,
        row.number_hash,
        row.id,
        house.flows.get(connection, row.flows_version),
        flow=row.flow,
        position=row.position,
        turn=row.turn,
        state=row.state,
        patient_id=row.patient_id,
        proxy_id=row.proxy_id,
        outbox_id=row.outbox_id,
    )


def language_of_text(house: House, words: str, place: Place) -> tuple[str, dict[str, Any]]:
    """The language to answer a first text in, and the values that its flow begins with.

    What she chose before; else what the words surely are; else what everyone at that number is
    registered with: figures alone are no English.
    """
    tag = place.known_language or _guessed(house, words, place)
    return tag, {"language_tag": tag, "language_name": house.languages[tag].own_name, "first_text": words}


def _guessed(house: House, words: str, place: Place) -> str:
    """Not asked where a language is remembered: the first guess by statistics loads a model."""
    tag, sure = guess(words, house.languages)
    if sure:
        return tag
    with house.database.reading() as connection:
        registered = people.language_at(connection, place.clinic.id, place.number_hash)
    return registered if registered is not None and registered in house.languages else tag


def _clinic(connection: Connection, line: str) -> ClinicLine:
    row = CLINIC.first(connection, {"line": line})
    if row is None:
        raise NoSuchLine
    return ClinicLine(*row)


def _row(connection: Connection, event: Event) -> Any:
    if event.conversation:
        return BY_ID.first(connection, {"id": event.conversation, "line": event.line})
    if event.channel is Channel.VOICE:
        return BY_CALL.first(connection, {"call": event.call, "line": event.line})
    return OPEN_TEXT.first(connection, {"number_hash": hashed(event.number), "line": event.line})


def _new(house: House, connection: Connection, event: Event, clinic: ClinicLine) -> Place:
    number_hash = hashed(event.number)
    place = Place(
        clinic,
        event.channel,
        event.number,
        number_hash,
        house.new_id(),
        house.flows.current,
        flow="call" if event.channel is Channel.VOICE else "text",
    )
    if event.kind not in (Kind.STARTED, Kind.SAID) or event.conversation:
        return replace(place, late=True)
    seen = _seen(connection, house.now(), Turn.key == event.key) if event.channel is Channel.TEXT else None
    if seen is not None:
        return replace(place, seen=seen)
    contact = people.contact(connection, clinic.id, number_hash) if event.number else None
    last = _last_text(house, connection, clinic.id, number_hash, event)
    closed = last if last is not None and last.state == "left" and last.direction == "out" else None
    place = replace(
        place,
        known_language=contact.language if contact else None,
        opted_out=bool(contact and (contact.opted_out_at or contact.blocked_at)),
        named_as=last.position.get("vars", {}).get("clinic_name") if last is not None else None,
    )
    return _late_for(place, closed) if closed else place


def _late_for(place: Place, closed: Any) -> Place:
    """An answer to a question that is closed: in the language in which it was asked."""
    language = place.known_language or closed.position["language"]
    return replace(place, question_closed=closed.id, known_language=language)


def _known(house: House, connection: Connection, event: Event, row: Any) -> Place:
    place = place_of(house, connection, row)
    if event.kind is Kind.HUNG_UP:
        return place
    if event.channel is Channel.VOICE and row.call and event.call != row.call:
        return replace(place, late=True)  # the token of a call, used a second time by another
    if seen := _seen_before(house, connection, event, row):
        return replace(place, seen=seen)
    if event.channel is Channel.TEXT:
        if house.now() - row.updated_at > QUESTION_OPEN:
            return _after_closing(house, connection, event, place, row)
        return place
    if event.kind is Kind.ANSWERED:
        return replace(place, late=row.state != "placed")
    answerable = ("open", "left") if event.kind in BEFORE_THE_END else ("open",)
    late = row.state not in answerable or row.turn != event.turn
    return replace(place, late=True) if late else place


def _seen_before(house: House, connection: Connection, event: Event, row: Any) -> Reply | None:
    """The reply that this event, or another one for the same turn, has had."""
    if event.channel is Channel.TEXT:
        return _seen(connection, house.now(), Turn.key == event.key)
    if row.turn == event.turn and row.turn > 0:
        return None
    if row.call is None:
        # As it was read nobody had answered yet: what another call with this token got since is not for this one.
        return _seen(connection, house.now(), Turn.key == event.key)
    same_turn = (Turn.conversation_id == row.id) & (Turn.turn == event.turn)
    return _seen(connection, house.now(), same_turn)


def _seen(connection: Connection, now: datetime, which: Any) -> Reply | None:
    row = connection.execute(select(Turn.reply, Turn.at).where(which)).first()
    if row is None:
        return None
    return Reply.from_json(row.reply) if now - row.at <= REPLY_KEPT else Reply()


def _after_closing(house: House, connection: Connection, event: Event, place: Place, row: Any) -> Place:
    """The question was open too long: this text begins anew, and storing closes the old conversation."""
    return _late_for(_new(house, connection, event, place.clinic), row)


def _last_text(house: House, connection: Connection, clinic_id: int, number_hash: str, event: Event) -> Any:
    """The last talk by text with this number, lately. One of ours that was left had a question that was closed."""
    if event.channel is not Channel.TEXT:
        return None
    return connection.execute(
        select(Conversation.id, Conversation.state, Conversation.direction, Conversation.position)
        .where(
            Conversation.clinic_id == clinic_id,
            Conversation.number_hash == number_hash,
            Conversation.channel == Channel.TEXT.value,
            Conversation.updated_at > house.now() - QUESTION_REMEMBERED,
        )
        .order_by(desc(Conversation.updated_at))
        .limit(1)
    ).first()
