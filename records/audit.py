"""The audit: who saw or changed what of whom, and when. Rows are added and never changed (45 CFR 164.312(b)).

Kept for six years at least (45 CFR 164.316(b)(2)(i)); nothing here deletes. The migration adds triggers
that refuse what would change a row.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base


class AuditEntry(Base):
    """Nothing private: ids, words from fixed lists, and names of fields; never what stood in them."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_patient", "patient_id"),
        # Not unique: after somebody broke the audit by hand, patients are served on, and the check tells.
        Index("ix_audit_chain", "chain", "place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    """Where the row lies; no part of what is sealed."""
    at: Mapped[datetime]
    clinic_id: Mapped[int | None]
    patient_id: Mapped[int | None]
    """No foreign key: an entry outlives the patient."""
    by: Mapped[str]
    """A staff login, `patient`, `proxy:<id>`, `caller` (nobody confirmed), `emergency_line`, `command:<login>`,
    `worker`, or `unknown` (a sign-in with a login that nobody has)."""
    did: Mapped[str]
    about: Mapped[str]
    """What it was done to: `patient`, `message:12`, `numbers,language`."""
    chain: Mapped[int]
    place: Mapped[int]
    """In its chain, from 1 on, without a gap."""
    mac: Mapped[bytes] = mapped_column(LargeBinary)
    """32 bytes, over this entry and all before it in its chain: see records/audit_chain.py."""


class AuditHead(Base):
    """How far each chain has come. Whoever writes holds one chain, so several write side by side."""

    __tablename__ = "audit_heads"

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    mac: Mapped[bytes] = mapped_column(LargeBinary)
    """32 bytes that follow from the last entry's and can't be had from it without the key."""
