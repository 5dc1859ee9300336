"""Fields of a form brought to a patient's record by the same rules as a row of a CSV file."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from care import patients
from care.rules.patient_cells import Terms
from care.rules.patient_fields import NotUnderstood
from clinic.filling import Filled
from clinic.here import house, staff


def correct(connection: Connection, filled: Filled, patient_id: int, columns: Collection[str]) -> bool:
    """Write what the fields named as `columns` change of her; false where one can't be read: `filled` says why."""
    try:
        patients.correct(
            house().database,
            connection,
            clinic_id=staff().clinic_id,
            patient_id=patient_id,
            changes=as_row(filled, columns),
            by=staff().login,
            now=house().now(),
        )
    except NotUnderstood as error:
        return _refuse(filled, error)
    return True


def register(connection: Connection, filled: Filled, columns: Collection[str]) -> int | None:
    """Write a new patient; her id, or None where a field can't be read."""
    try:
        return patients.register(
            house().database,
            connection,
            clinic_id=staff().clinic_id,
            row=as_row(filled, columns),
            by=staff().login,
            now=house().now(),
        )
    except NotUnderstood as error:
        _refuse(filled, error)
        return None


def patient_rules(connection: Connection) -> Terms:
    """What this clinic's fields are read against."""
    return patients.terms_of(connection, staff().clinic_id, house().now())


def as_row(filled: Filled, columns: Collection[str]) -> Mapping[str, str]:
    return {column: ", ".join(filled.all(column)) for column in columns}


def _refuse(filled: Filled, error: NotUnderstood) -> bool:
    for problem in error.problems:
        filled.refuse(problem.column, problem.says)
    return False
