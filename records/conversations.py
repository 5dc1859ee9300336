"""Conversations, their turns, and the flows as they were when each conversation began."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base
from records.sealing import SealedJson, SealedText

GOING_ON = text("state IN ('open', 'placed')")
OPEN_TEXT = text("channel = 'text' AND state = 'open'")


class FlowVersion(Base):
    """A set of flows with its translations: a conversation is finished with the set it began with."""

    __tablename__ = "flow_versions"

    version: Mapped[str] = mapped_column(primary_key=True)
    flows: Mapped[dict[str, Any]] = mapped_column(JSON)
    first_used_at: Mapped[datetime]


class Conversation(Base):
    """One talk on one channel.

    `state`: *placed* (our call has not been answered), *open* (a question waits), *left* (she hung
    up or fell silent midway; it can be taken up again), *closed*, *superseded* (taken up elsewhere
    or pushed aside by something urgent). `turn` counts replies given.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        Index(
            "uq_conversations_open_text",
            "clinic_id",
            "number_hash",
            unique=True,
            sqlite_where=OPEN_TEXT,
            postgresql_where=OPEN_TEXT,
        ),
        # Neither holds `updated_at`: a turn would move its entry every time, on pages of their own.
        Index("ix_conversations_number", "clinic_id", "number_hash"),
        Index("ix_conversations_going_on", "state", sqlite_where=GOING_ON, postgresql_where=GOING_ON),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    channel: Mapped[str]
    direction: Mapped[str]
    number: Mapped[str] = mapped_column(SealedText)
    number_hash: Mapped[str]
    call: Mapped[str | None] = mapped_column(unique=True)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), index=True)
    """Who was confirmed in this conversation; nobody until then."""
    proxy_id: Mapped[int | None]
    """Who speaks for her in it, where somebody does."""
    flow: Mapped[str]
    flows_version: Mapped[str] = mapped_column(ForeignKey("flow_versions.version"))
    position: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    turn: Mapped[int]
    state: Mapped[str]
    outbox_id: Mapped[int | None] = mapped_column(index=True)
    """The row that began it, where Careline did."""
    began_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Turn(Base):
    """One event and the reply it got: the same event again gets the same reply."""

    __tablename__ = "turns"
    __table_args__ = (Index("uq_turns_conversation_turn", "conversation_id", "turn", unique=True),)

    key: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    turn: Mapped[int]
    """The count of replies before this one."""
    said: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    reply: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    """When the person dialled in this turn pressed a key and was connected."""
