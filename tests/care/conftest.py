"""A database with the tables and nobody in it, copied for each test; and a clinic in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from records import Base, Database
from records.sealing import use
from tests.care.clinic import Clinic

KEY = b"a key that is used in tests only"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "careline.sqlite3"
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    database.close()
    return path


@pytest.fixture
def open_again(empty: Path, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Opens the database of this test, as each process does for itself."""
    use(KEY)
    shutil.copy(empty, tmp_path / "careline.sqlite3")
    opened: list[Database] = []

    def open_one() -> Database:
        opened.append(Database(f"sqlite:///{tmp_path / 'careline.sqlite3'}"))
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def clinic(open_again: Callable[[], Database]) -> Clinic:
    return Clinic(open_again())
