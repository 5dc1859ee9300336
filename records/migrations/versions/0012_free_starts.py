"""scheduling: free starts are found by the kind of visit"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

FREE_MINUTES = {"audio": "free_minutes", "video": "free_minutes", "in_person": "room_minutes"}


def upgrade() -> None:
    op.drop_index("ix_openings_free", "openings")
    for kind, minutes in FREE_MINUTES.items():
        free = sa.text(f"{kind} AND {minutes} > 0")
        op.create_index(
            f"ix_openings_{kind}",
            "openings",
            ["clinician_id", "unit", minutes, kind],
            unique=False,
            sqlite_where=free,
            postgresql_where=free,
        )


def downgrade() -> None:
    for kind in FREE_MINUTES:
        op.drop_index(f"ix_openings_{kind}", "openings")
    free = sa.text("free_minutes > 0")
    op.create_index(
        "ix_openings_free",
        "openings",
        ["clinician_id", "unit"],
        unique=False,
        sqlite_where=free,
        postgresql_where=free,
    )
