"""For every test: the order, so that what is quick to fail fails first."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SLOW_LAST = ("phonelab", "voice", "deploy", "browser", "end_to_end")
"""Folders that take seconds rather than milliseconds, the slowest last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by folder only: within one, files and tests keep their order."""
    items.sort(key=lambda item: _slowness(item.path))


def _slowness(path: Path) -> int:
    room = path.relative_to(TESTS).parts[0] if path.is_relative_to(TESTS) else ""
    return SLOW_LAST.index(room) + 1 if room in SLOW_LAST else 0
