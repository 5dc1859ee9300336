"""scheduling: clinicians, places, hours, openings, visits, follow-ups, the wait list"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "clinicians",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("states", sa.JSON(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("outside_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_clinicians_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinicians")),
    )
    op.create_index("ix_clinicians_clinic_id", "clinicians", ["clinic_id"], unique=False)
    op.create_index(
        "uq_clinicians_outside",
        "clinicians",
        ["clinic_id", "outside_id"],
        unique=True,
        sqlite_where=sa.text("outside_id IS NOT NULL"),
        postgresql_where=sa.text("outside_id IS NOT NULL"),
    )
    op.create_table(
        "places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_places_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
    )
    op.create_index("ix_places_clinic_id", "places", ["clinic_id"], unique=False)
    op.create_table(
        "appointments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("clinician_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("visit_kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("interpreter", sa.String(), nullable=True),
        sa.Column("series", sa.String(), nullable=True),
        sa.Column("outside_uid", sa.String(), nullable=True),
        sa.Column("sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("booked_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_appointments_clinic_id")),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["clinicians.id"], name=op.f("fk_appointments_clinician_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_appointments_patient_id")),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_appointments_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index("ix_appointments_clinic", "appointments", ["clinic_id", "starts_at"], unique=False)
    op.create_index("ix_appointments_clinician", "appointments", ["clinician_id", "starts_at"], unique=False)
    op.create_index(
        "ix_appointments_coming",
        "appointments",
        ["starts_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('booked', 'confirmed')"),
        postgresql_where=sa.text("state IN ('booked', 'confirmed')"),
    )
    op.create_index("ix_appointments_patient", "appointments", ["patient_id", "starts_at"], unique=False)
    op.create_index("ix_appointments_series", "appointments", ["series"], unique=False)
    op.create_index(
        "uq_appointments_outside",
        "appointments",
        ["clinic_id", "outside_uid"],
        unique=True,
        sqlite_where=sa.text("outside_uid IS NOT NULL"),
        postgresql_where=sa.text("outside_uid IS NOT NULL"),
    )
    op.create_table(
        "days_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("clinician_id", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("starts", sa.String(), nullable=True),
        sa.Column("ends", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("outside_uid", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_days_off_clinic_id")),
        sa.ForeignKeyConstraint(["clinician_id"], ["clinicians.id"], name=op.f("fk_days_off_clinician_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_days_off")),
    )
    op.create_index("ix_days_off_clinic_id", "days_off", ["clinic_id"], unique=False)
    op.create_index("ix_days_off_clinician_id", "days_off", ["clinician_id"], unique=False)
    op.create_table(
        "openings",
        sa.Column("clinician_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("free_minutes", sa.Integer(), nullable=False),
        sa.Column("room_minutes", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("audio", sa.Boolean(), nullable=False),
        sa.Column("video", sa.Boolean(), nullable=False),
        sa.Column("in_person", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["clinician_id"], ["clinicians.id"], name=op.f("fk_openings_clinician_id")),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_openings_place_id")),
        sa.PrimaryKeyConstraint("clinician_id", "unit", name=op.f("pk_openings")),
    )
    op.create_index(
        "ix_openings_free",
        "openings",
        ["clinician_id", "unit"],
        unique=False,
        sqlite_where=sa.text("free_minutes > 0"),
        postgresql_where=sa.text("free_minutes > 0"),
    )
    op.create_index(
        "ix_openings_place",
        "openings",
        ["place_id", "unit"],
        unique=False,
        sqlite_where=sa.text("place_id IS NOT NULL"),
        postgresql_where=sa.text("place_id IS NOT NULL"),
    )
    op.create_table(
        "working_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinician_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.String(), nullable=False),
        sa.Column("ends", sa.String(), nullable=False),
        sa.Column("step_minutes", sa.Integer(), nullable=False),
        sa.Column("visit_kinds", sa.JSON(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["clinicians.id"], name=op.f("fk_working_hours_clinician_id")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_working_hours_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_hours")),
    )
    op.create_index("ix_working_hours_clinician_id", "working_hours", ["clinician_id"], unique=False)
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("clinician_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("visit_kind", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("every", sa.String(), nullable=True),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_follow_ups_appointment_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_follow_ups_clinic_id")),
        sa.ForeignKeyConstraint(["clinician_id"], ["clinicians.id"], name=op.f("fk_follow_ups_clinician_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_follow_ups_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
    )
    op.create_index("ix_follow_ups_clinic_id", "follow_ups", ["clinic_id"], unique=False)
    op.create_index(
        "ix_follow_ups_look_at",
        "follow_ups",
        ["look_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_follow_ups_patient", "follow_ups", ["patient_id", "state"], unique=False)
    op.create_table(
        "occupied",
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_occupied_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("resource", "unit", name=op.f("pk_occupied")),
    )
    op.create_index("ix_occupied_appointment_id", "occupied", ["appointment_id"], unique=False)
    op.create_table(
        "wait_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("clinician_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("visit_kind", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_wait_list_appointment_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_wait_list_clinic_id")),
        sa.ForeignKeyConstraint(["clinician_id"], ["clinicians.id"], name=op.f("fk_wait_list_clinician_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_wait_list_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wait_list")),
    )
    op.create_index("ix_wait_list_clinic", "wait_list", ["clinic_id", "state", "since"], unique=False)
    op.create_index("ix_wait_list_patient_id", "wait_list", ["patient_id"], unique=False)
    op.create_table(
        "slot_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("waiting_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("clinician_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_slot_offers_clinic_id")),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["clinicians.id"], name=op.f("fk_slot_offers_clinician_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_slot_offers_patient_id")),
        sa.ForeignKeyConstraint(
            ["waiting_id"], ["wait_list.id"], name=op.f("fk_slot_offers_waiting_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_offers")),
    )
    op.create_index(
        "ix_slot_offers_open", "slot_offers", ["clinician_id", "starts_at", "state"], unique=False
    )
    op.create_index("ix_slot_offers_patient_id", "slot_offers", ["patient_id"], unique=False)
    op.create_index("uq_slot_offers", "slot_offers", ["waiting_id", "clinician_id", "starts_at"], unique=True)
    op.add_column(
        "clinics", sa.Column("schedule_master", sa.String(), server_default="careline", nullable=False)
    )
    op.add_column("clinics", sa.Column("wait_list", sa.String(), server_default="one_by_one", nullable=False))


def downgrade() -> None:
    op.drop_column("clinics", "wait_list")
    op.drop_column("clinics", "schedule_master")
    op.drop_index("uq_slot_offers", table_name="slot_offers")
    op.drop_index("ix_slot_offers_patient_id", table_name="slot_offers")
    op.drop_index("ix_slot_offers_open", table_name="slot_offers")
    op.drop_table("slot_offers")
    op.drop_index("ix_wait_list_patient_id", table_name="wait_list")
    op.drop_index("ix_wait_list_clinic", table_name="wait_list")
    op.drop_table("wait_list")
    op.drop_index("ix_occupied_appointment_id", table_name="occupied")
    op.drop_table("occupied")
    op.drop_index("ix_follow_ups_patient", table_name="follow_ups")
    op.drop_index("ix_follow_ups_clinic_id", table_name="follow_ups")
    op.drop_table("follow_ups")
    op.drop_index("ix_working_hours_clinician_id", table_name="working_hours")
    op.drop_table("working_hours")
    op.drop_index("ix_openings_place", table_name="openings")
    op.drop_index("ix_openings_free", table_name="openings")
    op.drop_table("openings")
    op.drop_index("ix_days_off_clinician_id", table_name="days_off")
    op.drop_index("ix_days_off_clinic_id", table_name="days_off")
    op.drop_table("days_off")
    op.drop_index("uq_appointments_outside", table_name="appointments")
    op.drop_index("ix_appointments_series", table_name="appointments")
    op.drop_index("ix_appointments_patient", table_name="appointments")
    op.drop_index("ix_appointments_coming", table_name="appointments")
    op.drop_index("ix_appointments_clinician", table_name="appointments")
    op.drop_index("ix_appointments_clinic", table_name="appointments")
    op.drop_table("appointments")
    op.drop_index("ix_places_clinic_id", table_name="places")
    op.drop_table("places")
    op.drop_index("uq_clinicians_outside", table_name="clinicians")
    op.drop_index("ix_clinicians_clinic_id", table_name="clinicians")
    op.drop_table("clinicians")
