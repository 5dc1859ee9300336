"""`given` lines about clinicians, their hours, and visits that are booked already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from care.scheduling import book_for, openings, visits
from care.scheduling.book_for import Time
from records.appointments import Appointment, Waiting
from records.patients import Consent, Patient
from records.scheduling import Clinician, DayOff, Place, WorkingHours
from tests.conversation.cast import Cast

MINUTES = 20
WAITS_DAYS = 60
WAYS = {
    "by phone": ["audio"],
    "at the clinic": ["in_person"],
    "by phone and at the clinic": ["audio", "in_person"],
}
FOREIGN = ["vi"]
"""What a clinician speaks who does not speak the patient's language."""


class Schedules:
    """Clinicians of one cast's clinic."""

    def __init__(self, database: Any, cast: Cast, now: Callable[[], datetime]) -> None:
        self._database, self._cast, self._now = database, cast, now

    def known(self) -> dict[str, Callable[..., None]]:
        """What can be given, as in `Circumstances`."""
        ways = "|".join(sorted(WAYS, key=len, reverse=True))
        return {
            rf"(Dr\. \w+) speaks (their|another) language, and sees people ({ways}) from (\d+) to (\d+)": self._sees,
            r"(Dr\. \w+) is away( after tomorrow)?": self._is_away,
            r"the clinic calls off (Rosa)'s visit": self._called_off,
            (
                r"(Rosa|James|Lucía|Mateo) has a visit in (\d+) days? at (\d+) with (Dr\. \w+)"
            ): self._has_a_visit,
            r"(Rosa|Lucía) has seen (Dr\. \w+) before": self._has_seen,
            r"(Rosa|James|Lucía|Mateo) agreed to reminders": self._agreed,
            r"the library has a phone that can be booked": self._has_a_hub,
            r"(Rosa|James) waits for a(?:n (earlier) time than her visit| time)( at the clinic)?": self._waits,
        }

    def _sees(self, name: str, language: str, ways: str, starts: str, ends: str) -> None:
        """From tomorrow on, every day, each half hour. Everybody lives where she is licensed."""
        with self._database.writing() as connection:
            connection.execute(
                update(Patient).where(Patient.clinic_id == self._cast.clinic).values(state="MA")
            )
            spoken = ["en", self._cast.language] if language == "their" else FOREIGN
            made = connection.execute(
                insert(Clinician).values(
                    clinic_id=self._cast.clinic,
                    name=name,
                    languages=sorted(set(spoken)),
                    states=["MA"],
                    timezone=self._cast.timezone,
                )
            )
            clinician = int(made.inserted_primary_key[0])
            hours = {"starts": f"{int(starts):02}:00", "ends": f"{int(ends):02}:00", "step_minutes": 30}
            rows = [
                {
                    "clinician_id": clinician,
                    "weekday": day,
                    "visit_kinds": WAYS[ways],
                    "from_on": self._day(1),
                    **hours,
                }
                for day in range(7)
            ]
            connection.execute(insert(WorkingHours), rows)
            self._refresh(connection, clinician)

    def _called_off(self, who: str) -> None:
        clinic, patient = self._cast.clinic, self._patient(who)
        with self._database.writing() as connection:
            for visit in visits.coming(connection, clinic, patient, self._now()):
                book_for.call_off(
                    self._database, connection, clinic_id=clinic, visit=visit.id, by="import", now=self._now()
                )

    def _is_away(self, name: str, after: str | None) -> None:
        with self._database.writing() as connection:
            clinician = self._clinician(connection, name)
            connection.execute(
                insert(DayOff).values(
                    clinic_id=self._cast.clinic,
                    clinician_id=clinician,
                    from_on=self._day(2 if after else 0),
                    until_on=self._day(365),
                    name="away",
                )
            )
            self._refresh(connection, clinician)

    def _has_a_visit(self, who: str, days: str, hour: str, name: str) -> None:
        local = datetime.combine(self._day(int(days)), time(int(hour)), ZoneInfo(self._cast.timezone))
        with self._database.writing() as connection:
            when = Time(
                self._clinician(connection, name),
                None,
                local.astimezone(UTC),
                MINUTES,
                "audio",
                self._cast.timezone,
            )
            book_for.book(
                self._database,
                connection,
                clinic_id=self._cast.clinic,
                patient_id=self._patient(who),
                time=when,
                reason="follow_up",
                by="import",
                now=self._now(),
                in_hours=False,
            )

    def _has_seen(self, who: str, name: str) -> None:
        starts = self._now() - timedelta(days=30)
        with self._database.writing() as connection:
            connection.execute(
                insert(Appointment).values(
                    clinic_id=self._cast.clinic,
                    patient_id=self._patient(who),
                    clinician_id=self._clinician(connection, name),
                    visit_kind="audio",
                    reason="problem",
                    starts_at=starts,
                    ends_at=starts + timedelta(minutes=MINUTES),
                    timezone=self._cast.timezone,
                    state="done",
                    booked_by="import",
                    created_at=starts,
                    changed_at=starts,
                )
            )

    def _has_a_hub(self) -> None:
        with self._database.writing() as connection:
            connection.execute(
                insert(Place).values(
                    clinic_id=self._cast.clinic,
                    name="Harbor Library",
                    kind="hub",
                    timezone=self._cast.timezone,
                    number="+16175550171",
                    state="MA",
                )
            )

    def _agreed(self, who: str) -> None:
        said = {
            "topic": "reminders",
            "channel": "any",
            "given": True,
            "text_version": "reminders-1",
            "by": "import",
        }
        of = {
            "clinic_id": self._cast.clinic,
            "patient_id": self._patient(who),
            "language": self._cast.language,
        }
        with self._database.writing() as connection:
            connection.execute(insert(Consent).values(**of, **said, at=self._now()))

    def _waits(self, who: str, earlier: str | None, there: str | None) -> None:
        patient = self._patient(who)
        with self._database.writing() as connection:
            hers = visits.coming(connection, self._cast.clinic, patient, self._now())
            connection.execute(
                insert(Waiting).values(
                    clinic_id=self._cast.clinic,
                    patient_id=patient,
                    appointment_id=hers[0].id if earlier else None,
                    reason="follow_up",
                    visit_kind="in_person" if there else "audio",
                    minutes=MINUTES,
                    until_on=self._day(WAITS_DAYS),
                    state="waiting",
                    since=self._now(),
                )
            )

    def _refresh(self, connection: Any, clinician: int) -> None:
        openings.refresh(self._database, connection, clinician, self._now(), openings.horizon(self._now()))

    def _clinician(self, connection: Any, name: str) -> int:
        found = select(Clinician.id).where(Clinician.clinic_id == self._cast.clinic, Clinician.name == name)
        return int(connection.scalars(found).one())

    def _day(self, ahead: int) -> date:
        return self._now().astimezone(ZoneInfo(self._cast.timezone)).date() + timedelta(days=ahead)

    def _patient(self, first_name: str) -> int:
        return next(patient for name, patient in self._cast.patients.items() if name.split()[0] == first_name)
