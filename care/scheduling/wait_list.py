"""The wait list: who waits for a time that becomes free."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from care.occasion import Occasion
from care.rules import wait_list
from care.rules.visit_reasons import reasons
from records.appointments import Waiting
from records.base import table_of
from records.clinics import Clinic

_clinics = table_of(Clinic)


def wait(
    on: Occasion,
    reason: str,
    visit_kind: str,
    clinician: int | None = None,
    visit: Mapping[str, Any] | None = None,
) -> None:
    """She waits, from now on; `visit` is one that she has and would move. Asking again keeps her place."""
    assert on.patient_id is not None
    appointment = visit["id"] if isinstance(visit, Mapping) else None
    zone = on.connection.scalars(select(_clinics.c.timezone).where(_clinics.c.id == on.clinic_id)).one()
    values = {
        "clinician_id": clinician,
        "appointment_id": appointment,
        "visit_kind": visit_kind,
        "minutes": reasons()[reason].minutes,
        "until_on": _last_day(on.now, zone),
    }
    hers = (Waiting.patient_id == on.patient_id, Waiting.reason == reason, Waiting.state == "waiting")
    known = on.connection.execute(update(Waiting).where(*hers).values(**values))
    if known.rowcount == 0:
        on.connection.execute(
            insert(Waiting).values(
                clinic_id=on.clinic_id,
                patient_id=on.patient_id,
                reason=reason,
                state="waiting",
                since=on.now,
                **values,
            )
        )


def _last_day(now: datetime, zone: str) -> date:
    return wait_list.last_day(now.astimezone(ZoneInfo(zone)).date())
