"""A clinic with two clinicians and a room, and files that come in from its own schedule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import update

from care.rules.patient_row import Problem
from care.scheduling.importing_absent import Scope
from care.scheduling.importing_visits import VisitReport, import_days_off, import_visits
from records.appointments import Appointment
from records.clinics import Clinic as ClinicRow
from tests.care.clinic import Clinic
from tests.care.people_rows import register
from tests.care.scheduling.schedule import Schedule

HEAD = "uid,sequence,record_number,clinician,starts,minutes,kind,reason,place,state\n"
PEOPLE = [("M-1001", "Ana Lima", "617-555-0111"), ("M-1002", "Luis Costa", "617-555-0112"),
          ("M-1003", "Mina Park", "617-555-0113")]  # fmt: skip


class Master:
    """The clinic's own schedule: rows of visits that it sends as files."""

    def __init__(self, clinic: Clinic, folder: Path, *, decides: bool) -> None:
        self.clinic, self.folder = clinic, folder
        self.schedule = Schedule(clinic)
        self.people = {
            number: register(
                clinic, record_number=number, name=name, birth_date="1991-04-17", language="es", number=phone
            )
            for number, name, phone in PEOPLE
        }
        self.silva = self.schedule.clinician("Dr. Ana Silva", outside_id="S1")
        self.bose = self.schedule.clinician("Dr. Bose")
        self.room = self.schedule.place("Room 1")
        with clinic.database.writing() as connection:
            master = "outside" if decides else "careline"
            connection.execute(update(ClinicRow).where(ClinicRow.id == 1).values(schedule_master=master))
        self.said: list[str] = []

    def sends(self, *rows: str, apply: bool = True, scope: Scope | None = None) -> VisitReport:
        """Rows as "uid,sequence,record number,clinician,starts,minutes,kind,reason,place,state"."""
        path = self.folder / "visits.csv"
        path.write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
        return self.sends_file(path, apply=apply, scope=scope)

    def sends_file(self, path: Path, *, apply: bool = True, scope: Scope | None = None) -> VisitReport:
        return self._sends(import_visits, path, apply, scope)

    def sends_days_off(self, path: Path, *, apply: bool = True, scope: Scope | None = None) -> VisitReport:
        return self._sends(import_days_off, path, apply, scope)

    def visits(self) -> dict[str, str]:
        """UID → day, hour in Boston (winter), clinician, state."""
        rows = self.clinic.rows(Appointment)
        return {row.outside_uid or f"#{row.id}": _told(row) for row in rows}

    def _sends(self, take_in: Any, path: Path, apply: bool, scope: Scope | None) -> VisitReport:
        self.said = []

        def note(where: str, problem: Problem) -> None:
            self.said.append(f"{where}, {problem.column}: {problem.says}")

        report: VisitReport = take_in(
            self.clinic.database, clinic_id=1, path=path, by="command:ana", now=self.clinic.now, apply=apply,
            scope=scope, on_problem=note,
        )  # fmt: skip
        return report


def _told(row: Any) -> str:
    return f"{row.starts_at:%d %H:%M} {row.clinician_id} {row.state}"
