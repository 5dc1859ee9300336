"""A database with a clinic in it, made once and copied for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from records import Database
from records.migrating import upgrade
from records.sealing import use
from records.taking_up import take_up
from tests.care.clinic import Clinic
from tests.databases import Databases

KEY = b"a key that is used in tests only"


def _found(database: Database) -> None:
    upgrade(database)
    Clinic.found(database)


@pytest.fixture
def open_again(databases: Databases) -> Iterator[Callable[[], Database]]:
    """Opens the database of this test, as each process does for itself."""
    use(KEY)
    url = databases.copy("founded", _found)
    opened: list[Database] = []

    def open_one() -> Database:
        opened.append(Database(url))
        take_up(opened[-1])
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def clinic(open_again: Callable[[], Database]) -> Clinic:
    return Clinic(open_again())
