"""call back: what a clinic does about missed calls"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("clinics", sa.Column("call_back", sa.String(), server_default="off", nullable=False))


def downgrade() -> None:
    op.drop_column("clinics", "call_back")
