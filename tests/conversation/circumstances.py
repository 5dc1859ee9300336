"""`given` lines: how things are before, or from then on, in words that a nurse would use."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, update

from records.patients import Consent, Contact, Enrolment, Patient, PatientNumber
from records.sealing import hashed
from tests.conversation.cast import Cast, zone_with_hour

LANGUAGES = {"English": "en", "Spanish": "es"}
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

    async def bring_about(self, words: str) -> None:
        """Raises ValueError where the words say nothing that is known here."""
        found = re.fullmatch(r"(?:(\w+)'s phone|the emergency desk) (.+)", words)
        if found and found[2] in ANSWERS:
            number = self._cast.number(found[1] or "nurse")
            await self._set_number(number, {"kind": ANSWERS[found[2]]})
            return
        for pattern, bring in self._known().items():
            if found := re.fullmatch(pattern, words):
                bring(*found.groups())
                return
        raise ValueError(f"nobody knows how to bring about {words!r}")

    def _known(self) -> dict[str, Callable[..., None]]:
        return {
            r"(\w+) chose (English|Spanish) before": self._chose,
            r"(\w+) stopped our texts before": self._stopped,
            r"(\w+)'s phone is known as a landline": self._landline,
            r"it is night where (\w+) lives": self._night,
            r"it is the time of day at which (\w+) is asked": self._time_of_day,
            r"(\w+) did not consent to be asked": self._no_consent,
            r"Mateo was born on the same day as Lucía": self._twins,
        }

    def _chose(self, name: str, language: str) -> None:
        self._remember(name, language=LANGUAGES[language])

    def _stopped(self, name: str) -> None:
        self._remember(name, language=self._cast.language, opted_out_at=self._now())

    def _remember(self, name: str, **values: Any) -> None:
        key = hashed(self._cast.number(name))
        self._write(insert(Contact).values(clinic_id=self._cast.clinic, number_hash=key, **values))

    def _landline(self, name: str) -> None:
        key = hashed(self._cast.number(name))
        where = (PatientNumber.clinic_id == self._cast.clinic, PatientNumber.number_hash == key)
        self._write(update(PatientNumber).where(*where).values(kind="landline"))

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

    def _patients(self) -> Any:
        return update(Patient).where(Patient.clinic_id == self._cast.clinic)

    def _enrolments(self) -> Any:
        return update(Enrolment).where(Enrolment.clinic_id == self._cast.clinic)

    def _write(self, statement: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(statement)
