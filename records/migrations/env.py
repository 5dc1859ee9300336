"""Alembic's way in: runs migrations on the engine that `records.migrating` hands over."""

from typing import Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from records import Base


def plain_type(kind: str, item: object, autogen: object) -> str | Literal[False]:
    """Migrations name the database's own types: they outlive our decorators."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


engine = context.config.attributes["engine"]
with engine.begin() as connection:
    if connection.dialect.name == "postgresql":
        # Two who upgrade at once do it one after the other. A change of a large table may take its time.
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('careline migrations', 0))")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=False,
        render_item=plain_type,
    )
    context.run_migrations()
