"""What a person needs to do a task: the words and sound behind it, the lock, and whom a given number names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.engine import Row

from records.base import Base
from records.messages import Message
from records.patients import IdentityLock, Patient, PatientNumber, Proxy
from records.sealing import hashed


@dataclass(frozen=True)
class Behind:
    """By id: the messages, locks and proxies that tasks name. By number: who has it in the records."""

    messages: Mapping[int, Row[Any]] = field(default_factory=dict)
    locks: Mapping[int, Row[Any]] = field(default_factory=dict)
    proxies: Mapping[int, Row[Any]] = field(default_factory=dict)
    people: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def behind(connection: Connection, clinic_id: int, found: Iterable[Any]) -> Behind:
    """All that stands behind these tasks: a query a kind of thing, none where no task names one."""
    details = [row.details for row in found]
    spoken = [d[part] for d in details for part in ("message", "name") if isinstance(d.get(part), int)]
    return Behind(
        _by_id(connection, clinic_id, Message, spoken),
        _by_id(connection, clinic_id, IdentityLock, [d["lock"] for d in details if "lock" in d]),
        _by_id(connection, clinic_id, Proxy, [d["proxy"] for d in details if "proxy" in d]),
        _at_numbers(connection, clinic_id, [d["other_number"] for d in details if d.get("other_number")]),
    )


def _by_id(
    connection: Connection, clinic_id: int, model: type[Base], ids: Sequence[int]
) -> dict[int, Row[Any]]:
    if not ids:
        return {}
    table = model.__table__
    rows = connection.execute(select(table).where(table.c.id.in_(set(ids)), table.c.clinic_id == clinic_id))
    return {row.id: row for row in rows}


def _at_numbers(
    connection: Connection, clinic_id: int, numbers: Sequence[str]
) -> Mapping[str, Sequence[Any]]:
    if not numbers:
        return {}
    rows = connection.execute(
        select(PatientNumber.number, Patient.id, Patient.name, Patient.birth_date)
        .join(Patient, Patient.id == PatientNumber.patient_id)
        .where(
            PatientNumber.clinic_id == clinic_id,
            PatientNumber.number_hash.in_({hashed(number) for number in numbers}),
            Patient.status == "active",
        )
        .order_by(Patient.id)
    ).all()
    people: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        people[row.number].append(row)
    return people
