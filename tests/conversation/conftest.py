"""The day on which a test happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from app import furnish
from conversation.house import House
from settings import Settings
from tests.conversation.clinic_day import Day, Premises, environment
from tests.databases import Databases

# Each example has a day, and so a database, of its own: what a test shares among its examples is only where from.
settings.register_profile("days", suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("days")


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The house with its languages and flows: what takes long to make, and is the same on every day."""
    made = furnish(Settings.from_environ(environment(tmp_path_factory.mktemp("premises"))))
    made.database.close()
    return made


@pytest.fixture
def premises(furnished: House, databases: Databases) -> Premises:
    return Premises(furnished, databases)


@pytest.fixture
def day(premises: Premises, tmp_path: Path) -> Iterator[Day]:
    with premises.day(tmp_path) as made:
        yield made
