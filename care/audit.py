"""Who saw or changed what of whom: written in the commit that does it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from care.occasion import Occasion
from records import Database
from records.audit_chain import add


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
    """Write one entry with the commit that this connection is in.

    `about` names things and fields, never their content. Raises NotedOutsideAWrite.
    """
    add(
        connection,
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
    note(
        on.database,
        on.connection,
        by=by_whom(on),
        did=did,
        now=on.now,
        clinic_id=on.clinic_id,
        patient_id=on.patient_id,
        about=about,
    )


def by_whom(on: Occasion) -> str:
    """Who acts in a turn, as the audit says it."""
    if on.proxy_id is not None:
        return f"proxy:{on.proxy_id}"
    if on.patient_id is not None:
        return "patient"
    return "emergency_line" if on.number == on.emergency_number else "caller"
