"""When visits are reminded of, where somebody has set it; and up to which moment that has been looked at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base

OF_THE_CLINIC = text("patient_id IS NULL")
OF_A_PATIENT = text("patient_id IS NOT NULL")


class ReminderSetting(Base):
    """A clinic's setting, or one patient's, which goes before it. Where there is none, the default holds."""

    __tablename__ = "reminder_settings"
    __table_args__ = (
        Index(
            "uq_reminder_settings_clinic",
            "clinic_id",
            unique=True,
            sqlite_where=OF_THE_CLINIC,
            postgresql_where=OF_THE_CLINIC,
        ),
        Index(
            "uq_reminder_settings_patient",
            "patient_id",
            unique=True,
            sqlite_where=OF_A_PATIENT,
            postgresql_where=OF_A_PATIENT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"))
    offsets: Mapped[str]
    """As care/rules/reminder_times.py writes them, "7d 3d 1d 2h"; empty: no reminders. Plain, to be told apart."""
    channels: Mapped[str]
    """text, call or both."""
    by: Mapped[str]
    changed_at: Mapped[datetime]


class RemindersPut(Base):
    """The one row that says up to which moment visits have been looked at."""

    __tablename__ = "reminders_put"

    id: Mapped[int] = mapped_column(primary_key=True)
    until: Mapped[datetime]
