"""For every test: the order, so that what is quick to fail fails first; the databases, of each kind that we run on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.databases import KINDS, Databases, Maker, PostgresqlDatabases, SqliteFiles

TESTS = Path(__file__).parent
SLOW_LAST = ("phonelab", "voice", "deploy", "browser", "end_to_end")
"""Folders that take seconds rather than milliseconds, the slowest last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by folder only: within one, files and tests keep their order."""
    items.sort(key=lambda item: _slowness(item.path))


def _slowness(path: Path) -> int:
    room = path.relative_to(TESTS).parts[0] if path.is_relative_to(TESTS) else ""
    return SLOW_LAST.index(room) + 1 if room in SLOW_LAST else 0


_run = pytest.StashKey[Path | None]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_run] = servers.open_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if folder := config.stash.get(_run, None):
        servers.close_run(folder)


@pytest.fixture(scope="session")
def addresses() -> servers.Addresses:
    """PostgreSQL and Redis of this run. Where they can't be had the test skips, but never in CI."""
    try:
        return servers.addresses()
    except servers.Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def makers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Maker]:
    """What makes databases of a kind, once it was asked for."""
    return {"sqlite": SqliteFiles(tmp_path_factory.mktemp("databases"))}


@pytest.fixture(scope="session")
def templates() -> dict[tuple[str, str], str]:
    """Filled databases, by kind and name."""
    return {}


@pytest.fixture(params=KINDS)
def databases(
    request: pytest.FixtureRequest, makers: dict[str, Maker], templates: dict[tuple[str, str], str]
) -> Iterator[Databases]:
    """Whatever uses this runs on each kind of database."""
    kind = request.param
    if kind not in makers:
        makers[kind] = PostgresqlDatabases(request.getfixturevalue("addresses"))
    made = Databases(kind, makers[kind], templates)
    yield made
    made.drop_all()
