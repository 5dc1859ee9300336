"""Who may speak for a patient, of what, and until when, as staff keep it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Delete, Update, delete, insert, update

from care.by_staff import Act
from records.patients import Proxy
from records.sealing import hashed

RELATIONS = ("parent", "guardian", "carer", "other")


@dataclass(frozen=True)
class Speaker:
    """`number` in E.164, `birth_date` in ISO 8601; the other fields as in records.patients.Proxy."""

    name: str
    relation: str
    birth_date: str
    number: str
    language: str
    topics: Sequence[str]
    ends_on: date | None


def add(act: Act, patient_id: int, speaker: Speaker) -> bool:
    """False where she is not this clinic's."""
    if not act.hold(patient_id):
        return False
    act.connection.execute(
        insert(Proxy).values(
            clinic_id=act.clinic_id, patient_id=patient_id, created_at=act.now, **_values(speaker)
        )
    )
    act.note("corrected", patient_id, "proxies")
    return True


def change(act: Act, patient_id: int, proxy_id: int, speaker: Speaker) -> bool:
    """False where this is nobody who speaks for her."""
    return _changed(
        act, patient_id, update(Proxy).where(*_row(act, patient_id, proxy_id)).values(**_values(speaker))
    )


def remove(act: Act, patient_id: int, proxy_id: int) -> bool:
    """From now on they are not confirmed as speaking for her. False where they did not."""
    return _changed(act, patient_id, delete(Proxy).where(*_row(act, patient_id, proxy_id)))


def _changed(act: Act, patient_id: int, statement: Update | Delete) -> bool:
    if not act.hold(patient_id):
        return False
    done = act.connection.execute(statement)
    if done.rowcount != 1:
        return False
    act.note("corrected", patient_id, "proxies")
    return True


def _row(act: Act, patient_id: int, proxy_id: int) -> tuple[Any, ...]:
    return Proxy.id == proxy_id, Proxy.patient_id == patient_id, Proxy.clinic_id == act.clinic_id


def _values(speaker: Speaker) -> dict[str, object]:
    return {**asdict(speaker), "topics": list(speaker.topics), "number_hash": hashed(speaker.number)}
