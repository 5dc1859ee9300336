"""bulk: sending the same to many, and for whom"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

GOING = sa.text("state = 'sending'")


def upgrade() -> None:
    op.create_table(
        "bulk_sends",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reached", sa.Integer(), server_default="0", nullable=False),
        sa.Column("written", sa.Integer(), server_default="0", nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_bulk_sends_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_sends")),
    )
    op.create_index("ix_bulk_sends_clinic_id", "bulk_sends", ["clinic_id"], unique=False)
    op.create_index(
        "ix_bulk_sends_going", "bulk_sends", ["id"], unique=False, sqlite_where=GOING, postgresql_where=GOING
    )
    op.create_table(
        "bulk_people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulk_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulk_id"], ["bulk_sends.id"], name=op.f("fk_bulk_people_bulk_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_bulk_people_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_people")),
    )
    op.create_index("ix_bulk_people_bulk", "bulk_people", ["bulk_id", "id"], unique=False)
    op.create_index("ix_bulk_people_patient_id", "bulk_people", ["patient_id"], unique=False)


def downgrade() -> None:
    op.drop_table("bulk_people")
    op.drop_table("bulk_sends")
