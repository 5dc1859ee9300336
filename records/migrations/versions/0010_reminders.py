"""reminders: when visits are reminded of, and up to when that has been looked at"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

OF_THE_CLINIC, OF_A_PATIENT = "patient_id IS NULL", "patient_id IS NOT NULL"
COMING = "state IN ('booked', 'confirmed')"


def upgrade() -> None:
    op.create_table(
        "reminder_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("offsets", sa.String(), nullable=False),
        sa.Column("channels", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_reminder_settings_clinic_id")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_reminder_settings_patient_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_settings")),
    )
    for name, column, where in (
        ("uq_reminder_settings_clinic", "clinic_id", OF_THE_CLINIC),
        ("uq_reminder_settings_patient", "patient_id", OF_A_PATIENT),
    ):
        op.create_index(
            name,
            "reminder_settings",
            [column],
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_table(
        "reminders_put",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders_put")),
    )
    op.create_index(
        "ix_appointments_changed",
        "appointments",
        ["changed_at"],
        unique=False,
        sqlite_where=sa.text(COMING),
        postgresql_where=sa.text(COMING),
    )


def downgrade() -> None:
    op.drop_index("ix_appointments_changed", table_name="appointments")
    op.drop_table("reminders_put")
    op.drop_table("reminder_settings")
