"""audit: who saw or changed what of whom, in chains; triggers refuse every change of what stands there"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

CHAINS = 8
REFUSED = "the audit is never changed"
SQLITE = {
    "audit_no_update": "BEFORE UPDATE ON audit",
    "audit_no_delete": "BEFORE DELETE ON audit",
    "audit_heads_no_delete": "BEFORE DELETE ON audit_heads",
    "audit_heads_only_rise": "BEFORE UPDATE ON audit_heads WHEN NEW.chain <> OLD.chain OR NEW.count <= OLD.count",
}
POSTGRESQL = {
    "audit_no_change": "BEFORE UPDATE OR DELETE ON audit FOR EACH ROW",
    "audit_no_truncate": "BEFORE TRUNCATE ON audit FOR EACH STATEMENT",
    "audit_heads_no_delete": "BEFORE DELETE ON audit_heads FOR EACH ROW",
    "audit_heads_no_truncate": "BEFORE TRUNCATE ON audit_heads FOR EACH STATEMENT",
    "audit_heads_only_rise": (
        "BEFORE UPDATE ON audit_heads FOR EACH ROW WHEN (NEW.chain <> OLD.chain OR NEW.count <= OLD.count)"
    ),
}


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("chain", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_patient", "audit", ["patient_id"], unique=False)
    op.create_index("ix_audit_chain", "audit", ["chain", "place"], unique=False)
    heads = op.create_table(
        "audit_heads",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_heads")),
    )
    op.bulk_insert(heads, [{"chain": chain, "count": 0, "mac": bytes(32)} for chain in range(1, CHAINS + 1)])
    _guard()


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, when in SQLITE.items():
            op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")
        return
    op.execute(
        "CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
    )
    for name, when in POSTGRESQL.items():
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION audit_refuses()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, when in (SQLITE if sqlite else POSTGRESQL).items():
        table = when.split(" ON ")[1].split()[0]
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
    if not sqlite:
        op.execute("DROP FUNCTION audit_refuses()")
    op.drop_table("audit_heads")
    op.drop_index("ix_audit_chain", table_name="audit")
    op.drop_index("ix_audit_patient", table_name="audit")
    op.drop_table("audit")
