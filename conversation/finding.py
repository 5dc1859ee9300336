"""What flows look up with her answers: her visits, times that are free, with whom and in which way she may come.

Each looks without a lock, and what it finds may be gone a moment later: the act that follows looks again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select

from care import reach
from care.rules import consent
from care.rules.eligibility import Carries, carried, may_see
from care.rules.visit_reasons import reasons
from care.scheduling import follow_ups, offers, visits
from care.scheduling.offers import Wanted
from care.scheduling.visits import Visit
from records import Database
from records.appointments import Appointment
from records.base import table_of
from records.patients import Patient, PatientNumber
from records.scheduling import Clinician, WorkingHours

Json = Any
OFFERED = 3
SHOWN = 3
"""How many of her visits she chooses among; whoever has more is told of the next ones."""
_patients, _numbers, _appointments = map(table_of, (Patient, PatientNumber, Appointment))
_clinicians, _hours = map(table_of, (Clinician, WorkingHours))
PATIENT = select(
    _patients.c.language, _patients.c.interpreter, _patients.c.state, _patients.c.timezone
).where(_patients.c.id == bindparam("patient"), _patients.c.clinic_id == bindparam("clinic"))
NUMBERS = (
    select(_numbers.c.kind, _numbers.c.text_only)
    .where(_numbers.c.patient_id == bindparam("patient"))
    .order_by(_numbers.c.rank, _numbers.c.id)
)
CLINICIANS = (
    select(_clinicians.c.languages, _clinicians.c.states, _hours.c.visit_kinds)
    .join(_hours, _hours.c.clinician_id == _clinicians.c.id)
    .where(_clinicians.c.clinic_id == bindparam("clinic"), _clinicians.c.active)
)
BEFORE = (
    select(_clinicians.c.id, _clinicians.c.name, _clinicians.c.languages, _clinicians.c.states)
    .join(_appointments, _appointments.c.clinician_id == _clinicians.c.id)
    .where(
        _appointments.c.patient_id == bindparam("patient"),
        _clinicians.c.clinic_id == bindparam("clinic"),
        _clinicians.c.active,
        _appointments.c.state.in_(("done", "booked", "confirmed")),
    )
    .order_by(_appointments.c.starts_at.desc())
    .limit(1)
)
"""Made once: building a statement costs more than running it."""


class Finders(Mapping[str, Callable[..., Json]]):
    """Everything that flows may find in one turn, by the names that they use: the public methods of `_Finding`."""

    def __init__(self, database: Database, clinic: Any, now: datetime) -> None:
        self._finding = _Finding(database, clinic, now)

    def __getitem__(self, name: str) -> Callable[..., Json]:
        if name not in NAMES:
            raise KeyError(name)
        found: Callable[..., Json] = getattr(self._finding, name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


class _Finding:
    """`clinic` has `id` and `timezone`. A patient of another clinic has nothing here."""

    def __init__(self, database: Database, clinic: Any, now: datetime) -> None:
        self._database, self._clinic, self._now = database, clinic, now

    def coming_visits(self, patient: int) -> list[dict[str, Json]]:
        """The next visits that she has, as values that are said as their day and time."""
        with self._database.reading() as connection:
            found = visits.coming(connection, self._clinic.id, patient, self._now)
        return [self._shown(visit) for visit in found[:SHOWN]]

    def stands(self, patient: int, visit: Mapping[str, Json]) -> bool:
        """Does she still have this visit, at this time?"""
        with self._database.reading() as connection:
            found = visits.coming(connection, self._clinic.id, patient, self._now)
        return (visit["id"], visit["sequence"]) in {(one.id, one.sequence) for one in found}

    def visit_of_hers(self, patient: int, visit: int) -> dict[str, Json] | None:
        """One of her coming visits, as flows keep them; None where it is not hers, or not coming."""
        with self._database.reading() as connection:
            found = visits.coming(connection, self._clinic.id, patient, self._now)
        return next((self._shown(one) for one in found if one.id == visit), None)

    def ways_to_visit(self, patient: int, reason: str) -> str | None:
        """The kinds of visit that suit the reason, her phone and somebody's hours, as one string in a fixed order."""
        about = {"patient": patient, "clinic": self._clinic.id}
        with self._database.reading() as connection:
            her = connection.execute(PATIENT, about).one()
            numbers = connection.execute(NUMBERS, about).all()
            clinicians = connection.execute(CLINICIANS, about).all()
        suiting = set(reasons()[reason].visit_kinds) & set(_carries(numbers).visit_kinds)
        ways = [kind for kind in sorted(suiting) if any(_sees(one, kind, her) for one in clinicians)]
        return " ".join(sorted(ways, key=("audio", "video", "in_person").index)) or None

    def clinician_before(self, patient: int, reason: str, visit_kind: str) -> dict[str, Json] | None:
        """Whom she saw last, or will see, where that one may see her in this way."""
        about = {"patient": patient, "clinic": self._clinic.id}
        with self._database.reading() as connection:
            her = connection.execute(PATIENT, about).one()
            found = connection.execute(BEFORE, about).first()
        if found is None or not _may_see(found, visit_kind, her):
            return None
        return {"id": found.id, "name": found.name}

    def free_visits(
        self,
        patient: int,
        reason: str,
        visit_kind: str,
        clinician: int | None,
        wish: Mapping[str, Json],
        after: str | None,
    ) -> list[dict[str, Json]]:
        """The next three free times: those at the hour that she named, if there are any; else around it, else later."""
        with self._database.reading() as connection:
            her = connection.execute(PATIENT, {"patient": patient, "clinic": self._clinic.id}).one()
            wanted = self._wanted(patient, her, reason, visit_kind, clinician, wish, after)
            found: list[offers.Offer] = []
            if wish.get("at") and after is None:
                exact = replace(wanted, earliest=time.fromisoformat(wish["at"]))
                found = [one for one in self._offers(connection, exact) if one.fits]
            found = found or self._offers(connection, wanted)
        return [
            {**one.to_json(), "names_zone": self._is_elsewhere(one.timezone, one.starts_at)} for one in found
        ]

    def is_free(self, patient: int, offer: Mapping[str, Json], visit: Mapping[str, Json] | None) -> bool:
        """Can this be booked now? `visit` is the one that it is to replace."""
        moving = visit["id"] if isinstance(visit, Mapping) else None
        with self._database.reading() as connection:
            return offers.still_free(connection, self._clinic.id, patient, offer, self._now, moving)

    def wanted_visit(self, patient: int) -> dict[str, Json] | None:
        """The visit that a clinician asks for and that she has not booked yet."""
        today = self._now.astimezone(ZoneInfo(self._clinic.timezone)).date()
        with self._database.reading() as connection:
            return follow_ups.wanted_of(connection, self._clinic.id, patient, today)

    def word_of_consent(self, patient: int, topic: str) -> str | None:
        """*given*, *withdrawn*, or nothing where she was never asked."""
        with self._database.reading() as connection:
            person = reach.people(connection, [patient], self._now).get(patient)
        if person is None:
            return None
        why = {consent.why_not(topic, channel, person.words) for channel in consent.CHANNELS}
        if None in why:
            return "given"
        return "withdrawn" if why != {consent.NOT_GIVEN} else None

    def _shown(self, visit: Visit) -> dict[str, Json]:
        return {
            "kind": "visit_time",
            "at": visit.starts_at.astimezone(UTC).isoformat(),
            "zone": visit.timezone,
            "names_zone": self._is_elsewhere(visit.timezone, visit.starts_at),
            "id": visit.id,
            "sequence": visit.sequence,
            "clinician": visit.clinician_id,
            "clinician_name": visit.clinician_name,
            "visit_kind": visit.visit_kind,
            "reason": visit.reason,
            "interpreter": visit.interpreter,
        }

    def _wanted(
        self,
        patient: int,
        her: Any,
        reason: str,
        visit_kind: str,
        clinician: int | None,
        wish: Mapping[str, Json],
        after: str | None,
    ) -> Wanted:
        earliest, latest = (
            time.fromisoformat(wish[name]) if wish[name] else None for name in ("earliest", "latest")
        )
        return Wanted(
            clinic_id=self._clinic.id,
            patient_id=patient,
            minutes=reasons()[reason].minutes,
            visit_kind=visit_kind,
            language=her.interpreter or her.language,
            interpreter=True,
            state=her.state,
            clinician_id=clinician,
            place_id=None,
            first_day=date.fromisoformat(wish["first"]),
            last_day=date.fromisoformat(wish["last"]),
            earliest=earliest,
            latest=latest,
            timezone=self._clinic.timezone if visit_kind == "in_person" else her.timezone,
            after=datetime.fromisoformat(after) if after else None,
        )

    def _offers(self, connection: Connection, wanted: Wanted) -> list[offers.Offer]:
        return offers.offers(connection, wanted, self._now, OFFERED)

    def _is_elsewhere(self, zone: str, at: datetime) -> bool:
        """Is the wall clock of `zone` another one than the clinic's at that moment? Then the zone is said."""
        return (
            at.astimezone(ZoneInfo(zone)).utcoffset()
            != at.astimezone(ZoneInfo(self._clinic.timezone)).utcoffset()
        )


def _carries(numbers: Sequence[Any]) -> Carries:
    """By the number at which she is reached first; no phone of hers is known to carry video."""
    first = next(iter(numbers), None)
    return carried(first.kind, first.text_only, False) if first else carried(None, False, False)


def _sees(row: Any, visit_kind: str, her: Any) -> bool:
    return visit_kind in row.visit_kinds and _may_see(row, visit_kind, her)


def _may_see(clinician: Any, visit_kind: str, her: Any) -> bool:
    return may_see(clinician, visit_kind, her.interpreter or her.language, True, her.state)[0]


NAMES = tuple(
    name for name, _ in inspect.getmembers(_Finding, inspect.isfunction) if not name.startswith("_")
)


def known_finders() -> Mapping[str, frozenset[str]]:
    """The names of the values that each finder takes."""
    return {
        name: frozenset(inspect.signature(getattr(_Finding, name)).parameters) - {"self"} for name in NAMES
    }
