"""Somebody at the clinic takes a patient off the wait list."""

from __future__ import annotations

from sqlalchemy import update

from care.by_staff import Act
from records.appointments import SlotOffer, Waiting


def take_off(act: Act, waiting: int) -> int | None:
    """She waits no more, and what she was offered is not hers to take. The patient; None where nobody waits there."""
    patient: int | None = act.connection.scalar(
        update(Waiting)
        .where(Waiting.id == waiting, Waiting.clinic_id == act.clinic_id, Waiting.state == "waiting")
        .values(state="left")
        .returning(Waiting.patient_id)
    )
    if patient is None:
        return None
    act.connection.execute(
        update(SlotOffer)
        .where(SlotOffer.waiting_id == waiting, SlotOffer.state == "open")
        .values(state="declined")
    )
    act.note("took_off_wait_list", patient, f"waiting:{waiting}")
    return patient
