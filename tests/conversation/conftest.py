"""The day on which a test happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conversation.clinic_day import Day, Premises


@pytest.fixture(scope="session")
def premises(tmp_path_factory: pytest.TempPathFactory) -> Premises:
    return Premises(tmp_path_factory.mktemp("premises"))


@pytest.fixture
def day(premises: Premises, tmp_path: Path) -> Iterator[Day]:
    with premises.day(tmp_path) as made:
        yield made
