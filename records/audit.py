"""The audit: who saw or changed what of whom, and when. Rows are added and never changed (45 CFR 164.312(b))."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base


class AuditEntry(Base):
    """Nothing private: ids, words from fixed lists, and names of fields; never what stood in them."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_patient", "patient_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    clinic_id: Mapped[int | None]
    patient_id: Mapped[int | None]
    """No foreign key: an entry outlives the patient."""
    by: Mapped[str]
    """A staff login, `patient`, `proxy:<id>`, `caller` (nobody confirmed), `command:<login>` or `worker`."""
    did: Mapped[str]
    about: Mapped[str]
    """What it was done to: `patient`, `message:12`, `numbers,language`."""
