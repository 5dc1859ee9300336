"""What a patient wants of a visit, as it is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True)
class Wanted:
    """What she wants. Days and times of day are those of `timezone`; both days, and both times, are included.

    `language`: hers, and whether an interpreter may do. `state`: where she is. `place_id`: a hub in which she sits,
    whose state counts then. `after`: starts up to this one were offered before.
    """

    clinic_id: int
    patient_id: int
    minutes: int
    visit_kind: str
    language: str
    interpreter: bool
    state: str | None
    clinician_id: int | None
    place_id: int | None
    first_day: date
    last_day: date
    earliest: time | None
    latest: time | None
    timezone: str
    after: datetime | None = None
