"""A CSV file as a spreadsheet writes it: its encoding, its separator, its columns and rows.

UTF-8 with or without a mark at its start, or the spreadsheet's cp1252; commas, semicolons or tabs.
"""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from rapidfuzz import process

from care.rules.patient_cells import is_day_first
from care.rules.patient_row import columns, is_column, is_date

SEPARATORS = ",;\t"
REPORTED = ("row", "what_to_write")
"""Columns that a report of refused rows has besides: mended, it is a file to import."""
BLOCK = 1 << 20
LONGEST_LINE = 1 << 20
"""Letters: a line is read whole, and one without end would fill the memory."""


class FileProblem(ValueError):
    """The file as a whole can't be read; the message is a sentence that says what to do."""


@dataclass(frozen=True)
class Columns:
    """What the headings of a kind of file may be."""

    are: Callable[[str], bool]
    names: tuple[str, ...]
    is_date: Callable[[str], bool]
    page: str
    """Where they are listed."""
    each: str
    """What a row speaks of."""


PEOPLE = Columns(is_column, tuple(columns()), is_date, "docs/people.md", "person")


@dataclass(frozen=True)
class Sheet:
    """A file that was looked through once: it can be read to its end."""

    path: Path
    encoding: str
    separator: str
    skipped: int
    """Lines before the heading: a spreadsheet's `sep=;`."""
    heading: tuple[str, ...]
    columns: tuple[str, ...]
    """The headings as this code names them."""
    rows: int
    day_first_row: int | None
    """The first row that has a date with its day before the month."""


@dataclass(frozen=True)
class SheetRow:
    """One row; `place` is the number that the spreadsheet shows at its side."""

    place: int
    cells: tuple[str, ...]


def open_sheet(path: Path, of: Columns = PEOPLE) -> Sheet:
    """Look through a file. Raises FileProblem."""
    if not path.is_file():
        raise FileProblem("There is no such file: give the path of a CSV file.")
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline(LONGEST_LINE)
        skipped = int(bool(re.fullmatch(r'"?sep=[,;\t]"?\s*', first, re.IGNORECASE)))
        line = file.readline(LONGEST_LINE) if skipped else first
    separator = max(SEPARATORS, key=line.count)
    sheet = Sheet(path, encoding, separator, skipped, (), (), 0, None)
    heading: tuple[str, ...] | None = None
    named: tuple[str, ...] = ()
    count, day_first = 0, None
    for row in rows(sheet):
        if heading is None:
            heading = row.cells
            named = _columns(heading, of)
            continue
        if len(row.cells) > len(named) and any(cell.strip() for cell in row.cells[len(named) :]):
            raise FileProblem(
                f"Row {row.place} has more cells than there are columns: put quotation marks around what holds"
                " a separator."
            )
        count += 1
        if day_first is None and any(
            of.is_date(column) and is_day_first(cell) for column, cell in zip(named, row.cells, strict=False)
        ):
            day_first = row.place
    if heading is None:
        raise FileProblem(f"The file is empty: write a row of column names, and a row for each {of.each}.")
    return Sheet(path, encoding, separator, skipped, heading, named, count, day_first)


def people_rows(sheet: Sheet) -> Iterator[SheetRow]:
    """Every row below the heading that has anything in it."""
    below = rows(sheet)
    next(below)
    return below


def rows(sheet: Sheet) -> Iterator[SheetRow]:
    with _reading(sheet) as reader:
        place = sheet.skipped
        try:
            for cells in reader:
                place += 1
                if any(cell.strip() for cell in cells):
                    yield SheetRow(place, tuple(cells))
        except csv.Error as error:
            raise FileProblem(
                f"Row {place + 1} can't be read as CSV ({error}): save the file again from the spreadsheet as CSV."
            ) from None


def as_cells(sheet: Sheet, row: SheetRow) -> dict[str, str]:
    """Column → text, without empty cells: they say nothing of a person."""
    pairs = zip(sheet.columns, row.cells, strict=False)
    return {column: cell for column, cell in pairs if column not in REPORTED and cell.strip()}


@contextmanager
def _reading(sheet: Sheet) -> Iterator[Iterator[list[str]]]:
    file: TextIO
    with sheet.path.open(encoding=sheet.encoding, newline="") as file:
        for _ in range(sheet.skipped):
            file.readline()
        yield csv.reader(_lines(file), delimiter=sheet.separator, strict=True)


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise FileProblem("A line of the file has no end: save it again from the spreadsheet as CSV.")
        yield line


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "cp1252"):
        if _is_readable(path, encoding):
            return encoding
    raise FileProblem('The file is not text in UTF-8: save it from the spreadsheet as "CSV UTF-8".')


def _is_readable(path: Path, encoding: str) -> bool:
    decoder = getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                if "\0" in decoder.decode(block):
                    return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _columns(heading: tuple[str, ...], of: Columns) -> tuple[str, ...]:
    named = tuple(re.sub(r"[\s\-]+", "_", one.strip().casefold()) for one in heading)
    for place, (column, written) in enumerate(zip(named, heading, strict=True), 1):
        if column and column not in REPORTED and not of.are(column):
            if near := process.extractOne(column, of.names, score_cutoff=70):
                raise FileProblem(f"There is no column {written.strip()!r}: did you mean {near[0]}?")
            # Not repeated: in a file without a heading it is what stands of its first person.
            raise FileProblem(
                f"The first row names the columns, and its cell {place} is no name of one:"
                f" {of.page} lists them."
            )
    twice = {column for column in named if column and named.count(column) > 1}
    if twice:
        raise FileProblem(f"Column {sorted(twice)[0]} is there twice: take out one of the two.")
    return named
