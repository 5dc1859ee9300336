"""A database with a clinic in it, made once and copied for each test."""

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
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    use(KEY)
    path = tmp_path_factory.mktemp("founded") / "careline.sqlite3"
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    Clinic.found(database)
    database.close()
    return path


@pytest.fixture
def open_again(founded: Path, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Opens the database of this test, as each process does for itself."""
    use(KEY)
    shutil.copy(founded, tmp_path / "careline.sqlite3")
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
