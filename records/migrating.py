"""Bringing a database to the tables of this version, and back: Alembic, without a file of settings."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from records import taking_up
from records.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Make what is missing, its keys too. Raises WrongKey, before anything is changed."""
    taking_up.check(database)
    command.upgrade(config(database), revision)
    taking_up.take_up(database)


def downgrade(database: Database, revision: str) -> None:
    command.downgrade(config(database), revision)


def config(database: Database) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["engine"] = database.engine
    return made
