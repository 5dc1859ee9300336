"""Visits as CSV: the columns that an import reads, times on the clock that was meant with their distance from UTC."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from care.scheduling.schedule_rows import FORMULA

COLUMNS = (
    "uid", "sequence", "record_number", "name", "clinician", "starts", "ends", "time_zone", "kind", "reason", "place",
    "interpreter", "state", "series",
)  # fmt: skip


class CsvWriter:
    def __init__(self, file: IO[str]) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(COLUMNS)

    def visit(self, one: Any, name: str | None) -> None:
        row, zone = one.row, ZoneInfo(one.timezone)
        self._writer.writerow(
            [
                _plain(one.uid), row.sequence, _plain(row.record_number), _plain(name), _plain(one.clinician),
                _local(row.starts_at, zone), _local(row.ends_at, zone), one.timezone, row.visit_kind, row.reason,
                _plain(row.place_name), row.interpreter, row.state, _plain(row.series),
            ]
        )  # fmt: skip

    def end(self) -> None:
        """A sheet just ends."""


def _local(at: datetime, zone: ZoneInfo) -> str:
    """ "2026-11-01T01:30-05:00": the hour that comes twice when clocks go back is told apart."""
    return at.astimezone(zone).isoformat(timespec="minutes")


def _plain(text: str | None) -> str:
    """Text that a spreadsheet would work out is kept from it by a quotation mark, which an import takes away."""
    return f"'{text}" if text and text.startswith(FORMULA) else text or ""
