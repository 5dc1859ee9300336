"""Visits that come back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from care.rules.visit_series import starts_of_series
from care.scheduling import series
from care.scheduling.book_for import Time
from records.appointments import Appointment
from tests.care.scheduling.schedule import Schedule, assert_agrees, at

BOSTON = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("first", "every", "times", "days"),
    [
        ("2026-10-20 09:00", "week", 4, ["10-20 09:00", "10-27 09:00", "11-03 09:00", "11-10 09:00"]),
        ("2027-03-07 02:30", "week", 2, ["03-07 02:30", "03-14 03:00"]),  # the clock skips it
        ("2026-11-17 09:00", "month", 3, ["11-17 09:00", "12-15 09:00", "01-19 09:00"]),  # third Tuesdays
        ("2026-12-31 09:00", "month", 3, ["12-31 09:00", "01-28 09:00", "02-25 09:00"]),  # a fifth: the last
    ],
)
def test_the_same_wall_time(first: str, every: str, times: int, days: list[str]) -> None:
    begins = datetime.fromisoformat(first).replace(tzinfo=BOSTON)
    found = starts_of_series(begins, "America/New_York", every, times)
    assert [moment.astimezone(BOSTON).strftime("%m-%d %H:%M") for moment in found] == days


@pytest.mark.parametrize(("every", "times"), [("day", 3), ("week", 0), ("week", 53)])
def test_what_is_no_series(every: str, times: int) -> None:
    with pytest.raises(ValueError, match=every):
        starts_of_series(datetime(2026, 11, 23, 14, tzinfo=UTC), "America/New_York", every, times)


def test_what_cant_be_booked_is_told_and_the_others_stand(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.off(ana, date(2026, 11, 30))
    schedule.make()
    schedule.book(ana, at(9, 15, day=14), who="james")
    first = Time(ana, None, at(9), 20, "audio", "America/New_York")
    with schedule.database.writing() as connection:
        made = series.book(
            schedule.database, connection, clinic_id=1, patient_id=schedule.clinic.patients["rosa"], first=first,
            every="week", times=5, reason="check_up", by="nurse", now=schedule.clinic.now,
        )  # fmt: skip
    assert made.not_free == [at(9, day=7), at(9, day=14)]
    rows = [row for row in schedule.clinic.rows(Appointment) if row.series == made.series]
    assert [row.id for row in rows] == made.visits
    assert [row.starts_at for row in rows] == [at(9), at(9, day=21), at(9, day=28)]
    assert_agrees(schedule.clinic)
