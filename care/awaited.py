"""What somebody who calls is most likely calling about: what is awaited of whoever her number may be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, or_, select

from care import check_ins
from care.rules import call_back as rules
from care.scheduling.visits import COMING
from records.appointments import Appointment
from records.base import table_of
from records.patients import PatientNumber, Proxy
from records.readings import CheckIn

_check_ins, _numbers, _proxies, _visits = map(table_of, (CheckIn, PatientNumber, Proxy, Appointment))


def _may_be_called_from_here(patient: ColumnElement[int]) -> ColumnElement[bool]:
    """Her own number, or that of somebody who speaks for her."""
    return or_(
        *(
            exists().where(
                named_by.c.patient_id == patient, named_by.c.number_hash == bindparam("number_hash")
            )
            for named_by in (_numbers, _proxies)
        )
    )


CHECK_INS_WAITING = (
    select(_check_ins.c.patient_id)
    .where(
        _check_ins.c.clinic_id == bindparam("clinic"),
        _check_ins.c.state.in_(check_ins.WAITING),
        _may_be_called_from_here(_check_ins.c.patient_id),
    )
    .distinct()
)
VISIT_SOON = (
    select(_visits.c.id, _visits.c.patient_id)
    .where(
        _visits.c.clinic_id == bindparam("clinic"),
        _visits.c.state.in_(COMING),
        _visits.c.ends_at > bindparam("now", type_=_visits.c.ends_at.type),
        _visits.c.starts_at <= bindparam("soon", type_=_visits.c.starts_at.type),
        _may_be_called_from_here(_visits.c.patient_id),
    )
    .order_by(_visits.c.starts_at)
    .limit(1)
)
"""Made once: building a statement costs more than running it."""


def check_ins_waiting(connection: Connection, clinic_id: int, number_hash: str) -> list[int]:
    """Whose check-in was asked for and waits, of all whom this number may be: ids of patients."""
    at = {"clinic": clinic_id, "number_hash": number_hash}
    return list(connection.scalars(CHECK_INS_WAITING, at))


def visit_soon(
    connection: Connection, clinic_id: int, number_hash: str, now: datetime
) -> dict[str, Any] | None:
    """The visit about to begin for somebody whom this number may be; None where there is none."""
    soon = now + rules.visit_within()
    about = {"clinic": clinic_id, "number_hash": number_hash, "now": now, "soon": soon}
    row = connection.execute(VISIT_SOON, about).first()
    return None if row is None else {"id": row.id, "patient": row.patient_id}
