"""Finding a patient by name, although no name can be read in the database.

Each beginning of each word of a name (three letters or more, accents and case folded) is hashed with the
key of the look-ups, together with the clinic's id; the words somebody looks for are hashed likewise.

What this gives away to whoever has the database and not the key: how many different beginnings a patient's
name has (so about how many letters), which patients of one clinic share a beginning or a whole name, and how
often each token occurs, from which common names can be guessed where it is known which names are common. It
does not tell which patients of two clinics share a name, nor anything to whom the key is unknown and who
has only single rows. Without that trade nobody could be found by name but by opening every row.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, exists, func, select

from care.rules.name_words import beginnings, sought
from records import Database
from records.base import table_of
from records.names import NameToken
from records.patients import Patient
from records.sealing import hashed

_tokens = table_of(NameToken)
FIND = (
    select(_tokens.c.patient_id)
    .where(
        _tokens.c.clinic_id == bindparam("clinic"), _tokens.c.token.in_(bindparam("tokens", expanding=True))
    )
    .group_by(_tokens.c.patient_id)
    .having(func.count() >= bindparam("many"))
    .order_by(_tokens.c.patient_id)
    .limit(bindparam("most"))
)
MOST_FOUND, MOST_COMPARED = 200, 2000
BATCH = 250
"""Patients of one commit."""


def index_name(connection: Connection, clinic_id: int, patient_id: int, name: str) -> None:
    """Make a patient findable by `name`, and no longer by another she had."""
    index_names(connection, clinic_id, [(patient_id, name)], renamed=[patient_id])


def index_names(
    connection: Connection, clinic_id: int, names: Iterable[tuple[int, str]], renamed: Iterable[int] = ()
) -> None:
    """The same for many (id, name): one statement to take old tokens from those `renamed`, one to write."""
    if gone := list(renamed):
        connection.execute(delete(NameToken).where(NameToken.patient_id.in_(gone)))
    rows = [
        {"clinic_id": clinic_id, "token": token, "patient_id": patient}
        for patient, name in names
        for token in tokens_of(clinic_id, beginnings(name))
    ]
    if rows:
        # In the order of the key: it is quicker, and tells nothing of which token is which beginning.
        connection.execute(_tokens.insert(), sorted(rows, key=lambda row: (row["token"], row["patient_id"])))


def index_missing(database: Database) -> int:
    """Make those findable who came in before there were tokens. Returns how many there were."""
    done = 0
    missing = (
        select(Patient.id, Patient.clinic_id, Patient.name)
        .where(Patient.status != "merged", ~exists().where(NameToken.patient_id == Patient.id))
        .order_by(Patient.id)
        .limit(BATCH)
    )
    last = 0
    while True:
        with database.writing() as connection:
            rows = connection.execute(missing.where(Patient.id > last)).all()
            for row in rows:
                index_names(connection, row.clinic_id, [(row.id, row.name)])
        if not rows:
            return done
        done, last = done + len(rows), rows[-1].id


def find_by_name(connection: Connection, clinic_id: int, words: str, *, most: int = MOST_FOUND) -> list[int]:
    """Ids of this clinic's patients whose name has a word beginning with each of `words`; nobody for no words."""
    tokens = tokens_of(clinic_id, sought(words))
    if not tokens:
        return []
    asked = {"clinic": clinic_id, "tokens": tokens, "many": len(tokens), "most": most}
    return list(connection.scalars(FIND, asked))


def sharing_a_word(connection: Connection, clinic_id: int, names: Iterable[str]) -> set[int]:
    """Ids of this clinic's patients with a word of one of these names in theirs, or one that begins with it."""
    tokens = tokens_of(clinic_id, {word for name in names for word in sought(name)})
    asked = {"clinic": clinic_id, "tokens": tokens, "many": 1, "most": MOST_COMPARED}
    return set(connection.scalars(FIND, asked))


def tokens_of(clinic_id: int, beginnings: Iterable[str]) -> list[str]:
    return [hashed(f"name:{clinic_id}:{beginning}") for beginning in beginnings]
