"""Migrations make the tables that the code has, can be taken back, and made again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from records import Base, Database
from records.migrating import MIGRATIONS, config, downgrade, upgrade


def _differences(database: Database) -> list[object]:
    """What a new migration would have to do; indexes with their conditions too."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, Base.metadata)


def _schema(database: Database) -> list[str]:
    with database.reading() as connection:
        found = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"))
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
    return sorted(sql for sql in schema if sql.startswith("CREATE") and "INDEX" in sql)


def test_indexes_and_their_conditions_are_those_of_the_models(tmp_path: Path) -> None:
    """A comparison by Alembic does not look at the WHERE of an index; one open text for each number rests on it."""
    migrated, made = (Database(f"sqlite:///{tmp_path / name}") for name in ("migrated", "made"))
    try:
        upgrade(migrated)
        Base.metadata.create_all(made.engine)
        assert _indexes(_schema(migrated)) == _indexes(_schema(made))
        assert any("channel = 'text' AND state = 'open'" in sql for sql in _schema(migrated))
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
