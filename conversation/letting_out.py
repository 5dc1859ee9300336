"""What a turn sends beside its own reply, and whether the reply may go: each is a row that staff can see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import update

from care import costs, outbox, reach, tasks
from care.occasion import Occasion
from care.rules.gate import pass_gate
from care.rules.kinds import kinds
from conversation.events import Event
from conversation.placing import Place
from dialogue.engine import Advance
from dialogue.reply import Reply
from dialogue.said import Channel
from records.conversations import Turn

if TYPE_CHECKING:
    from conversation.house import House

STOPS = ("opt_out", "opt_out_of")


@dataclass(frozen=True)
class Answer:
    """A reply at the gate: to whoever holds the number, for it answers what came from there."""

    clinic_id: int
    number: str
    number_hash: str
    patient_id: None = None
    channel: str = Channel.TEXT.value
    kind: str = "reply"
    id: int = 0


def let_out(house: House, on: Occasion, event: Event, place: Place, reply: Reply, result: Advance) -> Reply:
    """The gate for a reply by text, and the row that staff see it by."""
    if not reply.says:
        return reply
    answer = Answer(on.clinic_id, place.number, place.number_hash)
    to = reach.recipient(on.connection, answer, on.now)
    if _confirms_a_stop(place, result):
        to = replace(to, number=replace(to.number, opted_out=False, words=()))
    verdict = pass_gate(kinds()["reply"], to, on.now, house.settings.allowed_countries)
    segments = [house.segments(text) for text in house.compose(reply.says)]
    charge = costs.of_texts(house.prices, answer, place.clinic.timezone, on.now, segments, on.language)
    outbox.put(
        on.database,
        on.connection,
        key=f"reply:{event.key}",
        kind="reply",
        channel=Channel.TEXT.value,
        clinic_id=on.clinic_id,
        now=on.now,
        status="sent" if verdict.allowed else "dropped",
        attempts=1,
        reason=verdict.reason,
        sent_at=on.now if verdict.allowed else None,
        patient_id=on.patient_id,
        number=place.number,
        number_hash=place.number_hash,
        conversation_id=place.conversation,
        segments=charge.units,
        price=charge.price if verdict.allowed else None,
    )
    if verdict.allowed:
        costs.count(on.connection, charge)
        return reply
    if verdict.reason in ("daily cap", "weekly cap"):
        tasks.make_in_turn(on, "too_many_texts", True)
    silenced = replace(reply, says=())
    on.connection.execute(update(Turn).where(Turn.key == event.key).values(reply=silenced.to_json()))
    return silenced


def _confirms_a_stop(place: Place, result: Advance) -> bool:
    """The one text that still goes to a number that stops us now (47 CFR 64.1200(a)(12))."""
    return not place.opted_out and any(act.name in STOPS for act in result.acts)


def follow_with_a_text(on: Occasion) -> None:
    """A machine heard our name and number; the same question goes by text, where a text can reach her."""
    row = outbox.get(on.connection, on.outbox_id)
    if row is None or row.kind == "alert":
        return
    outbox.put(
        on.database,
        on.connection,
        key=f"{row.key}:text",
        kind="call_me_back",
        channel=Channel.TEXT.value,
        clinic_id=on.clinic_id,
        now=on.now,
        patient_id=row.patient_id,
        number=row.number,
        number_hash=row.number_hash,
        flow="call_me_back",
        language=on.language,
    )
