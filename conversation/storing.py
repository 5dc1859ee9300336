"""The one short write of a turn: the position, the acts, the reply, and what goes out, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, select, update

from care import audit, messages, missed_calls, readings
from care.occasion import Occasion, Overtaken
from care.rules.kinds import kinds
from conversation.acting import act
from conversation.events import AnsweredBy, Event
from conversation.letting_out import follow_with_a_text, let_out
from conversation.placing import Place
from dialogue.engine import Advance, answers_a_secret
from dialogue.reply import Reply
from dialogue.said import Channel
from records.base import table_of
from records.conversations import Conversation, Turn
from records.outbox import OutboxRow
from records.prepared import Prepared, change_together

if TYPE_CHECKING:
    from conversation.house import House

NOT_SHOWN = "(not shown)"
"""Stands for a PIN in what staff see of a conversation."""
_conversations, _turns = table_of(Conversation), table_of(Turn)
BEGIN = Prepared(_conversations.insert())
PUT_TURN = Prepared(_turns.insert())
TALKS = (
    table_of(OutboxRow)
    .update()
    .where(table_of(OutboxRow).c.id == bindparam("row"))
    .values(conversation_id=bindparam("conversation"))
)
MOVE = Prepared(
    _conversations.update()
    .where(
        _conversations.c.id == bindparam("conversation"),
        _conversations.c.turn == bindparam("was_turn"),
        _conversations.c.state == bindparam("was_state"),
    )
    .values({name: bindparam(name) for name in ("position", "turn", "state", "updated_at", "call")})
)
"""Made once: building a statement costs more than running it."""


def store(house: House, event: Event, place: Place, result: Advance) -> Reply:
    """Write a turn and return its reply. Raises Overtaken, or Taken, where another one was first."""
    reply = Reply(tuple(result.says), result.wait, place.conversation, place.turn + 1)
    with house.database.writing() as connection:
        on = _occasion(house, connection, place, result)
        if place.position is None:
            _begin(house, on, event, place, result, reply)
        else:
            _move(on, event, place, result, reply)
        for wanted in result.acts:
            act(on, wanted)
        if place.channel is Channel.TEXT:
            reply = let_out(house, on, event, place, reply, result)
        if event.answered_by in (AnsweredBy.MACHINE, AnsweredBy.MACHINE_GREETING):
            follow_with_a_text(on)
        if place.state == "left":
            readings.left_unconfirmed(on)
            missed_calls.answered_after_all(connection, event.call)
    return reply


def put_opening(
    house: House,
    connection: Connection,
    event: Event,
    place: Place,
    result: Advance,
    *,
    supersede: bool = False,
    make_room: bool = False,
) -> Reply:
    """Write the first words of a talk that we begin by text, in the write in which its row is begun.

    Raises Taken, and leaves nothing, where a question is open there, unless this one may `supersede` it, or with
    `make_room` that is one which gives way and nobody has answered.
    """
    reply = Reply(tuple(result.says), result.wait, place.conversation, 1)
    on = _occasion(house, connection, place, result)
    with connection.begin_nested():
        if supersede:
            _supersede_open_text(on)
        if make_room:
            _close_what_gives_way(on)
        _begin(house, on, event, place, result, reply)
    connection.execute(TALKS, {"row": place.outbox_id, "conversation": place.conversation})
    return reply


def _supersede_open_text(on: Occasion) -> None:
    """What she was in the middle of is left, so that she can take it up again; a person hears what may not wait."""
    here = (
        Conversation.clinic_id == on.clinic_id,
        Conversation.number_hash == on.number_hash,
        Conversation.channel == Channel.TEXT.value,
        Conversation.state == "open",
    )
    for left in on.connection.scalars(select(Conversation.id).where(*here)).all():
        on.connection.execute(update(Conversation).where(Conversation.id == left).values(state="left"))
        readings.left_unconfirmed(replace(on, conversation_id=left))


def _close_what_gives_way(on: Occasion) -> None:
    gives_way = [kind.name for kind in kinds().values() if kind.gives_way]
    on.connection.execute(
        update(Conversation)
        .where(
            Conversation.clinic_id == on.clinic_id,
            Conversation.number_hash == on.number_hash,
            Conversation.channel == Channel.TEXT.value,
            Conversation.state == "open",
            Conversation.turn == 1,
            Conversation.outbox_id.in_(select(OutboxRow.id).where(OutboxRow.kind.in_(gives_way))),
        )
        .values(state="superseded")
    )


def hang_up(house: House, event: Event, place: Place) -> None:
    """The call is over. What was begun and not finished is left so that it can be gone on with, or called back for."""
    goes_on = place.position is not None and place.state in ("open", "placed")
    # The word of its end may be the first that is heard of a call.
    rang = bool(event.ended) and place.clinic.call_back != "off" and (goes_on or place.position is None)
    if not goes_on and not rang:
        return
    with house.database.writing() as connection:
        if goes_on:
            leave(house, connection, place, "left" if place.state == "open" else "closed")
        if rang:
            ring = missed_calls.Ring(place.clinic.id, event.call, place.number, place.number_hash)
            missed_calls.after_hang_up(
                house.database,
                connection,
                ring,
                place.conversation,
                event.ended,
                house.now(),
                house.settings.allowed_countries,
            )


def keep_late_recording(house: House, event: Event, place: Place) -> None:
    """She spoke and hung up, and the word of that overtook the recording: what she said is kept all the same."""
    if place.position is None or not event.recording or event.seconds == 0:
        return
    with house.database.writing() as connection:
        on = _occasion(house, connection, place, None)
        if not messages.is_kept(on, event.recording):
            messages.keep(on, {"recording": event.recording, "seconds": event.seconds})
            audit.note_in_turn(on, "kept_message", f"conversation:{on.conversation_id}")


def leave(house: House, connection: Connection, place: Place, state: str) -> None:
    """Close a conversation that stopped in the middle; a person hears of what may not wait."""
    assert place.position is not None
    gone = connection.execute(
        update(Conversation)
        .where(Conversation.id == place.conversation, Conversation.state == place.state)
        .values(state=state)
    )
    if gone.rowcount and state == "left":
        readings.left_unconfirmed(_occasion(house, connection, place, None))


def alert_if_severe(house: House, connection: Connection, place: Place) -> None:
    """She does not answer: a severe reading does not wait for that."""
    readings.alert_if_severe(_occasion(house, connection, place, None))


def _occasion(house: House, connection: Connection, place: Place, result: Advance | None) -> Occasion:
    position = result.position if result else place.position
    assert position is not None
    return Occasion(
        house.database,
        connection,
        house.now(),
        place.clinic.id,
        place.clinic.line,
        place.clinic.emergency_number,
        place.conversation,
        place.turn,
        place.channel.value,
        place.number,
        place.number_hash,
        position["language"],
        place.outbox_id,
        place.patient_id,
        place.proxy_id,
    )


def _begin(house: House, on: Occasion, event: Event, place: Place, result: Advance, reply: Reply) -> None:
    house.flows.store(on.database, on.connection, on.now)
    if place.question_closed:
        _close_question(on, place.question_closed)
    begun = {
        "id": place.conversation,
        "clinic_id": on.clinic_id,
        "channel": place.channel.value,
        "direction": "in" if place.outbox_id is None else "out",
        "outbox_id": place.outbox_id,
        "number": place.number,
        "number_hash": place.number_hash,
        "call": event.call or None,
        "flow": place.flow,
        "flows_version": place.flows.version,
        "position": dict(result.position),
        "turn": reply.turn,
        "state": _state(result),
        "began_at": on.now,
        "updated_at": on.now,
        "patient_id": None,
        "proxy_id": None,
    }
    change_together(on.connection, (BEGIN, begun), (PUT_TURN, _turn(on, event, place, reply)))


def _close_question(on: Occasion, conversation: str) -> None:
    this = on.connection.scalar(select(Conversation.state).where(Conversation.id == conversation))
    on.connection.execute(
        update(Conversation)
        .where(Conversation.id == conversation, Conversation.state.in_(("open", "left")))
        .values(state="closed")
    )
    if this == "open":
        readings.left_unconfirmed(replace(on, conversation_id=conversation))


def _move(on: Occasion, event: Event, place: Place, result: Advance, reply: Reply) -> None:
    move = {
        "conversation": place.conversation,
        "was_turn": place.turn,
        "was_state": place.state,
        "position": dict(result.position),
        "turn": reply.turn,
        "state": "left" if place.state == "left" and result.wait else _state(result),
        "updated_at": on.now,
        "call": event.call or None,
    }
    moved, _ = change_together(on.connection, (MOVE, move), (PUT_TURN, _turn(on, event, place, reply)))
    if moved != 1:
        raise Overtaken


def _state(result: Advance) -> str:
    return "open" if result.wait is not None else "closed"


def _turn(on: Occasion, event: Event, place: Place, reply: Reply) -> dict[str, Any]:
    """The row of what was said and answered."""
    secret = answers_a_secret(place.flows, place.position)
    said = {
        "kind": event.kind.value,
        "keys": NOT_SHOWN if secret and event.keys else event.keys,
        "text": NOT_SHOWN if secret and event.text else event.text,
        "transcript": NOT_SHOWN if secret and event.transcript else event.transcript,
        "recording": event.recording,
        "dial": event.dial_status.value if event.dial_status else "",
    }
    return {
        "key": event.key,
        "conversation_id": place.conversation,
        "turn": place.turn,
        "said": {name: value for name, value in said.items() if value},
        "reply": reply.to_json(),
        "at": on.now,
        "joined_at": None,
    }
