"""Likely duplicates: everyone of a clinic compared, and pairs kept for a person to decide on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from care import audit, names
from care.patient_rows import record_number_hash
from care.rules.likeness import Likeness, is_same, why_one
from care.rules.name_words import words_of
from care.rules.patient_fields import Fields
from care.rules.record_numbers import bare
from records import Database
from records.duplicates import DuplicatePair
from records.patients import Patient, PatientNumber, Proxy
from records.sealing import hashed


@dataclass(eq=False)
class Person:
    """One of a clinic's people while they are compared: `id` is nothing as long as a row is not written."""

    likeness: Likeness
    id: int | None = None
    status: str = "active"
    merged_into: int | None = None
    row: int | None = None
    """Of the file that is being read, where it spoke of her."""


@dataclass
class People:
    """A clinic's people by what makes two of them likely one. Some 500 bytes each."""

    clinic_id: int
    by_id: dict[int, Person] = field(default_factory=dict)
    by_record: dict[str, Person] = field(default_factory=dict)
    by_bare_record: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_birth_date: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))

    def add(self, person: Person) -> None:
        if person.id is not None:
            self.by_id[person.id] = person
        if record := person.likeness.record_number:
            self.by_record[str(record_number_hash(self.clinic_id, record))] = person
            self.by_bare_record[bare(record)].append(person)
        self.by_birth_date[person.likeness.birth_date].append(person)

    def replace(self, person: Person, likeness: Likeness) -> None:
        """She is described otherwise now."""
        self.by_birth_date[person.likeness.birth_date].remove(person)
        if person.likeness.record_number:
            self.by_bare_record[bare(person.likeness.record_number)].remove(person)
        person.likeness = likeness
        self.add(person)

    def with_record(self, record_number: str) -> Person | None:
        """Whoever has this record number; where she was merged, the one she is now."""
        person = self.by_record.get(str(record_number_hash(self.clinic_id, record_number)))
        while person and person.merged_into is not None:
            person = self.by_id.get(person.merged_into)
        return person

    def same(self, likeness: Likeness) -> Person | None:
        """Whoever has this name, birth date and number, unless another record number tells the two apart."""
        for person in self.by_birth_date[likeness.birth_date]:
            two_records = likeness.record_number and person.likeness.record_number
            if person.status != "merged" and not two_records and is_same(person.likeness, likeness):
                return person
        return None

    def like(self, person: Person) -> Iterator[tuple[Person, list[str]]]:
        """Others who may be the same person, and why."""
        mine = person.likeness
        others = [*self.by_birth_date[mine.birth_date]]
        if mine.record_number:
            others += self.by_bare_record[bare(mine.record_number)]
        for other in dict.fromkeys(others):
            if other is not person and other.status != "merged" and (why := why_one(mine, other.likeness)):
                yield other, why


def everyone(connection: Connection, clinic_id: int) -> People:
    """All of a clinic's people: two statements."""
    return _people(connection, clinic_id, Patient.clinic_id == clinic_id)


def likeness_of(fields: Fields) -> Likeness:
    """Of a whole row."""
    reached = [*(fields.numbers or ()), *(fields.proxies or ())]
    numbers = frozenset(hashed(one["number"]) for one in reached)
    values = fields.values
    return Likeness(values["name"], values["birth_date"], numbers, values.get("record_number"))


def look(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    now: datetime,
    only: Iterable[int] | None = None,
) -> int:
    """Compare a clinic's people, or `only` these with those who share a number or a word of the name.

    Likely pairs that nobody has seen are kept. How many they are.
    """
    if only is None:
        people = everyone(connection, clinic_id)
        new = list(people.by_id.values())
    else:
        ids = list(only)
        people = _people(connection, clinic_id, Patient.id.in_(_near(connection, clinic_id, ids)))
        new = [people.by_id[one] for one in ids if one in people.by_id]
    pairs = {
        pair: why
        for person in new
        if person.status != "merged"
        for other, why in people.like(person)
        if (pair := ordered(person, other))
    }
    return keep(database, connection, clinic_id, pairs, now)


def ordered(one: Person, other: Person) -> tuple[int, int]:
    assert one.id is not None
    assert other.id is not None
    return min(one.id, other.id), max(one.id, other.id)


def keep(
    database: Database,
    connection: Connection,
    clinic_id: int,
    pairs: dict[tuple[int, int], list[str]],
    now: datetime,
) -> int:
    """Write the pairs that are not known; a pair that somebody decided on is not asked about again."""
    known = known_pairs(connection, clinic_id)
    rows = [
        {"clinic_id": clinic_id, "first_id": pair[0], "second_id": pair[1], "why": why, "found_at": now}
        for pair, why in pairs.items()
        if pair not in known
    ]
    if rows:
        connection.execute(database.insert_once(DuplicatePair), rows)
    return len(rows)


def known_pairs(connection: Connection, clinic_id: int) -> set[tuple[int, int]]:
    found = connection.execute(
        select(DuplicatePair.first_id, DuplicatePair.second_id).where(DuplicatePair.clinic_id == clinic_id)
    )
    return {(row.first_id, row.second_id) for row in found}


def not_the_same(
    database: Database, connection: Connection, *, clinic_id: int, pair_id: int, by: str, now: datetime
) -> bool:
    """A person has looked, and they are two. False where the pair is not an open one of this clinic."""
    decided = connection.execute(
        update(DuplicatePair)
        .where(
            DuplicatePair.id == pair_id, DuplicatePair.clinic_id == clinic_id, DuplicatePair.state == "open"
        )
        .values(state="not_the_same", decided_by=by, decided_at=now)
        .returning(DuplicatePair.first_id, DuplicatePair.second_id)
    ).first()
    if decided is None:
        return False
    for patient in decided:
        audit.note(
            database, connection, by=by, did="not_the_same", now=now, clinic_id=clinic_id, patient_id=patient,
            about=f"pair:{pair_id}",
        )  # fmt: skip
    return True


def _near(connection: Connection, clinic_id: int, ids: list[int]) -> list[int]:
    """These, and whoever shares a number or the longest word of a name with one of them."""
    here = select(PatientNumber.number_hash).where(PatientNumber.patient_id.in_(ids))
    theirs = select(Proxy.number_hash).where(Proxy.patient_id.in_(ids))
    found = {*ids}
    for table in (PatientNumber, Proxy):
        found |= set(
            connection.scalars(
                select(table.patient_id).where(
                    table.clinic_id == clinic_id,
                    or_(table.number_hash.in_(here), table.number_hash.in_(theirs)),
                )
            )
        )
    for name in connection.scalars(select(Patient.name).where(Patient.id.in_(ids))):
        found |= set(names.find_by_name(connection, clinic_id, max(words_of(name), key=len)))
    return list(found)


def _people(connection: Connection, clinic_id: int, which: object) -> People:
    numbers: dict[int, set[str]] = defaultdict(set)
    for table in (PatientNumber, Proxy):
        for row in connection.execute(
            select(table.patient_id, table.number_hash)
            .join(Patient, Patient.id == table.patient_id)
            .where(Patient.clinic_id == clinic_id, which)  # type: ignore[arg-type]
        ):
            numbers[row.patient_id].add(row.number_hash)
    people = People(clinic_id)
    for patient in connection.execute(
        select(
            Patient.id,
            Patient.name,
            Patient.birth_date,
            Patient.record_number,
            Patient.status,
            Patient.merged_into,
        ).where(Patient.clinic_id == clinic_id, which)  # type: ignore[arg-type]
    ):
        likeness = Likeness(
            patient.name, patient.birth_date, frozenset(numbers[patient.id]), patient.record_number
        )
        people.add(Person(likeness, patient.id, patient.status, patient.merged_into))
    return people
