"""`~` lines about visits and about sending to many: what staff do meanwhile, in words that a nurse would use."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from care import bulk
from care.bulk import Audience
from care.by_staff import Act
from care.reminders import due
from care.scheduling import book_for, follow_ups, visits
from records.appointments import Appointment, FollowUp
from records.scheduling import Clinician
from tests.conversation.cast import Cast

STAFF = "staff@example.org"
COMES_BACK = r"(?: each (week|month), (\d+) times)?"
ASKED_DAYS = 14
"""Within so many days a visit is asked for."""
MISSED_AT = time(10)
"""It is noon in transcripts: this visit was today."""


class Happenings:
    """What is done at the clinic of one cast. `happen` says false where it does not know the words."""

    def __init__(self, database: Any, cast: Cast, now: Callable[[], datetime]) -> None:
        self._database, self._cast, self._now = database, cast, now

    def happen(self, words: str) -> bool:
        for pattern, do in self._known().items():
            if found := re.fullmatch(pattern, words):
                with self._database.writing() as connection:
                    do(connection, *found.groups())
                return True
        return False

    def _known(self) -> dict[str, Callable[..., None]]:
        return {
            r"(Rosa|James)'s visit is called off": self._called_off,
            rf"(Dr\. \w+) asks Rosa for a visit (by phone|at the clinic){COMES_BACK}": self._asked,
            r"the visit that was asked for is wanted no more": self._wanted_no_more,
            r"Rosa misses a visit with (Dr\. \w+)": self._missed,
            r"Careline reminds rosa of her visit": self._reminded,
            r"everybody in the programme is asked to call": self._sent_to_many,
        }

    def _reminded(self, connection: Any) -> None:
        due.put_anew(self._database, connection, [self._patient("Rosa")], self._now())

    def _called_off(self, connection: Any, who: str) -> None:
        for visit in visits.coming(connection, self._cast.clinic, self._patient(who), self._now()):
            book_for.call_off(
                self._database,
                connection,
                clinic_id=self._cast.clinic,
                visit=visit.id,
                by=STAFF,
                now=self._now(),
            )

    def _asked(self, connection: Any, name: str, way: str, every: str | None, times: str | None) -> None:
        today = self._now().astimezone(ZoneInfo(self._cast.timezone)).date()
        follow_ups.ask(
            self._database,
            connection,
            clinic_id=self._cast.clinic,
            patient_id=self._patient("Rosa"),
            clinician_id=self._clinician(connection, name),
            reason="follow_up",
            from_on=today + timedelta(days=1),
            until_on=today + timedelta(days=ASKED_DAYS),
            by=STAFF,
            now=self._now(),
            visit_kind="audio" if way == "by phone" else "in_person",
            every=every,
            times=int(times or 1),
        )

    def _wanted_no_more(self, connection: Any) -> None:
        asked = connection.scalars(select(FollowUp.id).where(FollowUp.clinic_id == self._cast.clinic)).one()
        follow_ups.close(self._database, connection, self._cast.clinic, asked, STAFF, self._now())

    def _missed(self, connection: Any, name: str) -> None:
        zone = ZoneInfo(self._cast.timezone)
        starts = datetime.combine(self._now().astimezone(zone).date(), MISSED_AT, zone).astimezone(UTC)
        before = self._now() - timedelta(days=7)
        visit = connection.execute(
            insert(Appointment).values(
                clinic_id=self._cast.clinic,
                patient_id=self._patient("Rosa"),
                clinician_id=self._clinician(connection, name),
                visit_kind="audio",
                reason="follow_up",
                starts_at=starts,
                ends_at=starts + timedelta(minutes=20),
                timezone=self._cast.timezone,
                state="booked",
                booked_by="import",
                created_at=before,
                changed_at=before,
            )
        ).inserted_primary_key[0]
        book_for.mark_missed(
            self._database, connection, clinic_id=self._cast.clinic, visit=visit, by=STAFF, now=self._now()
        )

    def _sent_to_many(self, connection: Any) -> None:
        act = Act(self._database, connection, self._cast.clinic, STAFF, "Staff", self._now())
        drafted = bulk.draft(act, "please_call", Audience(programme="postpartum"))
        assert drafted is not None
        bulk.agree(act, drafted)

    def _patient(self, first_name: str) -> int:
        return next(patient for name, patient in self._cast.patients.items() if name.split()[0] == first_name)

    def _clinician(self, connection: Any, name: str) -> int:
        found = select(Clinician.id).where(Clinician.clinic_id == self._cast.clinic, Clinician.name == name)
        return int(connection.scalars(found).one())
