"""costs: the price of each row of the outbox, the sums of each month, a clinic's budget"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("price", sa.BigInteger(), nullable=True))
    op.add_column("clinics", sa.Column("month_budget", sa.BigInteger(), nullable=True))
    op.create_table(
        "spending",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_spending_clinic_id")),
        sa.PrimaryKeyConstraint(
            "clinic_id", "month", "kind", "channel", "language", "part", name=op.f("pk_spending")
        ),
    )


def downgrade() -> None:
    op.drop_table("spending")
    op.drop_column("clinics", "month_budget")
    op.drop_column("outbox", "price")
