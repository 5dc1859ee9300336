"""The person at the other end of a bridge: what she hears first, and that she pressed a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from care import alerts
from dialogue.reply import Dial, Reply, Say
from records.conversations import Turn

if TYPE_CHECKING:
    from conversation.house import House


def whisper(house: House, conversation: str, turn: int) -> tuple[Say, ...]:
    """What the dialled person is told; nothing where that turn asked for no bridge."""
    with house.database.reading() as connection:
        stored = connection.scalar(select(Turn.reply).where(*_turn(conversation, turn)))
    reply = Reply.from_json(stored) if stored else Reply()
    return reply.wait.whisper if isinstance(reply.wait, Dial) else ()


def note_joined(house: House, conversation: str, turn: int) -> None:
    """The dialled person pressed a key: from here on they talk."""
    with house.database.writing() as connection:
        connection.execute(update(Turn).where(*_turn(conversation, turn)).values(joined_at=house.now()))
        alerts.answered_by_bridge(connection, conversation, house.now())


def joined(house: House, conversation: str, turn: int) -> bool:
    with house.database.reading() as connection:
        moment = connection.scalar(select(Turn.joined_at).where(*_turn(conversation, turn)))
    return moment is not None


def _turn(conversation: str, turn: int) -> tuple[Any, ...]:
    """`turn` counts the reply that is waiting; it was given in the turn before it."""
    return (Turn.conversation_id == conversation, Turn.turn == turn - 1)
