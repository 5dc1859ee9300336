"""names: tokens by which a name is found, and pairs who may be one person"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "patient_name_tokens",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_patient_name_tokens_clinic_id")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_patient_name_tokens_patient_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "token", "patient_id", name=op.f("pk_patient_name_tokens")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_patient_name_tokens_patient_id", "patient_name_tokens", ["patient_id"], unique=False)
    op.create_table(
        "duplicate_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_duplicate_pairs_clinic_id")),
        sa.ForeignKeyConstraint(["first_id"], ["patients.id"], name=op.f("fk_duplicate_pairs_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["patients.id"], name=op.f("fk_duplicate_pairs_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_pairs")),
    )
    op.create_index(
        "uq_duplicate_pairs_first_second", "duplicate_pairs", ["first_id", "second_id"], unique=True
    )
    op.create_index(
        "ix_duplicate_pairs_clinic_state", "duplicate_pairs", ["clinic_id", "state"], unique=False
    )
    op.create_index(op.f("ix_duplicate_pairs_second_id"), "duplicate_pairs", ["second_id"], unique=False)


def downgrade() -> None:
    op.drop_table("duplicate_pairs")
    op.drop_table("patient_name_tokens")
