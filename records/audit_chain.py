"""How entries of the audit are chained, so that none can be changed, taken out or put in unseen.

An entry's mac is HMAC-SHA-256 over the head before it and the entry's canonical bytes; the head after it
is HMAC-SHA-256 over that mac. The head is not among the entries: who cuts the last ones off can't make
the head that would fit, without the key. Entries of one write are kept until its end. A connection goes
on with the chain that it wrote last, whose head it knows: the head is moved if it still is as it is known
(one update, one insert). If it is not, another writer is in that chain, and this one takes the next that nobody
holds; so each soon has one of its own, and no writer waits for another's work.
The lock on a chain comes after all other locks, and is held for the length of a commit.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from records.audit import AuditEntry, AuditHead
from records.base import table_of
from records.prepared import Prepared
from records.sealing import audit_key

CHAINS = 8
"""As many as one process has connections to write with; SQLite has one writer, who takes the first."""
START = bytes(32)
"""The head of a chain in which nothing stands yet."""
_AS_JSON = json.JSONEncoder(separators=(",", ":")).encode
_NOTED = "audit entries of this write"
_entries, _heads = table_of(AuditEntry), table_of(AuditHead)
_KNOWN = "audit chain that this connection wrote last"
_head = select(_heads.c.chain, _heads.c.count, _heads.c.mac).limit(1)
FREE_HEAD = (
    _head.where(_heads.c.chain > bindparam("after"))
    .order_by(_heads.c.chain)
    .with_for_update(skip_locked=True)
)
ANY_HEAD = _head.order_by(func.random()).with_for_update()
ADD = Prepared(_entries.insert().inline())
MOVE_HEAD = Prepared(
    _heads.update()
    .where(
        _heads.c.chain == bindparam("of"),
        _heads.c.count == bindparam("was_count"),
        _heads.c.mac == bindparam("was_mac"),
    )
    .values(count=bindparam("new_count"), mac=bindparam("new_mac"))
)
"""Made once: building a statement costs more than running it. SQLite, which locks nothing, leaves FOR UPDATE out."""


@dataclass(frozen=True)
class _Head:
    """How far a chain has come."""

    chain: int
    count: int
    mac: bytes


class NotedOutsideAWrite(RuntimeError):
    """An entry belongs to the write that it tells of: `Database.writing` gives the connection."""


@contextmanager
def noting(connection: Connection) -> Iterator[None]:
    """The length of one write: what is noted in it is written at its end, or not at all."""
    info = connection.info
    noted: list[dict[str, Any]] = []
    info[_NOTED] = noted
    try:
        yield
        if noted:
            _append(connection, noted)
    finally:
        info.pop(_NOTED, None)


def add(connection: Connection, entry: dict[str, Any]) -> None:
    """Note `entry` (at, clinic_id, patient_id, by, did, about) in the write that this connection is in."""
    noted = connection.info.get(_NOTED)
    if noted is None:
        raise NotedOutsideAWrite
    noted.append(entry)


def canonical(chain: int, place: int, entry: Mapping[str, Any]) -> bytes:
    """The bytes that an entry's mac is over: the same on every database and in every version."""
    at: datetime = entry["at"]
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = [
        chain,
        place,
        moment,
        *(entry[name] for name in ("clinic_id", "patient_id", "by", "did", "about")),
    ]
    return _AS_JSON(fields).encode()


def mac_of(key: bytes, head: bytes, chain: int, place: int, entry: Mapping[str, Any]) -> bytes:
    """32 bytes for the entry that comes after `head`."""
    return hmac.digest(key, b"entry" + head + canonical(chain, place, entry), "sha256")


def head_after(key: bytes, mac: bytes) -> bytes:
    return hmac.digest(key, b"head" + mac, "sha256")


def _append(connection: Connection, noted: list[dict[str, Any]]) -> None:
    known: _Head | None = connection.info.pop(_KNOWN, None)
    moved = _moved_on(connection, known, noted) if known else None
    if moved is None:
        moved = _moved_on(connection, _hold_a_chain(connection, known.chain if known else 0), noted)
        assert moved is not None, "a chain that is held was moved on by another"
    # Should the commit fail, this is not what stands there, and the next write looks again.
    connection.info[_KNOWN] = moved


def _moved_on(connection: Connection, head: _Head, noted: list[dict[str, Any]]) -> _Head | None:
    """Write what was noted after `head`; None, and nothing is written, where the chain's head is another now."""
    key, place, mac = audit_key(), head.count, head.mac
    for entry in noted:
        place += 1
        entry.update(chain=head.chain, place=place, mac=mac_of(key, mac, head.chain, place, entry))
        mac = head_after(key, entry["mac"])
    was = {"of": head.chain, "was_count": head.count, "was_mac": head.mac}
    if MOVE_HEAD.change(connection, {**was, "new_count": place, "new_mac": mac}) != 1:
        return None
    ADD.change(connection, *noted)
    return _Head(head.chain, place, mac)


def _hold_a_chain(connection: Connection, after: int) -> _Head:
    """The next chain that nobody holds: ours until the commit. Waits for one only where all are held."""
    found = (
        connection.execute(FREE_HEAD, {"after": after}).first()
        or connection.execute(FREE_HEAD, {"after": 0}).first()
        or connection.execute(ANY_HEAD).first()
    )
    if found is None:
        _open_a_chain(connection)
        found = connection.execute(ANY_HEAD).one()
    chain, count, mac = found
    return _Head(chain, count, bytes(mac))


def _open_a_chain(connection: Connection) -> None:
    """There is no head at all: somebody took them away. Patients are served on, in a chain that is new.

    What was lost stays to be seen: the check misses the heads that every installation has.
    """
    known = select(_heads.c.chain).union_all(select(_entries.c.chain)).subquery()
    last = connection.scalar(select(func.max(known.c.chain))) or 0
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = insert(_heads).values(chain=last + 1, count=0, mac=START)
    connection.execute(new.on_conflict_do_nothing())
