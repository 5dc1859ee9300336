"""Databases in files, each test its own; the key of the process is the one that tests set."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from records import Base, Database
from records.sealing import use
from tests.conversation.conftest import furnished, premises  # noqa: F401 (fixtures)
from tests.databases import Databases

KEY = b"a key that is used in tests only"
OTHER_KEY = b"another key that tests can use.."


@pytest.fixture(autouse=True)
def key() -> Iterator[None]:
    use(KEY)
    yield
    use(KEY)


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.empty()


@pytest.fixture
def opened(url: str) -> Iterator[Callable[[], Database]]:
    """Opens the database of this test, as each process does for itself."""
    databases: list[Database] = []

    def open_one() -> Database:
        databases.append(Database(url))
        return databases[-1]

    yield open_one
    for database in databases:
        database.close()


@pytest.fixture
def database(opened: Callable[[], Database]) -> Database:
    """With its tables, and nobody in it."""
    made = opened()
    Base.metadata.create_all(made.engine)
    return made
