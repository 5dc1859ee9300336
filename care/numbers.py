"""The numbers at which a patient may be reached, as staff keep them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import delete, insert, select, update

from care import outbox
from care.by_staff import Act
from care.reminders import due
from records.outbox import OutboxRow
from records.patients import Contact, PatientNumber
from records.sealing import hashed

KINDS = ("mobile", "landline", "relay")


@dataclass(frozen=True)
class Number:
    """`number` in E.164; the other fields as in records.patients.PatientNumber."""

    number: str
    kind: str
    shared: bool
    text_only: bool
    rank: int


def add(act: Act, patient_id: int, number: Number) -> bool:
    """False where she has this number already, or is not this clinic's."""
    if not act.hold(patient_id) or _has(act, patient_id, number.number):
        return False
    act.connection.execute(
        insert(PatientNumber).values(clinic_id=act.clinic_id, patient_id=patient_id, **_values(number))
    )
    return _corrected(act, patient_id)


def change(act: Act, patient_id: int, number_id: int, number: Number) -> bool:
    """False where another row of hers has this number already, or the row is not hers.

    What waits to go to a number that is replaced goes nowhere.
    """
    before = _of(act, patient_id, number_id)
    if before is None or _has(act, patient_id, number.number, besides=number_id):
        return False
    act.connection.execute(
        update(PatientNumber).where(PatientNumber.id == number_id).values(**_values(number))
    )
    if before != hashed(number.number):
        _drop_waiting(act, patient_id, before)
    return _corrected(act, patient_id)


def remove(act: Act, patient_id: int, number_id: int) -> bool:
    """What waits to go there for her goes nowhere. False where the row is not hers."""
    before = _of(act, patient_id, number_id)
    if before is None:
        return False
    act.connection.execute(delete(PatientNumber).where(PatientNumber.id == number_id))
    _drop_waiting(act, patient_id, before)
    return _corrected(act, patient_id)


def is_right(act: Act, patient_id: int, number_id: int) -> bool:
    """It is her number, whatever somebody said there: it is used again. False where the row is not hers."""
    number_hash = _of(act, patient_id, number_id)
    if number_hash is None:
        return False
    act.connection.execute(
        update(Contact)
        .where(Contact.clinic_id == act.clinic_id, Contact.number_hash == number_hash)
        .values(wrong_person_at=None)
    )
    act.note("corrected", patient_id, "wrong_person")
    return True


def _corrected(act: Act, patient_id: int) -> bool:
    """Her reminders go to where she is reached now."""
    due.put_anew(act.database, act.connection, [patient_id], act.now)
    act.note("corrected", patient_id, "numbers")
    return True


def _of(act: Act, patient_id: int, number_id: int) -> str | None:
    """The hash of this number of hers, which nobody else changes until the write is over."""
    if not act.hold(patient_id):
        return None
    return act.connection.scalar(
        select(PatientNumber.number_hash).where(
            PatientNumber.id == number_id,
            PatientNumber.patient_id == patient_id,
            PatientNumber.clinic_id == act.clinic_id,
        )
    )


def _has(act: Act, patient_id: int, number: str, besides: int | None = None) -> bool:
    found = act.connection.scalars(
        select(PatientNumber.id).where(
            PatientNumber.patient_id == patient_id, PatientNumber.number_hash == hashed(number)
        )
    )
    return any(row != besides for row in found)


def _drop_waiting(act: Act, patient_id: int, number_hash: str) -> None:
    outbox.cancel(
        act.connection,
        "number removed",
        OutboxRow.clinic_id == act.clinic_id,
        OutboxRow.patient_id == patient_id,
        OutboxRow.number_hash == number_hash,
        OutboxRow.kind != "alert",
    )


def _values(number: Number) -> dict[str, object]:
    return {**asdict(number), "number_hash": hashed(number.number)}
