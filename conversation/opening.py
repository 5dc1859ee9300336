"""The first move of a conversation that Careline begins, stored before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update

from care import missed_calls, people
from care.rules.gate import Recipient
from care.rules.kinds import kinds
from care.rules.reaching import is_discreet, may_tell_visit
from care.rules.safe_contact import NO_RULES
from conversation import storing
from conversation.events import Event, Kind
from conversation.placing import Place
from conversation.turn import can_be_used, surroundings
from dialogue.engine import Advance, begin
from dialogue.reply import Reply, Say
from dialogue.said import Channel
from languages import N_
from languages.catalogues import SOURCE
from records.conversations import Conversation, Turn
from records.database import Taken
from records.outbox import OutboxRow
from records.sealing import hashed

if TYPE_CHECKING:
    from conversation.house import House

MORE_URGENT = N_("We leave our other question for now: this one is more urgent.")
CALL_MAY_LAST = timedelta(hours=1)


@dataclass(frozen=True)
class Opened:
    """The texts that begin a talk, the language of their words, and how many segments each has."""

    texts: list[str]
    language: str
    segments: list[int]


def open_text(
    house: House, connection: Connection, row: Any, clinic: Any, guarded: Mapping[str, Any]
) -> Opened | None:
    """The texts that begin the talk; None where another question is open at that number and may not be pushed aside.

    A row whose talk was begun before a crash gets the words it was given then. `guarded` are the values
    of this talk that keep her safe (`guarded_by`).
    """
    if row.conversation_id and (stored := _stored(house, row)):
        return _opened(house, stored, stored[-1].language)
    place = _place(house, row, clinic, Channel.TEXT)
    language = _language(house, row, Channel.TEXT)
    values = {
        "language_tag": language,
        "language_name": house.languages[language].own_name,
        **row.facts,
        **guarded,
    }
    result = begin(place.flows, row.flow, surroundings(house, place, language), language, values)
    event = Event(Kind.STARTED, Channel.TEXT, clinic.line, row.number, f"outbox:{row.id}")
    try:
        reply = storing.put_opening(house, connection, event, place, result)
    except Taken:
        if not kinds()[row.kind].urgent:
            return _where_there_is_room(house, connection, event, place, result, language)
        first = Say(*house.languages.text(MORE_URGENT, language))
        more = replace(result, says=(first, *result.says))
        reply = storing.put_opening(house, connection, event, place, more, supersede=True)
    return _opened(house, reply.says, language)


def _where_there_is_room(
    house: House, connection: Connection, event: Event, place: Place, result: Advance, language: str
) -> Opened | None:
    """A reminder that nobody has answered keeps no other question waiting."""
    try:
        reply = storing.put_opening(house, connection, event, place, result, make_room=True)
    except Taken:
        return None
    return _opened(house, reply.says, language)


def _opened(house: House, says: Sequence[Say], language: str) -> Opened:
    texts = house.compose(says)
    return Opened(texts, language, [house.segments(text) for text in texts])


def first_texts(house: House, flow: str, clinic: Any, language: str) -> Opened:
    """How a flow begins by text, for whoever looks at it before it goes to many. Nothing is stored."""
    flows = house.flows.current
    place = Place(clinic, Channel.TEXT, "", "", "", flows, flow=flow)
    result = begin(flows, flow, surroundings(house, place, language), language, {})
    return _opened(house, result.says, language)


def stored_texts(house: House, row: Any) -> list[str] | None:
    """The texts that a row was given before; None where its talk was not begun."""
    stored = _stored(house, row)
    return house.compose(stored) if stored is not None else None


def _stored(house: House, row: Any) -> tuple[Say, ...] | None:
    with house.database.reading() as connection:
        stored = connection.scalar(select(Turn.reply).where(Turn.key == f"outbox:{row.id}"))
    return Reply.from_json(stored).says if stored is not None else None


def guarded_by(to: Recipient) -> dict[str, Any]:
    """What a talk is told so that it gives nothing away: her safe name for ours, few words, no voicemail."""
    safe = to.person.safe if to.person else NO_RULES
    values: dict[str, Any] = {"discreet": True} if is_discreet(to.person, to.number) else {}
    if may_tell_visit(to.person, to.number, to.channel):
        values["tell_visit"] = True
    if safe.name:
        values["clinic_name"] = safe.name
    if safe.no_voicemail:
        values["no_voicemail"] = True
    return values


def open_call(
    house: House, connection: Connection, row: Any, clinic: Any, guarded: Mapping[str, Any]
) -> str | None:
    """The one-time token with which the call will ask for its flow; None while that line is in a call with us."""
    place = _place(house, row, clinic, Channel.VOICE)
    language = _language(house, row, Channel.VOICE)
    values = {**row.facts, **guarded}
    position = {"stack": [], "vars": values, "language": language, "tries": 0, "turns": 0, "back": []}
    now = house.now()
    house.database.hold(connection, f"call:{clinic.id}:{place.number_hash}")
    if row.kind == missed_calls.KIND:
        missed_calls.close_the_missed(connection, row)
    live = connection.execute(
        select(Conversation.id)
        .join(OutboxRow, OutboxRow.id == Conversation.outbox_id, isouter=True)
        .where(
            Conversation.clinic_id == clinic.id,
            Conversation.number_hash == place.number_hash,
            Conversation.channel == Channel.VOICE.value,
            Conversation.state.in_(("open", "placed")),
            Conversation.updated_at > now - CALL_MAY_LAST,
            # Of the calls that we placed, those that are over left their talk as it was: nobody answered.
            OutboxRow.id.is_(None) | ((OutboxRow.id != row.id) & OutboxRow.status.in_(("sending", "sent"))),
        )
    ).first()
    if live is not None:
        return None
    house.flows.store(house.database, connection, now)
    connection.execute(
        insert(Conversation).values(
            id=place.conversation,
            clinic_id=clinic.id,
            channel=Channel.VOICE.value,
            direction="out",
            number=row.number,
            number_hash=place.number_hash,
            flow=row.flow,
            flows_version=place.flows.version,
            position=position,
            turn=0,
            state="placed",
            outbox_id=row.id,
            began_at=now,
            updated_at=now,
        )
    )
    connection.execute(
        update(OutboxRow).where(OutboxRow.id == row.id).values(conversation_id=place.conversation)
    )
    return place.conversation


def _place(house: House, row: Any, clinic: Any, channel: Channel) -> Place:
    return Place(
        clinic,
        channel,
        row.number,
        row.number_hash or hashed(row.number),
        house.new_id(),
        house.flows.current,
        flow=row.flow,
        outbox_id=row.id,
    )


def _language(house: House, row: Any, channel: Channel) -> str:
    """What this number chose last, else what the row was written for; English where the channel can't carry it."""
    with house.database.reading() as connection:
        known = people.contact(connection, row.clinic_id, row.number_hash) if row.number_hash else None
    wanted = (known.language if known else None) or row.language
    return wanted if wanted in can_be_used(house, channel) else SOURCE
