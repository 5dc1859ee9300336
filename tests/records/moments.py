"""A moment for rows that need one."""

from datetime import UTC, datetime

NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
