"""What is to happen later or outside: written with its cause, claimed by a lease, marked when done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, select, text, update
from sqlalchemy.engine import Row

from care.rules.kinds import kinds
from care.rules.reaching import Way
from records import Database
from records.base import table_of
from records.conversations import Conversation
from records.outbox import OutboxRow

_outbox = table_of(OutboxRow)
LEASE = timedelta(seconds=60)
"""Longer than any one send takes (the carrier's client gives up after 10 s)."""
TRIES = "tries"
"""The fact that counts what became of each try, where the kind tells outcomes apart."""
BEGIN = (
    _outbox.update()
    .where(
        _outbox.c.id == bindparam("row"),
        _outbox.c.status == "sending",
        _outbox.c.leased_until == bindparam("lease"),
    )
    .values(
        leased_until=bindparam("until"),
        began_sending_at=bindparam("now"),
        segments=bindparam("new_segments"),
        price=func.coalesce(_outbox.c.price, 0) + bindparam("more"),
    )
)
"""Made once: building a statement costs more than running it."""


LOWEST = -1_000_000
_open = (text("outbox.status IN ('due', 'sending')"), text("outbox.status = 'due'"))
NEXT = (
    select(_outbox.c.priority, _outbox.c.due_at)
    .where(*_open, _outbox.c.queue == bindparam("queue"), _outbox.c.priority > bindparam("last"))
    .order_by(_outbox.c.priority, _outbox.c.due_at)
    .limit(1)
)
"""The next priority of which anything waits, and when its first is due. In the words of the index, which both
databases use only so."""
DUE = {
    skips: select(_outbox.c.id)
    .where(
        *_open,
        _outbox.c.queue == bindparam("queue"),
        _outbox.c.priority == bindparam("priority"),
        _outbox.c.due_at <= bindparam("now"),
    )
    .order_by(_outbox.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=skips)
    for skips in (True, False)
}


def put(
    database: Database,
    connection: Connection,
    *,
    key: str,
    kind: str,
    channel: str,
    clinic_id: int,
    now: datetime,
    due_at: datetime | None = None,
    facts: dict[str, Any] | None = None,
    **values: Any,
) -> bool:
    """Write one row, unless its key names something already written. True where it is new."""
    row = row_of(
        key=key,
        kind=kind,
        channel=channel,
        clinic_id=clinic_id,
        now=now,
        due_at=due_at,
        facts=facts,
        **values,
    )
    result = connection.execute(database.insert_once(OutboxRow).values(**row))
    return result.rowcount == 1


def row_of(
    *,
    key: str,
    kind: str,
    channel: str,
    clinic_id: int,
    now: datetime,
    due_at: datetime | None = None,
    facts: dict[str, Any] | None = None,
    **values: Any,
) -> dict[str, Any]:
    """The columns of a new row; one that expires by itself, and not as its kind says, brings `expires_at`."""
    promised = kinds()[kind]
    due = due_at or now
    return {
        "key": key,
        "kind": kind,
        "queue": promised.queue,
        "channel": channel,
        "clinic_id": clinic_id,
        "priority": promised.priority,
        "facts": facts or {},
        "status": "due",
        "due_at": due,
        "expires_at": due + promised.expires if promised.expires else None,
        "attempts": 0,
        "created_at": now,
        **values,
    }


def row_to(
    way: Way, patient_id: int, *, flows: Mapping[str, str], clinic_id: int, **values: Any
) -> dict[str, Any]:
    """The columns of a text or call to a patient by a way that is open; `flows` by channel, the rest as `row_of`."""
    return row_of(
        channel=way.channel,
        clinic_id=clinic_id,
        patient_id=patient_id,
        number=way.number.number,
        number_hash=way.number.number_hash,
        flow=flows[way.channel],
        language=way.language,
        **values,
    )


def put_all(database: Database, connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Write rows (`row_of`, all with the same columns), but for those whose key is written already. One statement.

    Returns how many are new.
    """
    return connection.execute(database.insert_once(OutboxRow), rows).rowcount if rows else 0


def claim(database: Database, queue: str, now: datetime, most: int) -> Sequence[Row[Any]]:
    """Take up to `most` due rows of a queue, most urgent first; nobody else gets them while the lease runs.

    The lease is committed before anything is sent, so a crash leaves a row that says so.
    """
    with database.reading() as connection:
        if not _priorities(connection, queue, now):
            return []
    with database.writing() as connection:
        ids: list[int] = []
        for priority in _priorities(connection, queue, now):
            about = {"queue": queue, "priority": priority, "now": now, "most": most - len(ids)}
            ids += connection.scalars(DUE[database.skips_locked], about)
        if not ids:
            return []
        connection.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_(ids))
            .values(
                status="sending",
                leased_until=now + LEASE,
                began_sending_at=None,
                attempts=OutboxRow.attempts + 1,
            )
        )
        rows = connection.execute(select(OutboxRow.__table__).where(OutboxRow.id.in_(ids))).all()
    return sorted(rows, key=lambda row: (row.priority, row.due_at))


def _priorities(connection: Connection, queue: str, now: datetime) -> list[int]:
    """The priorities of what is due, the most urgent first.

    Each is one step down the index, so that what waits for later, however much it is, costs nothing.
    """
    found: list[int] = []
    last = LOWEST
    while (row := connection.execute(NEXT, {"queue": queue, "last": last}).first()) is not None:
        last = row.priority
        if row.due_at <= now:
            found.append(last)
    return found


def begin(
    connection: Connection, row: Any, now: datetime, *, segments: int | None = None, price: int = 0
) -> bool:
    """From here on the carrier may have it; the lease runs anew. False where it ran out: the row is not ours.

    `segments` are those of its texts, `price` what this try is expected to cost, in micro-dollars.
    """
    begun = connection.execute(
        BEGIN,
        {
            "row": row.id,
            "lease": row.leased_until,
            "now": now,
            "until": now + LEASE,
            "new_segments": segments,
            "more": price,
        },
    )
    return begun.rowcount == 1


def expired_leases(connection: Connection, now: datetime, most: int = 100) -> Sequence[Row[Any]]:
    """Rows whose worker is gone: what became of them is not known."""
    return connection.execute(
        select(OutboxRow.__table__)
        .where(_open[0], OutboxRow.status == "sending", OutboxRow.leased_until < now)
        .order_by(OutboxRow.priority)
        .limit(most)
    ).all()


def mark(connection: Connection, row: int, status: str, reason: str | None = None, **values: Any) -> None:
    """Where a send ended. A row that a callback has already moved on is left as the callback said."""
    connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row, OutboxRow.status.in_(("due", "sending", "unknown")))
        .values(status=status, reason=reason, leased_until=None, **values)
    )


def again_or_give_up(connection: Connection, row: Any, reason: str, now: datetime) -> bool:
    """After a try that certainly did nothing: due again as its kind says, or failed. True where due again."""
    kind = kinds()[row.kind]
    facts = row.facts
    if kind.by_outcome:
        facts = {**facts, TRIES: {**facts.get(TRIES, {}), reason: facts.get(TRIES, {}).get(reason, 0) + 1}}
    wait = kind.next_try(row.attempts, reason, facts.get(TRIES, {}))
    if wait is None or (row.expires_at and now + wait > row.expires_at):
        connection.execute(
            update(OutboxRow)
            .where(OutboxRow.id == row.id)
            .values(status="failed", reason=reason, leased_until=None, facts=facts)
        )
        return False
    connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row.id)
        .values(
            status="due",
            reason=reason,
            due_at=now + wait,
            leased_until=None,
            carrier_status=None,
            facts=facts,
        )
    )
    return True


def put_back(connection: Connection, row: Any, reason: str, due_at: datetime) -> None:
    """Nothing was tried: due later, and the try does not count."""
    mark(connection, row.id, "due", reason, due_at=due_at, attempts=OutboxRow.attempts - 1)


def urgent_waits(connection: Connection, now: datetime) -> bool:
    """Is an alert due? Then everybody else lets it pass."""
    first = connection.execute(NEXT, {"queue": "alerts", "last": LOWEST}).first()
    return first is not None and first.due_at <= now


def cancel(connection: Connection, reason: str, *where: Any) -> None:
    """Drop what is no longer wanted and has not begun to be sent, also where a worker has claimed it already."""
    claimed = (OutboxRow.status == "sending") & OutboxRow.began_sending_at.is_(None)
    connection.execute(
        update(OutboxRow)
        .where((OutboxRow.status == "due") | claimed, and_(*where))
        .values(status="dropped", reason=reason, leased_until=None)
    )


def get(connection: Connection, row: int | None) -> Row[Any] | None:
    return connection.execute(select(OutboxRow.__table__).where(OutboxRow.id == row)).first()


def hold(connection: Connection, row: int) -> Row[Any] | None:
    """The row as it is now; nobody else changes it, or the talk that belongs to it, before this write is over.

    The conversation first: a turn, too, comes to the outbox from there.
    """
    connection.execute(select(Conversation.id).where(Conversation.outbox_id == row).with_for_update())
    return connection.execute(
        select(OutboxRow.__table__).where(OutboxRow.id == row).with_for_update()
    ).first()
