"""A patient's PIN, as staff set it: kept as a salted hash, shown to nobody."""

from __future__ import annotations

from sqlalchemy import update
from werkzeug.security import generate_password_hash

from care.by_staff import Act
from records.patients import Patient


def set_pin(act: Act, patient_id: int, pin_hash: str | None) -> bool:
    """A hash of `hash_of`, or None to ask her for none. False where she is not this clinic's."""
    if not act.hold(patient_id):
        return False
    act.connection.execute(update(Patient).where(Patient.id == patient_id).values(pin_hash=pin_hash))
    act.note("changed_patient", patient_id, "pin")
    return True


def hash_of(pin: str) -> str:
    """Takes a tenth of a second, so not while a write is open."""
    return generate_password_hash(pin)
