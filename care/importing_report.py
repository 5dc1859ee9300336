"""What an import did: counts, and the rows that it left out."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from care.importing_file import REPORTED, Sheet, SheetRow
from care.rules.patient_fields import Problem


@dataclass
class Report:
    """What an import did, or a dry run would do."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    """Known and no longer with the clinic: left as they are."""
    refused: int = 0
    pairs: int = 0
    """Likely duplicates that nobody has seen before."""
    fields: dict[str, int] = field(default_factory=dict)
    """How often each thing was changed of somebody who was known."""


class Refusals:
    """A file of refused rows: their place, what to write, and their cells as they were."""

    def __init__(self, path: Path, sheet: Sheet) -> None:
        self.path, self.sheet = path, sheet

    def __enter__(self) -> Callable[[SheetRow, Sequence[Problem]], None]:
        self.path.unlink(missing_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self.file = os.fdopen(handle, "w", encoding="utf-8-sig", newline="")
        self.kept = [place for place, column in enumerate(self.sheet.columns) if column not in REPORTED]
        self.writer = csv.writer(self.file, delimiter=self.sheet.separator)
        self.writer.writerow([*REPORTED, *(self.sheet.heading[place] for place in self.kept)])
        return self.write

    def write(self, row: SheetRow, problems: Sequence[Problem]) -> None:
        cells = dict(enumerate(row.cells))
        says = " ".join(f"{problem.column}: {problem.says}" for problem in problems)
        self.writer.writerow([row.place, says, *(cells.get(place, "") for place in self.kept)])

    def __exit__(self, *error: object) -> None:
        self.file.close()
