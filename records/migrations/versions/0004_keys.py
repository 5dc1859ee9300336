"""keys: the database's own, wrapped under CARELINE_DATA_KEY"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ACTIVE = sa.text("state = 'active'")


def upgrade() -> None:
    op.create_table(
        "data_keys",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_keys")),
    )
    op.create_index(
        "uq_data_keys_active",
        "data_keys",
        ["purpose"],
        unique=True,
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )


def downgrade() -> None:
    # What is sealed opens with these keys alone: they go only where nobody is there yet.
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM clinics")):
        raise RuntimeError("Without its keys the data in this database could never be read again.")
    op.drop_index("uq_data_keys_active", table_name="data_keys", sqlite_where=ACTIVE, postgresql_where=ACTIVE)
    op.drop_table("data_keys")
