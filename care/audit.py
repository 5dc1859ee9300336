"""Who saw or changed what of whom: written in the commit that does it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from care.occasion import Occasion
from records import Database
from records.audit import AuditEntry
from records.base import table_of

NOTE = table_of(AuditEntry).insert()
"""Made once: building a statement costs more than running it."""


def note(
    database: Database,
    connection: Connection,
    *,
    by: str,
    did: str,
    now: datetime,
    clinic_id: int | None,
    patient_id: int | None = None,
    about: str = "",
) -> None:
    """Write one entry. `about` names things and fields, never their content."""
    connection.execute(
        NOTE,
        {
            "at": now,
            "clinic_id": clinic_id,
            "patient_id": patient_id,
            "by": by,
            "did": did,
            "about": about,
        },
    )


def note_in_turn(on: Occasion, did: str, about: str = "") -> None:
    """One entry for what a turn does to the data of whoever was confirmed in it."""
    if on.patient_id is None:
        by = "caller"
    else:
        by = "patient" if on.proxy_id is None else f"proxy:{on.proxy_id}"
    note(
        on.database,
        on.connection,
        by=by,
        did=did,
        now=on.now,
        clinic_id=on.clinic_id,
        patient_id=on.patient_id,
        about=about,
    )
