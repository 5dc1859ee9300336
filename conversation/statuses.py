"""What the carrier says became of a text or a call: in any order, some twice, some never."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update

from care import costs, outbox, unreached
from carriers import CallState, TextState, is_final, meaning, moves_on
from records.outbox import OutboxRow, StatusEvent

if TYPE_CHECKING:
    from conversation.house import House

TEXT_STATUS = {TextState.DELIVERED: "delivered", TextState.READ: "delivered"}
NOT_DELIVERED = (TextState.UNDELIVERED, TextState.FAILED, TextState.CANCELED)
NOBODY_ANSWERED = (CallState.BUSY, CallState.NO_ANSWER, CallState.FAILED, CallState.CANCELED)


def note(
    house: House,
    kind: str,
    sid: str,
    status: TextState | CallState | None,
    outbox_id: str,
    sequence: int | None,
    error_code: int | None,
    raw: Mapping[str, Any],
    seconds: int | None = None,
) -> None:
    """Keep one callback, and move the row that it is about, forwards only. `seconds`: how long a call was."""
    word = str(raw.get("CallStatus") or raw.get("MessageStatus") or "")[:32]
    with house.database.writing() as connection:
        connection.execute(
            insert(StatusEvent).values(
                carrier_id=sid,
                kind=kind,
                status=word,
                error_code=str(error_code) if error_code else None,
                sequence=sequence,
                at=house.now(),
            )
        )
        row = _row(connection, sid, outbox_id)
        if row is not None and row.channel == kind:
            move(house, connection, row, sid, status, error_code, seconds)


def move(
    house: House,
    connection: Connection,
    row: Any,
    sid: str,
    status: TextState | CallState | None,
    error_code: int | None,
    seconds: int | None = None,
) -> None:
    """Move a row to what the carrier says. A callback also proves that a send of unknown outcome was sent."""
    if _of_an_earlier_try(connection, row, sid):
        return
    if row.carrier_id is None or row.status in ("sending", "unknown"):
        outbox.mark(connection, row.id, "sent", carrier_id=sid, sent_at=row.began_sending_at)
    elif row.carrier_id != sid:
        return
    if not moves_on(_before(row), status):
        return
    connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row.id)
        .values(carrier_status=status.value if status else None)
    )
    if isinstance(status, TextState):
        _text(house, connection, row, status, error_code)
    elif isinstance(status, CallState) and is_final(status):
        _call_over(house, connection, row, status, error_code)
        answered = status is CallState.COMPLETED
        costs.call_ended(connection, house.prices, row, answered=answered, seconds=seconds)


def _of_an_earlier_try(connection: Connection, row: Any, sid: str) -> bool:
    """Is this about a try that is over, while another one is due or under way? It has been acted on."""
    if row.status not in ("due", "sending", "unknown"):
        return False
    if row.carrier_id == sid or (row.began_sending_at is None and row.attempts > 1):
        return True
    before = (StatusEvent.carrier_id == sid, StatusEvent.at < row.began_sending_at)
    return connection.execute(select(StatusEvent.id).where(*before).limit(1)).first() is not None


def _text(house: House, connection: Connection, row: Any, status: TextState, error_code: int | None) -> None:
    if status in TEXT_STATUS:
        connection.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(status=TEXT_STATUS[status]))
    elif status in NOT_DELIVERED:
        connection.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(parts_sent=0))
        unreached.refused(house.database, connection, row, meaning(error_code), house.now())


def _call_over(
    house: House, connection: Connection, row: Any, status: CallState, error_code: int | None
) -> None:
    """An alert is called again until somebody takes it; a call that nobody answered as its kind says."""
    if status is CallState.FAILED and meaning(error_code).permanent:
        unreached.refused(house.database, connection, row, meaning(error_code), house.now())
    elif row.kind == "alert" or status in NOBODY_ANSWERED:
        unreached.again(house.database, connection, row, status.value, house.now())
    else:
        connection.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(status="delivered"))


def _row(connection: Connection, sid: str, outbox_id: str) -> Any:
    if outbox_id.isascii() and outbox_id.isdigit() and len(outbox_id) < 18:
        return outbox.hold(connection, int(outbox_id))
    row = connection.scalar(select(OutboxRow.id).where(OutboxRow.carrier_id == sid))
    return outbox.hold(connection, row) if row is not None else None


def _before(row: Any) -> TextState | CallState | None:
    if row.carrier_status is None:
        return None
    return TextState(row.carrier_status) if row.channel == "text" else CallState(row.carrier_status)
