"""Is the audit as it was written? Walks every chain from its beginning, a batch at a time, beside those who write.

Says the first entry of a chain that does not fit: what comes after it can't be judged. A head that was exported
between a backup and its being put back is not compared: the audit itself must say that it was put back.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import bindparam, func, select, tuple_

from care import audit_restores
from care.audit_heads import Exported, mark
from care.audit_restores import Restore
from records import Database
from records.audit import AuditEntry, AuditHead
from records.audit_chain import CHAINS, START, head_after, mac_of
from records.base import table_of
from records.sealing import audit_key

BATCH = 1000
_entries, _heads = table_of(AuditEntry), table_of(AuditHead)
NEXT = (
    select(_entries)
    .where(
        _entries.c.chain == bindparam("of"),
        _entries.c.place <= bindparam("goal"),
        tuple_(_entries.c.place, _entries.c.id) > tuple_(bindparam("place_before"), bindparam("id_before")),
    )
    .order_by(_entries.c.place, _entries.c.id)
    .limit(bindparam("batch"))
)
PAST_THE_HEAD = (
    select(func.min(_entries.c.place))
    .select_from(_heads.join(_entries, _entries.c.chain == _heads.c.chain))
    .where(_heads.c.chain == bindparam("of"), _entries.c.place > _heads.c.count)
)
"""One statement, so that what is written meanwhile is seen with its head."""


@dataclass(frozen=True)
class Problem:
    """`chain`, `place` and `id` (where there is an entry) say where; `what` says it to a person."""

    chain: int
    place: int | None
    id: int | None
    what: str

    def __str__(self) -> str:
        where = f"chain {self.chain}"
        where += f", place {self.place}" if self.place is not None else ""
        where += f" (id {self.id})" if self.id is not None else ""
        return f"{where}: {self.what}"


@dataclass(frozen=True)
class Checked:
    entries: int
    problems: tuple[Problem, ...]
    restores: tuple[Restore, ...] = ()
    """All that the audit tells of, from entries that fit."""
    given_up: Restore | None = None
    """The exported head is of the history that this one gave up, so it was not compared."""


@dataclass
class _Walk:
    """How far a chain was found to fit: the place, and the head after it; `batch` entries are read at once."""

    batch: int
    place: int = 0
    head: bytes = START
    restores: list[Restore] = field(default_factory=list)


def check(database: Database, exported: Exported | None = None, batch: int = BATCH) -> Checked:
    """Everything that was written until now; with `exported`, whether what stood then still stands, unchanged."""
    with database.reading() as connection:
        heads = {
            chain: (count, bytes(mac))
            for chain, count, mac in connection.execute(select(AuditHead.__table__))
        }
        walked = connection.scalars(select(_entries.c.chain).distinct()).all()
    chains = {*heads, *walked, *(exported.heads if exported else ()), *range(1, CHAINS + 1)}
    entries, problems = 0, []
    restores: list[Restore] = []
    for chain in sorted(chains):
        walk = _Walk(batch)
        at_export = exported.heads.get(chain) if exported else None
        problem = _check_chain(database, walk, chain, heads.get(chain), at_export)
        entries += walk.place
        restores += walk.restores
        if problem:
            problems.append(problem)
    for restore in restores if exported else ():
        if exported and restore.gave_up(exported.at):
            return replace(check(database, batch=batch), given_up=restore)
    return Checked(entries, tuple(problems), tuple(sorted(restores, key=lambda one: one.at)))


def _check_chain(
    database: Database,
    walk: _Walk,
    chain: int,
    head: tuple[int, bytes] | None,
    at_export: tuple[int, str] | None,
) -> Problem | None:
    if head is None:
        return Problem(chain, None, None, "its head is missing: the row in audit_heads was deleted")
    count, mac = head
    if problem := _walk_entries(database, walk, chain, count, at_export):
        return problem
    if walk.place < count:
        lost = f"entries {walk.place + 1} to {count} are missing: the end was cut off"
        return Problem(chain, walk.place + 1, None, lost)
    if not hmac.compare_digest(walk.head, mac):
        return Problem(
            chain, count, None, "the head does not follow from the last entry: one of them was changed"
        )
    if at_export is not None and at_export[0] > count:
        was = (
            f"it had {at_export[0]} entries when the head was exported, and has {count}: the end was cut off"
        )
        return Problem(chain, count + 1, None, was)
    with database.reading() as connection:
        past = connection.scalar(PAST_THE_HEAD, {"of": chain})
    if past is not None:
        return Problem(chain, past, None, "an entry stands after the head: it was put in by hand")
    return None


def _walk_entries(
    database: Database, walk: _Walk, chain: int, count: int, at_export: tuple[int, str] | None
) -> Problem | None:
    key = audit_key()
    for entry in _read(database, chain, count, walk.batch):
        if problem := _misfit(key, walk, chain, entry):
            return problem
        walk.place, walk.head = entry.place, head_after(key, bytes(entry.mac))
        if restore := audit_restores.read(entry):
            walk.restores.append(restore)
        if (
            at_export
            and walk.place == at_export[0]
            and not hmac.compare_digest(mark(walk.head), at_export[1])
        ):
            return Problem(
                chain, entry.place, entry.id, "is not the entry that stood here when the head was exported"
            )
    return None


def _misfit(key: bytes, walk: _Walk, chain: int, entry: Any) -> Problem | None:
    """What is wrong with the entry that comes next, if anything is."""
    place = walk.place + 1
    if entry.place < place:
        return Problem(chain, entry.place, entry.id, "stands here a second time: it was put in by hand")
    if entry.place > place:
        missing = f"is missing: the next that stands there is {entry.place} (id {entry.id})"
        return Problem(chain, place, None, missing)
    expected = mac_of(key, walk.head, chain, place, entry._mapping)
    if not hmac.compare_digest(expected, bytes(entry.mac)):
        return Problem(chain, place, entry.id, "does not fit: this entry was changed, or put in by hand")
    return None


def _read(database: Database, chain: int, count: int, batch: int) -> Iterator[Any]:
    """A chain's entries up to place `count`, in order; whatever stands below the first place too."""
    last: tuple[int, int] | None = None
    while True:
        place, row = last or (-(2**31), 0)
        asked = {"of": chain, "goal": count, "place_before": place, "id_before": row, "batch": batch}
        with database.reading() as connection:
            found = connection.execute(NEXT, asked).all()
        yield from found
        if len(found) < batch:
            return
        last = found[-1].place, found[-1].id
