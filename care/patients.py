"""A clinic's people: registered, corrected, closed, opened again. Each change is noted in the commit that makes it.

What is given of a person is a row of texts (column → text, as in docs/people.md), whether it comes from a form, a
file or the sample clinic: the rules of care.rules.patient_fields read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from sqlalchemy import Connection, select, update

from care import audit, duplicates, outbox, patient_rows
from care.deleting import delete_patient as delete
from care.rules import patient_changes
from care.rules.gate import country_of
from care.rules.kinds import kinds
from care.rules.name_words import folded
from care.rules.patient_cells import Terms
from care.rules.patient_fields import Fields, NotUnderstood, Problem, read_fields
from care.rules.patient_row import Row
from care.rules.topics import topics
from languages import load
from records import Database
from records.clinics import Clinic
from records.outbox import OutboxRow
from records.patients import Patient

__all__ = [
    "NoSuchPatient", "NotUnderstood", "Problem", "as_row", "close", "correct", "delete", "register", "reopen", "terms_of",
]  # fmt: skip

TAKEN = Problem(
    "record_number", "Another person has this record number: look her up, or write the right one."
)


class NoSuchPatient(LookupError):
    """This clinic has no such patient."""


def register(
    database: Database, connection: Connection, *, clinic_id: int, row: Row, by: str, now: datetime
) -> int:
    """A new patient; her id. Likely duplicates of her are kept for a person. Raises NotUnderstood."""
    terms = terms_of(connection, clinic_id, now)
    fields = read_fields({column: text for column, text in row.items() if text.strip()}, terms)
    _check_record_number(connection, clinic_id, fields, None)
    [patient] = patient_rows.add(connection, clinic_id, [fields], timezone=terms.timezone, by=by, now=now)
    duplicates.look(database, connection, clinic_id=clinic_id, now=now, only=[patient])
    audit.note(
        database, connection, by=by, did="registered", now=now, clinic_id=clinic_id, patient_id=patient,
        about="patient",
    )  # fmt: skip
    return patient


def correct(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    patient_id: int,
    changes: Row,
    by: str,
    now: datetime,
) -> list[str]:
    """Write what differs; the words for it (`name`, `numbers`, `safe_contact`), for staff and the audit.

    A column that is absent stays as it is; an empty one is taken away. Numbers are one thing, and so are
    proxies: whoever gives one of their columns gives them all. A PIN is given in digits, or empty.
    Raises NotUnderstood, NoSuchPatient.
    """
    one = _known(connection, clinic_id, patient_id)
    fields = read_fields(changes, terms_of(connection, clinic_id, now), known_of(one))
    if fields.numbers == () and not (one.proxies if fields.proxies is None else fields.proxies):
        raise NotUnderstood(
            [Problem("number", "Write a number at which she, or who speaks for her, is reached.")]
        )
    _check_record_number(connection, clinic_id, fields, patient_id)
    words = differences(one, fields)
    if words:
        patient_rows.change(connection, clinic_id, [(one, fields, words)], by=by, now=now)
        duplicates.look(database, connection, clinic_id=clinic_id, now=now, only=[patient_id])
        audit.note(
            database, connection, by=by, did="corrected", now=now, clinic_id=clinic_id, patient_id=patient_id,
            about=",".join(words),
        )  # fmt: skip
    return words


def close(
    database: Database, connection: Connection, *, clinic_id: int, patient_id: int, by: str, now: datetime
) -> bool:
    """She is no longer with the clinic: nobody is confirmed as her, nothing goes out. False where it was so before."""
    closed = _set_status(connection, clinic_id, patient_id, "active", "closed", now)
    if closed:
        drop_due(connection, patient_id, "patient closed")
        audit.note(
            database, connection, by=by, did="closed", now=now, clinic_id=clinic_id, patient_id=patient_id,
            about="patient",
        )  # fmt: skip
    return closed


def reopen(
    database: Database, connection: Connection, *, clinic_id: int, patient_id: int, by: str, now: datetime
) -> bool:
    """She is with the clinic again. False where she was not closed; a merged one stays merged."""
    opened = _set_status(connection, clinic_id, patient_id, "closed", "active", None)
    if opened:
        audit.note(
            database, connection, by=by, did="reopened", now=now, clinic_id=clinic_id, patient_id=patient_id,
            about="patient",
        )  # fmt: skip
    return opened


def as_row(connection: Connection, clinic_id: int, patient_id: int) -> dict[str, str]:
    """What is known of her as a form shows it: the row that `correct` reads. No PIN, programme or consent.

    Raises NoSuchPatient.
    """
    one = _known(connection, clinic_id, patient_id)
    patient = one.patient
    row = {
        column: getattr(patient, column) or ""
        for column in ("record_number", "name", "birth_date", "language", "interpreter", "state", "address")
    }
    row |= {"time_zone": patient.timezone}
    row |= {column: ", ".join(getattr(patient, column)) for column in ("other_languages", "own_topics")}
    row |= patient_changes.safe_contact_cells(patient.safe_contact)
    for kind, rows, parts in (("number", one.numbers, patient_changes.NUMBER_CELLS),
                              ("proxy", one.proxies, patient_changes.PROXY_CELLS)):  # fmt: skip
        for place, of in enumerate(rows, 1):
            prefix = kind if place == 1 else f"{kind}_{place}"
            row |= patient_changes.cells(prefix, of, parts)
    return row


def terms_of(connection: Connection, clinic_id: int, now: datetime) -> Terms:
    """What this clinic's rows are read against."""
    clinic = connection.execute(select(Clinic.line, Clinic.timezone).where(Clinic.id == clinic_id)).one()
    return Terms(
        region=country_of(clinic.line) or "US",
        timezone=clinic.timezone,
        today=now.astimezone(ZoneInfo(clinic.timezone)).date(),
        spoken=_spoken(),
        languages=_languages(),
        topics=frozenset(topics()),
    )


def known_of(one: patient_rows.Known) -> Mapping[str, Any]:
    """What the rules must know of somebody to read changes to her."""
    patient = one.patient
    return {
        "birth_date": patient.birth_date,
        "language": patient.language,
        "numbers": [number.number for number in one.numbers],
    }


def differences(one: patient_rows.Known, fields: Fields) -> list[str]:
    """Words for what `fields` would change of her; nothing where all is as they say."""
    words = patient_changes.differences(one.patient, one.numbers, one.proxies, fields)
    timezone = fields.values.get("timezone") or one.patient.timezone
    if patient_changes.programme_differs(one.enrolments, fields):
        words.append("programme")
    if any(not patient_rows.is_known(one, consent, timezone) for consent in fields.consents):
        words.append("consent")
    return words


def drop_due(connection: Connection, patient_id: int, reason: str) -> None:
    """Nothing that waits to be sent to her goes out; alerts about her, and work on recordings, do."""
    to_her = [name for name, kind in kinds().items() if kind.to == "patient"]
    outbox.cancel(connection, reason, OutboxRow.patient_id == patient_id, OutboxRow.kind.in_(to_her))


def _known(connection: Connection, clinic_id: int, patient_id: int) -> patient_rows.Known:
    one = patient_rows.known(connection, clinic_id, [patient_id]).get(patient_id)
    if one is None or one.patient.status == "merged":
        raise NoSuchPatient
    return one


def _check_record_number(
    connection: Connection, clinic_id: int, fields: Fields, patient_id: int | None
) -> None:
    if record_number := fields.values.get("record_number"):
        wanted = patient_rows.record_number_hash(clinic_id, record_number)
        has = connection.scalar(
            select(Patient.id).where(Patient.clinic_id == clinic_id, Patient.record_number_hash == wanted)
        )
        if has not in (None, patient_id):
            raise NotUnderstood([TAKEN])


def _set_status(
    connection: Connection, clinic_id: int, patient_id: int, was: str, status: str, at: datetime | None
) -> bool:
    changed = connection.execute(
        update(Patient)
        .where(Patient.id == patient_id, Patient.clinic_id == clinic_id, Patient.status == was)
        .values(status=status, closed_at=at)
    )
    return changed.rowcount == 1


@cache
def _spoken() -> Mapping[str, str]:
    """Languages with a folder, by tag and by every name."""
    return {
        folded(name): language.tag
        for language in load().values()
        for name in (language.tag, language.english_name, language.own_name, *language.other_names)
    }


@cache
def _languages() -> Mapping[str, str]:
    """Languages that CLDR knows, by code and by English name."""
    known = {code: name for code, name in Locale("en").languages.items() if "_" not in code}
    return {folded(name): code for code, name in known.items()} | {code: code for code in known}
