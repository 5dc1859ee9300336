"""A clinic with a schedule."""

from __future__ import annotations

import pytest

from tests.care.clinic import Clinic
from tests.care.scheduling.schedule import Schedule


@pytest.fixture
def schedule(clinic: Clinic) -> Schedule:
    return Schedule(clinic)
