"""A visit that comes back every week, or every month on the same weekday: booked as one, each a visit of its own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from care.rules.visit_series import starts_of_series
from care.scheduling import book_for
from care.scheduling.book_for import Time
from records import Database
from records.database import Taken


@dataclass(frozen=True)
class Booked:
    """`visits`: ids of those that were booked; `not_free`: the moments (UTC) at which nothing could be booked."""

    series: str
    visits: Sequence[int]
    not_free: Sequence[datetime]


def book(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    patient_id: int,
    first: Time,
    every: str,
    times: int,
    reason: str,
    by: str,
    now: datetime,
    booked_by: str | None = None,
) -> Booked:
    """`times` visits (at most MOST) from `first` on, `every` *week* or *month*, at the same wall time of its zone.

    What can't be booked (taken, a holiday, beyond what is made ahead) is told, and the others stand. Raises NotTheirs,
    and ValueError where `every` or `times` is not one of these.
    """
    series, visits, not_free = uuid.uuid4().hex, list[int](), list[datetime]()
    for starts_at in starts_of_series(first.starts_at, first.timezone, every, times):
        try:
            with connection.begin_nested():  # one that is taken takes nothing of the others with it
                visits.append(
                    book_for.book(
                        database,
                        connection,
                        clinic_id=clinic_id,
                        patient_id=patient_id,
                        time=replace(first, starts_at=starts_at),
                        reason=reason,
                        by=by,
                        booked_by=booked_by,
                        series=series,
                        now=now,
                    )
                )
        except Taken:
            not_free.append(starts_at)
    return Booked(series, visits, not_free)
