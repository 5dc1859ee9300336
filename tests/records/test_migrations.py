"""Migrations make the tables that the code has, can be taken back, and made again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from records import Base, Database
from records.migrating import MIGRATIONS, config, downgrade, upgrade
from tests.databases import Databases


def _differences(database: Database) -> list[object]:
    """What a new migration would have to do; indexes with their conditions too."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, Base.metadata)


IN_SQLITE = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
IN_POSTGRESQL = """
    SELECT indexdef AS sql FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT conname || ': ' || pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
      || coalesce(column_default, '') FROM information_schema.columns WHERE table_schema = 'public'
    ORDER BY sql
"""


def _schema(database: Database) -> list[str]:
    with database.reading() as connection:
        found = connection.execute(text(IN_SQLITE if database.is_sqlite else IN_POSTGRESQL))
        return [" ".join(row.sql.replace('"', "").split()) for row in found]


def test_up_down_and_up_again(opened: Callable[[], Database]) -> None:
    database = opened()
    upgrade(database)
    assert _differences(database) == []
    first = _schema(database)
    downgrade(database, "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    upgrade(database)
    assert _differences(database) == []
    assert _schema(database) == first


def test_a_second_upgrade_changes_nothing_and_loses_nothing(opened: Callable[[], Database]) -> None:
    database = opened()
    upgrade(database)
    with database.writing() as connection:
        connection.execute(text("INSERT INTO counters VALUES ('late turns', '2026-11-21', 3)"))
    upgrade(database)
    with database.reading() as connection:
        assert connection.execute(text("SELECT count FROM counters")).scalar() == 3


def _indexes(schema: list[str]) -> list[str]:
    ours = (sql for sql in schema if "alembic_version" not in sql)
    return sorted(sql for sql in ours if sql.startswith("CREATE") and "INDEX" in sql)


def test_indexes_and_their_conditions_are_those_of_the_models(databases: Databases) -> None:
    """A comparison by Alembic does not look at the WHERE of an index; one open text for each number rests on it."""
    migrated, made = (Database(databases.empty()) for _ in range(2))
    try:
        upgrade(migrated)
        Base.metadata.create_all(made.engine)
        assert _indexes(_schema(migrated)) == _indexes(_schema(made))
        only_open = re.compile("WHERE .*channel.* = 'text'.* AND .*state.* = 'open'")
        assert any(only_open.search(sql) for sql in _indexes(_schema(migrated)))
    finally:
        migrated.close()
        made.close()


def test_every_migration_can_be_taken_back_by_itself(opened: Callable[[], Database]) -> None:
    database = opened()
    scripts = ScriptDirectory.from_config(config(database))
    for script in reversed(list(scripts.walk_revisions())):
        upgrade(database, script.revision)
        downgrade(database, script.down_revision or "base")  # type: ignore[arg-type]
        upgrade(database, script.revision)
    assert _differences(database) == []


def test_there_is_one_head_and_every_file_is_on_the_way_to_it(opened: Callable[[], Database]) -> None:
    scripts = ScriptDirectory.from_config(config(opened()))
    assert len(scripts.get_heads()) == 1
    files = set((MIGRATIONS / "versions").glob("*.py"))
    assert {Path(script.path) for script in scripts.walk_revisions()} == files


def test_a_failed_migration_leaves_the_tables_as_they_were(opened: Callable[[], Database]) -> None:
    database = opened()
    upgrade(database)
    before = _schema(database)
    with pytest.raises(Exception, match="nowhere"):
        downgrade(database, "nowhere")
    assert _schema(database) == before
