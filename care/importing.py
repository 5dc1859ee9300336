"""People who come in by a CSV file: read, compared with who is known, written in batches of short commits.

A row with a mistake is left out and named; the others come in. The same file again changes nothing: a person is known
by her record number, else by name, birth date and number together. Nobody is merged: likely duplicates are kept
for a person. A dry run goes the same way and writes nothing.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from care import audit, duplicates, patient_rows, patients
from care.duplicates import People, Person
from care.importing_file import REPORTED, Sheet, SheetRow, as_cells, open_sheet, people_rows
from care.rules.likeness import Likeness, are_like
from care.rules.patient_cells import Terms
from care.rules.patient_fields import Fields, NotUnderstood, Problem, read_fields
from records import Database

BATCH = 250
"""Rows of one commit: on SQLite everybody else's turn waits for it, a third of a second."""
ANOTHER = Problem(
    "record_number",
    "This record number belongs to somebody with another name and birth date: write the right one,"
    " or correct her in the console first.",
)


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


@dataclass(frozen=True)
class Planned:
    """A row that can come in, and whom it speaks of: a new person where she has no id."""

    fields: Fields
    person: Person


@dataclass(frozen=True)
class Import:
    """One run over a file."""

    database: Database
    clinic_id: int
    by: str
    now: datetime
    dry_run: bool
    terms: Terms
    people: People
    report: Report
    pairs: set[tuple[Any, Any]]
    refuse: Callable[[SheetRow, Sequence[Problem]], None]


def import_people(
    database: Database,
    *,
    clinic_id: int,
    path: Path,
    by: str,
    now: datetime,
    dry_run: bool = False,
    all_or_nothing: bool = False,
    refused: Path | None = None,
    on_problem: Callable[[int, Problem], None] = lambda row, problem: None,
    on_progress: Callable[[int, int], None] = lambda done, all_rows: None,
) -> Report:
    """Take in the people of a file. Raises FileProblem where it can't be read at all, before anything is written.

    With `all_or_nothing` a first pass looks for mistakes; where it finds one, nothing comes in. `refused` gets
    the rows that were left out, readable by its owner alone.
    """
    sheet = open_sheet(path)
    if all_or_nothing and not dry_run:
        found = _run(database, clinic_id, sheet, by, now, True, None, lambda *_: None, lambda *_: None)
        dry_run = found.refused > 0
    return _run(database, clinic_id, sheet, by, now, dry_run, refused, on_problem, on_progress)


def _run(
    database: Database,
    clinic_id: int,
    sheet: Sheet,
    by: str,
    now: datetime,
    dry_run: bool,
    refused: Path | None,
    on_problem: Callable[[int, Problem], None],
    on_progress: Callable[[int, int], None],
) -> Report:
    report = Report(rows=sheet.rows)
    with ExitStack() as open_files:
        write = open_files.enter_context(_Refusals(refused, sheet)) if refused else None

        def refuse(row: SheetRow, problems: Sequence[Problem]) -> None:
            report.refused += 1
            for problem in problems:
                on_problem(row.place, problem)
            if write:
                write(row, problems)

        with database.reading() as connection:
            terms = replace(patients.terms_of(connection, clinic_id, now), day_first_row=sheet.day_first_row)
            people = duplicates.everyone(connection, clinic_id)
            pairs: set[tuple[Any, Any]] = {*duplicates.known_pairs(connection, clinic_id)}
        run = Import(database, clinic_id, by, now, dry_run, terms, people, report, pairs, refuse)
        done = 0
        below = people_rows(sheet)
        while batch := list(islice(below, BATCH)):
            _take_in(run, sheet, batch)
            done += len(batch)
            on_progress(done, sheet.rows)
    return report


def _take_in(run: Import, sheet: Sheet, batch: Sequence[SheetRow]) -> None:
    """Read a batch of rows, then write it in one commit; in a dry run, only see what it would change."""
    planned = [plan for row in batch if (plan := _plan(run, sheet, row))]
    with run.database.reading() if run.dry_run else run.database.writing() as connection:
        old = [plan for plan in planned if plan.person.id is not None]
        ids = [plan.person.id for plan in old if plan.person.id is not None]
        known = patient_rows.known(connection, run.clinic_id, ids) if ids else {}
        changed = []
        for plan in old:
            one = known[plan.person.id or 0]
            if words := patients.differences(one, plan.fields):
                changed.append((plan, one, words))
                _describe_again(run.people, plan, one)
        new = [plan for plan in planned if plan.person.id is None]
        if not run.dry_run:
            _write(run, connection, new, changed)
        _count(run.report, len(new), len(old), [words for _, _, words in changed])
        _keep_pairs(run, connection, [*new, *(plan for plan, _, _ in changed)])


def _plan(run: Import, sheet: Sheet, row: SheetRow) -> Planned | None:
    """What a row says and of whom; None where it was refused or speaks of somebody who is closed."""
    try:
        fields = read_fields(as_cells(sheet, row), run.terms)
    except NotUnderstood as error:
        run.refuse(row, error.problems)
        return None
    likeness = duplicates.likeness_of(fields)
    person = run.people.with_record(likeness.record_number) if likeness.record_number else None
    if (
        person
        and not are_like(person.likeness.name, likeness.name)
        and (person.likeness.birth_date != likeness.birth_date)
    ):
        run.refuse(row, [ANOTHER])
        return None
    person = person or run.people.same(likeness)
    if person is None:
        person = Person(likeness, row=row.place)
        run.people.add(person)
        return Planned(fields, person)
    if person.row is not None:
        column = "record_number" if likeness.record_number else "name"
        run.refuse(row, [Problem(column, f"Row {person.row} is about the same person: keep one of the two.")])
        return None
    person.row = row.place
    if person.status == "closed":
        run.report.closed += 1
        return None
    return Planned(fields, person)


def _describe_again(people: People, plan: Planned, one: patient_rows.Known) -> None:
    """What a row did not say of her stays: her record number, her proxies' numbers."""
    new = duplicates.likeness_of(plan.fields)
    was = plan.person.likeness
    numbers = new.numbers if plan.fields.proxies is not None else new.numbers | was.numbers
    people.replace(
        plan.person, Likeness(new.name, new.birth_date, numbers, new.record_number or was.record_number)
    )


def _write(
    run: Import,
    connection: Connection,
    new: Sequence[Planned],
    changed: Sequence[tuple[Planned, patient_rows.Known, list[str]]],
) -> None:
    ids = patient_rows.add(
        connection,
        run.clinic_id,
        [plan.fields for plan in new],
        timezone=run.terms.timezone,
        by="import",
        now=run.now,
    )
    for plan, patient in zip(new, ids, strict=True):
        plan.person.id = patient
    patient_rows.change(
        connection,
        run.clinic_id,
        [(one, plan.fields, words) for plan, one, words in changed],
        by="import",
        now=run.now,
    )
    noted = [(patient, "patient") for patient in ids]
    noted += [(one.patient.id, ",".join(words)) for _, one, words in changed]
    for patient, about in noted:
        audit.note(
            run.database, connection, by=run.by, did="imported", now=run.now, clinic_id=run.clinic_id,
            patient_id=patient, about=about,
        )  # fmt: skip


def _count(report: Report, new: int, old: int, changes: Sequence[Sequence[str]]) -> None:
    report.new += new
    report.changed += len(changes)
    report.unchanged += old - len(changes)
    for words in changes:
        for word in words:
            report.fields[word] = report.fields.get(word, 0) + 1


def _keep_pairs(run: Import, connection: Connection, planned: Sequence[Planned]) -> None:
    found: dict[tuple[Any, Any], list[str]] = {}
    for plan in planned:
        for other, why in run.people.like(plan.person):
            # In a dry run the new have no ids: the rows of the file stand for them.
            pair = _pair(plan.person, other)
            if pair not in run.pairs:
                run.pairs.add(pair)
                found[pair] = why
    run.report.pairs += len(found)
    if found and not run.dry_run:
        duplicates.keep(run.database, connection, run.clinic_id, found, run.now)


def _pair(one: Person, other: Person) -> tuple[Any, Any]:
    names = sorted((0, person.id) if person.id is not None else (1, person.row) for person in (one, other))
    if all(kind == 0 for kind, _ in names):
        return names[0][1], names[1][1]
    return names[0], names[1]


class _Refusals:
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
