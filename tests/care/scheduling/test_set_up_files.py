"""Clinicians, places and days off come in from sheets; the examples in the documents do as the documents say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from care.scheduling.importing_absent import Scope
from care.scheduling.importing_set_up import SetUpReport, import_clinicians, import_places
from records.appointments import Appointment
from records.audit import AuditEntry
from records.scheduling import Clinician, DayOff, Opening, Place, WorkingHours
from tests.care.clinic import Clinic
from tests.care.people_rows import register
from tests.care.scheduling.calendar_files import calendar, event, written
from tests.care.scheduling.master import Master
from tests.care.scheduling.schedule import assert_agrees, at

DOCS = Path(__file__).parents[3] / "docs"
Sends = Callable[..., SetUpReport]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def sends(clinic: Clinic, tmp_path: Path, said: list[str]) -> Sends:
    """A file of places or clinicians, by its path or as its text."""

    def send(take_in: Any, content: str | Path, apply: bool = True) -> SetUpReport:
        path = content if isinstance(content, Path) else written(tmp_path, content.encode(), "sheet.csv")
        said.clear()
        report: SetUpReport = take_in(
            clinic.database, clinic_id=1, path=path, by="command:ana", now=clinic.now, apply=apply,
            on_problem=lambda where, problem: said.append(f"{where}, {problem.column}: {problem.says}"),
        )  # fmt: skip
        return report

    return send


def starts_on(clinic: Clinic, clinician: int, day: date) -> set[datetime]:
    rows = clinic.rows(Opening)
    return {row.starts_at for row in rows if row.clinician_id == clinician and row.starts_at.date() == day}


def test_the_examples_come_in_and_again_nothing_changes(
    clinic: Clinic, sends: Sends, said: list[str], tmp_path: Path
) -> None:
    for take_in, name in ((import_places, "places"), (import_clinicians, "clinicians")):
        assert sends(take_in, DOCS / f"{name}.example.csv", apply=False).new == 2
        assert clinic.rows(Place if name == "places" else Clinician) == []
        assert sends(take_in, DOCS / f"{name}.example.csv").new == 2, said
        again = sends(take_in, DOCS / f"{name}.example.csv")
        assert (again.new, again.changed, again.same, again.refused) == (0, 0, 2, 0)
    for number, phone in (("M-1001", "617-555-0111"), ("M-1002", "617-555-0112")):
        register(
            clinic,
            record_number=number,
            name="Ana Lima",
            birth_date="1991-04-17",
            language="es",
            number=phone,
        )
    master = object.__new__(Master)
    master.clinic, master.folder = clinic, tmp_path
    assert (master.sends_days_off(DOCS / "days-off.example.csv").off, master.said) == (3, [])
    assert (master.sends_file(DOCS / "visits.example.csv").new, master.said) == (3, [])
    report = master.sends_file(DOCS / "schedule.example.ics")
    assert (report.new, report.refused, report.off_same) == (4, 0, 1), master.said
    assert len(clinic.rows(Appointment)) == 7
    again = master.sends_file(DOCS / "schedule.example.ics")
    assert (again.new, again.off, again.same) == (0, 0, 4)
    assert_agrees(clinic)
    assert {"imported_places", "imported_clinicians"} <= {row.did for row in clinic.rows(AuditEntry)}


def test_hours_make_starts_and_new_hours_take_their_place(clinic: Clinic, sends: Sends) -> None:
    head = "name,hours,kinds,step\n"
    sends(import_clinicians, head + "Dr. Silva,Mon 09:00-10:00,audio,20\n")
    (silva,) = clinic.rows(Clinician, "id")
    monday = date(2026, 11, 23)
    assert starts_on(clinic, silva, monday) == {at(9), at(9, 20), at(9, 40)}
    assert sends(import_clinicians, head + "Dr. Silva,Mon 15:00-16:00,audio,30\n").changed == 1
    assert starts_on(clinic, silva, monday) == {at(15), at(15, 30)}
    assert sends(import_clinicians, head + "Dr. Silva,none,,\n").changed == 1
    assert starts_on(clinic, silva, monday) == set()
    assert all(row.until_on for row in clinic.rows(WorkingHours))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Dr. Silva,Mon 10:00-09:00,audio,20,,MA", "earlier hour first"),
        ("Dr. Silva,Someday 9:00-10:00,audio,20,,MA", "Write days and hours"),
        ("Dr. Silva,Mon 9:00-25:00,audio,20,,MA", "from 0:00 to 23:59"),
        ("Dr. Silva,Mon 9:00-11:00 10:00-12:00,audio,20,,MA", "at the same time"),
        ("Dr. Silva,Mon 9:00-11:00,fax,20,,MA", "Write audio, video or in_person"),
        ("Dr. Silva,Mon 9:00-11:00,,20,,MA", "Write which visits"),
        ("Dr. Silva,Mon 9:00-11:00,audio,7,,MA", "A visit may begin"),
        ("Dr. Silva,Mon 9:00-11:00,audio,20,Room 9,MA", "There is no such room"),
        ("Dr. Silva,Mon 9:00-11:00,audio,20,,Massachusetts", "two letters"),
        (",Mon 9:00-11:00,audio,20,,MA", "This is needed"),
    ],
)
def test_a_mistake_in_a_row_is_a_sentence(
    clinic: Clinic, sends: Sends, said: list[str], row: str, says: str
) -> None:
    report = sends(
        import_clinicians, f"name,hours,kinds,step,room,states\n{row}\nDr. Bose,Mon 9:00-10:00,audio,20,,MA\n"
    )
    assert (report.new, report.refused) == (1, 1)
    assert [one.startswith("Row 2, ") and says in one for one in said] == [True]
    assert clinic.rows(Clinician, "name") == ["Dr. Bose"]


def test_a_hub_needs_its_number_and_state(clinic: Clinic, sends: Sends, said: list[str]) -> None:
    assert sends(import_places, "name,kind\nLibrary,hub\n").refused == 1
    assert [one.split(":")[0] for one in said] == ["Row 2, number", "Row 2, state"]
    assert sends(import_places, "name,kind,number,state\nLibrary,hub,617-555-0180,MA\n").new == 1
    assert clinic.rows(Place, "number") == ["+16175550180"]


def test_days_off_take_the_starts_away_and_visits_in_them_are_counted(clinic: Clinic, tmp_path: Path) -> None:
    master = Master(clinic, tmp_path, decides=True)
    master.schedule.hours(master.silva)
    master.schedule.make()
    master.schedule.book(master.silva, at(9))
    file = written(
        tmp_path,
        b"clinician,from,until,starts,ends,name,uid\nS1,2026-11-23,,09:00,11:00,Away,o1\n",
        "off.csv",
    )
    report = master.sends_days_off(file)
    assert (report.off, report.visits_in_time_off) == (1, 1)
    assert min(starts_on(clinic, master.silva, date(2026, 11, 23))) == at(11)
    # The master moves it to another day, and the hours of this one are back.
    written(tmp_path, file.read_bytes().replace(b"11-23", b"11-24"), "off.csv")
    report = master.sends_days_off(file)
    assert (report.off, report.off_gone) == (1, 1)
    assert at(10) in starts_on(clinic, master.silva, date(2026, 11, 23))
    assert master.sends_days_off(file).off_same == 1


def test_time_off_over_days_is_cut_where_days_end(clinic: Clinic, tmp_path: Path) -> None:
    master = Master(clinic, tmp_path, decides=True)
    away = event(
        "DTSTART;TZID=America/New_York:20261211T150000", "DTEND;TZID=America/New_York:20261214T090000",
        "X-CARELINE-CLINICIAN:S1", uid="away",
    )  # fmt: skip
    other = event("DTSTART;VALUE=DATE:20261215", "X-CARELINE-CLINICIAN:S1", uid="other")
    master.sends_file(written(tmp_path, calendar(away, other)))
    rows = clinic.rows(DayOff, "from_on", "until_on", "starts", "ends")
    assert [(f"{a:%d}", f"{b:%d}", c, d) for a, b, c, d in rows] == [
        ("11", "11", "15:00", "24:00"), ("12", "13", None, None), ("14", "14", "00:00", "09:00"),
        ("15", "15", None, None),
    ]  # fmt: skip
    days = Scope(date(2026, 12, 1), date(2026, 12, 31))
    assert master.sends_file(written(tmp_path, calendar(other)), scope=days).off_gone == 3
    assert master.sends_file(written(tmp_path, calendar(other)), scope=days).off_same == 1


def test_whose_time_off_nobody_knows_is_refused(clinic: Clinic, tmp_path: Path) -> None:
    master = Master(clinic, tmp_path, decides=False)
    file = written(
        tmp_path,
        b"clinician,from,until\nDr. Who,2026-12-24,\n,2026-12-24,\nS1,2026-12-24,2026-12-23\n",
        "off.csv",
    )
    assert master.sends_days_off(file).refused == 3
    assert [
        "No clinician has this name" in "".join(master.said),
        "everybody" in "".join(master.said),
        "ends before" in "".join(master.said),
    ] == [True] * 3
    assert clinic.rows(DayOff) == []
