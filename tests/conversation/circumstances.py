"""`given` lines: how things are before, or from then on, in words that a nurse would use."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, update
from werkzeug.security import generate_password_hash

from care.scheduling import changes
from records.appointments import Appointment
from records.clinics import Clinic
from records.patients import Consent, Contact, Enrolment, IdentityLock, Patient, PatientNumber, Proxy
from records.scheduling import Clinician
from records.sealing import hashed
from tests.conversation.calendar import zone_with_hour
from tests.conversation.cast import Cast
from tests.conversation.schedules import Schedules

LANGUAGES = {"English": "en", "Spanish": "es", "Haitian Creole": "ht", "Korean": "ko"}
ANSWERS = {
    "is not answered": "no-answer",
    "is busy": "busy",
    "is answered by a machine": "machine",
    "is answered by a fax": "fax",
    "is answered by who knows what": "unknown",
    "is answered by a person": "human",
    "takes no texts": "landline",
    "can't be reached": "unreachable",
    "is no number": "invalid",
}
SetNumber = Callable[[str, dict[str, Any]], Awaitable[None]]


class Circumstances:
    """Brings about what `given` lines say, for one cast."""

    def __init__(self, database: Any, cast: Cast, set_number: SetNumber, now: Callable[[], Any]) -> None:
        self._database, self._cast, self._set_number, self._now = database, cast, set_number, now
        self._schedules = Schedules(database, cast, now)

    async def bring_about(self, words: str) -> None:
        """Raises ValueError where the words say nothing that is known here."""
        found = re.fullmatch(r"(?:(\w+)'s phone|the emergency desk) (.+)", words)
        if found and found[2] in ANSWERS:
            number = self._cast.number(found[1] or "nurse")
            await self._set_number(number, {"kind": ANSWERS[found[2]]})
            return
        if found and found[2] == "takes no texts from us: blocked at the carrier":
            await self._set_number(self._cast.number(found[1]), {"text_error": 21610})
            return
        for pattern, bring in self._known().items():
            if found := re.fullmatch(pattern, words):
                bring(*found.groups())
                return
        raise ValueError(f"nobody knows how to bring about {words!r}")

    def _known(self) -> dict[str, Callable[..., None]]:
        return {
            rf"(\w+) chose ({'|'.join(LANGUAGES)}) before": self._chose,
            r"(\w+) stopped our texts before": self._stopped,
            r"(\w+)'s phone is known as a landline": self._landline,
            r"the clinic calls back (whoever hangs up|instead of picking up)": self._call_back,
            r"the clinic has a second number": self._second_number,
            r"(\w+)'s phone is a relay": self._relay,
            r"(\w+)'s phone is shared": self._shared,
            r"(\w+) is called by (.+)": self._safe_name,
            r"(\w+) agreed to surveys too": self._surveys,
            r"Rosa has a visit tomorrow": self._visit,
            r"Rosa agreed to reminders( with day and time)?": self._reminders,
            r"the visit was moved by an hour": self._visit_moved,
            r"it is night where (\w+) lives": self._night,
            r"it is the time of day at which (\w+) is asked": self._time_of_day,
            r"(\w+) did not consent to be asked": self._no_consent,
            r"Mateo was born on the same day as Lucía": self._twins,
            r"(Rosa|Lucía) has the PIN (\d+)": self._pin,
            r"(Rosa|Lucía) is locked": self._locked,
            r"their mother, born (\S+), speaks for (Lucía|Mateo)"
            r"(?: but not of (check-ins|visits))? at (\w+)'s phone": self._proxy,
            r"check-ins are Lucía's own confidence": self._own_topic,
            **self._schedules.known(),
        }

    def _chose(self, name: str, language: str) -> None:
        self._remember(name, language=LANGUAGES[language])

    def _stopped(self, name: str) -> None:
        self._remember(name, language=self._cast.language, opted_out_at=self._now())

    def _remember(self, name: str, **values: Any) -> None:
        key = hashed(self._cast.number(name))
        self._write(insert(Contact).values(clinic_id=self._cast.clinic, number_hash=key, **values))

    def _landline(self, name: str) -> None:
        self._write(self._numbers(name).values(kind="landline"))

    def _call_back(self, whom: str) -> None:
        setting = "reject" if whom == "instead of picking up" else "after_hang_up"
        self._write(update(Clinic).where(Clinic.id == self._cast.clinic).values(call_back=setting))

    def _second_number(self) -> None:
        values = {"second_number": self._cast.number("second")}
        self._write(update(Clinic).where(Clinic.id == self._cast.clinic).values(**values))

    def _relay(self, name: str) -> None:
        self._write(self._numbers(name).values(kind="relay"))

    def _shared(self, name: str) -> None:
        self._write(self._numbers(name).values(shared=True))

    def _safe_name(self, name: str, other: str) -> None:
        patient = self._cast.patients["Rosa Delgado"]
        self._write(update(Patient).where(Patient.id == patient).values(safe_contact={"name": other}))

    def _surveys(self, name: str) -> None:
        agreed = {
            "topic": "surveys",
            "channel": "any",
            "given": True,
            "text_version": "surveys-1",
            "by": "import",
        }
        of = {"clinic_id": self._cast.clinic, "patient_id": self._cast.patients["Rosa Delgado"]}
        self._write(insert(Consent).values(**of, **agreed, language=self._cast.language, at=self._now()))

    def _visit(self) -> None:
        starts = self._now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        of = {"clinic_id": self._cast.clinic, "patient_id": self._cast.patients["Rosa Delgado"]}
        since = self._now() - timedelta(days=30)
        with self._database.writing() as connection:
            who = connection.scalar(select(Clinician.id).where(Clinician.clinic_id == self._cast.clinic))
            if who is None:
                doctor = {"name": "Dr. Ana Silva", "languages": ["en"], "states": ["MA"]}
                at = {"clinic_id": self._cast.clinic, "timezone": self._cast.timezone}
                made = connection.execute(insert(Clinician).values(**doctor, **at))
                who = made.inserted_primary_key[0]
            connection.execute(
                insert(Appointment).values(
                    **of, clinician_id=who, visit_kind="audio", reason="check_up", starts_at=starts,
                    ends_at=starts + timedelta(minutes=30), timezone=self._cast.timezone, state="booked",
                    booked_by="patient", created_at=since, changed_at=since,
                )
            )  # fmt: skip

    def _visit_moved(self) -> None:
        whole = select(Appointment.__table__).where(Appointment.clinic_id == self._cast.clinic)
        with self._database.writing() as connection:
            before = connection.execute(whole).one()
            later = {
                "starts_at": before.starts_at + timedelta(hours=1),
                "ends_at": before.ends_at + timedelta(hours=1),
            }
            connection.execute(
                update(Appointment)
                .where(Appointment.id == before.id)
                .values(**later, sequence=before.sequence + 1, changed_at=self._now())
            )
            changes.changed(self._database, connection, before, connection.execute(whole).one(), self._now())

    def _reminders(self, details: str | None) -> None:
        for topic in ("reminders", "reminder_details") if details else ("reminders",):
            agreed = {
                "topic": topic,
                "channel": "any",
                "given": True,
                "text_version": f"{topic}-1",
                "by": "import",
            }
            of = {"clinic_id": self._cast.clinic, "patient_id": self._cast.patients["Rosa Delgado"]}
            self._write(insert(Consent).values(**of, **agreed, language=self._cast.language, at=self._now()))

    def _night(self, name: str) -> None:
        self._write(self._patients().values(timezone=zone_with_hour(self._now(), 3)))

    def _time_of_day(self, name: str) -> None:
        # At noon there, as everywhere in a transcript; five minutes ago it was her time.
        local = self._now().astimezone(ZoneInfo(self._cast.timezone)) - timedelta(minutes=5)
        self._write(self._enrolments().values(ask_at=[local.strftime("%H:%M")]))

    def _no_consent(self, name: str) -> None:
        self._write(delete(Consent).where(Consent.clinic_id == self._cast.clinic))

    def _twins(self) -> None:
        mateo = self._cast.patients["Mateo Rivera"]
        self._write(update(Patient).where(Patient.id == mateo).values(birth_date="2015-05-05"))

    def _pin(self, name: str, pin: str) -> None:
        self._write(self._one(name).values(pin_hash=generate_password_hash(pin)))

    def _locked(self, name: str) -> None:
        values = {"patient_id": self._patient(name), "locked_at": self._now() - timedelta(hours=1)}
        self._write(insert(IdentityLock).values(clinic_id=self._cast.clinic, **values))

    def _proxy(self, born: str, child: str, not_of: str | None, phone: str) -> None:
        number = self._cast.number(phone)
        self._write(
            insert(Proxy).values(
                clinic_id=self._cast.clinic,
                patient_id=self._patient(child),
                name="Ana Rivera",
                relation="parent",
                birth_date=born,
                number=number,
                number_hash=hashed(number),
                language=self._cast.language,
                topics=[topic for topic in ("visits", "check_ins") if topic.replace("_", "-") != not_of],
                created_at=self._now(),
            )
        )

    def _own_topic(self) -> None:
        self._write(self._one("Lucía").values(own_topics=["check_ins"]))

    def _one(self, name: str) -> Any:
        return update(Patient).where(Patient.id == self._patient(name))

    def _patient(self, first_name: str) -> int:
        return next(patient for name, patient in self._cast.patients.items() if name.split()[0] == first_name)

    def _numbers(self, name: str) -> Any:
        key = hashed(self._cast.number(name))
        return update(PatientNumber).where(
            PatientNumber.clinic_id == self._cast.clinic, PatientNumber.number_hash == key
        )

    def _patients(self) -> Any:
        return update(Patient).where(Patient.clinic_id == self._cast.clinic)

    def _enrolments(self) -> Any:
        return update(Enrolment).where(Enrolment.clinic_id == self._cast.clinic)

    def _write(self, statement: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(statement)
