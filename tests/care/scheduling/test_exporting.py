"""A schedule goes out and comes in again as it was, in every zone; what is private stays."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from care.scheduling import book_for
from care.scheduling.book_for import Time
from care.scheduling.exporting import export
from care.scheduling.exporting_csv import CsvWriter
from care.scheduling.exporting_ics import CalendarWriter
from care.scheduling.schedule_reading import read_schedule
from records.appointments import Appointment
from records.audit import AuditEntry
from records.scheduling import Occupied
from tests.care.clinic import Clinic
from tests.care.scheduling.calendar_files import NOW, TERMS
from tests.care.scheduling.master import Master
from tests.care.scheduling.schedule import at
from tests.care.scheduling.test_importing_visits import V1, V2, V3

KINDS = pytest.mark.parametrize("kind", ["ics", "csv"])
KEPT = (
    "patient_id", "clinician_id", "place_id", "visit_kind", "reason", "starts_at", "ends_at", "timezone", "state",
    "series", "sequence", "interpreter",
)  # fmt: skip


@pytest.fixture
def ours(clinic: Clinic, tmp_path: Path) -> Master:
    return Master(clinic, tmp_path, decides=False)


def goes_out(master: Master, kind: str, *, with_names: bool = False) -> Path:
    path = master.folder / f"out.{kind}"
    export(
        master.clinic.database, clinic_id=1, path=path, kind="ics" if kind == "ics" else "csv", by="command:ana",
        now=master.clinic.now, with_names=with_names,
    )  # fmt: skip
    return path


def booked_here(master: Master, minutes: int = 30) -> int:
    with master.clinic.database.writing() as connection:
        time = Time(master.silva, master.room, at(14), minutes, "in_person", "America/New_York", "km")
        return book_for.book(
            master.clinic.database, connection, clinic_id=1, patient_id=master.people["M-1003"], time=time,
            reason="problem", words="my own words", by="patient", now=master.clinic.now, in_hours=False,
        )  # fmt: skip


@KINDS
def test_what_goes_out_comes_into_an_empty_clinic_as_it_was(ours: Master, kind: str) -> None:
    ours.sends(V1, V2, V3, "v0,3,M-1001,S1,2026-11-20 09:00,20,video,other,,missed")
    booked_here(ours)
    file = goes_out(ours, kind)
    before = sorted(ours.clinic.rows(Appointment, *KEPT))
    assert len(before) == 5
    with ours.clinic.database.writing() as connection:
        connection.execute(delete(Occupied))
        connection.execute(delete(Appointment))
    assert ours.sends_file(file).new == 5, ours.said
    assert sorted(ours.clinic.rows(Appointment, *KEPT)) == before
    again = ours.sends_file(file)
    assert (again.new, again.same, again.refused) == (0, 5, 0)


@KINDS
def test_what_goes_out_changes_nothing_where_it_came_from(ours: Master, kind: str) -> None:
    ours.sends(V1, V2, V3)
    booked = booked_here(ours)
    before = ours.clinic.rows(Appointment)
    report = ours.sends_file(goes_out(ours, kind))
    assert (report.new, report.moved, report.same, report.refused) == (0, 0, 4, 0), ours.said
    assert ours.clinic.rows(Appointment) == before
    assert ours.schedule.visit(booked).outside_uid is None


def test_the_file_is_its_owners_alone_and_names_nobody_unless_asked(ours: Master) -> None:
    ours.sends(V1)
    booked_here(ours)
    for kind in ("ics", "csv"):
        file = goes_out(ours, kind)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        text = file.read_text("utf-8")
        assert "M-1001" in text
        for private in ("Ana Lima", "Mina", "my own words", "0111", "1991"):
            assert private not in text
        named = goes_out(ours, kind, with_names=True).read_text("utf-8")
        assert "Ana Lima" in named
        assert "my own words" not in named
    told = [row.about for row in ours.clinic.rows(AuditEntry) if row.did == "exported_schedule"]
    assert told == ["ics,visits:2", "ics,with_names,visits:2", "csv,visits:2", "csv,with_names,visits:2"]


def test_the_master_learns_what_was_called_off_and_how_often_a_visit_was_changed(ours: Master) -> None:
    booked = booked_here(ours)
    with ours.clinic.database.writing() as connection:
        book_for.call_off(
            ours.clinic.database, connection, clinic_id=1, visit=booked, by="patient", now=ours.clinic.now
        )
    text = goes_out(ours, "ics").read_text("utf-8")
    assert "STATUS:CANCELLED\n" in text
    assert "SEQUENCE:1\n" in text
    assert "called_off" in goes_out(ours, "csv").read_text("utf-8")


def test_a_cell_is_nothing_that_a_spreadsheet_works_out(ours: Master) -> None:
    ours.sends("=1+1,0,M-1001,S1,2026-11-23 09:00,20,video,other,,")
    file = goes_out(ours, "csv")
    assert "\n'=1+1," in file.read_text("utf-8")
    assert ours.sends_file(file).same == 1


def test_a_patient_without_a_record_number_is_told_of(ours: Master) -> None:
    ours.schedule.book(ours.silva, at(9), in_hours=False)
    report = export(
        ours.clinic.database,
        clinic_id=1,
        path=ours.folder / "out.ics",
        kind="ics",
        by="t",
        now=ours.clinic.now,
    )
    assert report.nameless == 1
    # And its event is no time off of the clinician's where it comes in again.
    assert ours.sends_file(ours.folder / "out.ics").off == 0
    assert ["names no patient" in one for one in ours.said] == [True]


ZONES = ("America/New_York", "America/Phoenix", "Europe/Berlin", "Pacific/Kiritimati")
CHANGES = [
    datetime(2026, 11, 1, 5, tzinfo=UTC),
    datetime(2027, 3, 14, 6, tzinfo=UTC),
    datetime(2027, 3, 28, 0, tzinfo=UTC),
    datetime(2027, 10, 31, 0, tzinfo=UTC),
    datetime(2027, 11, 7, 5, tzinfo=UTC),
]
MOMENTS = st.one_of(
    st.integers(0, 833_000).map(lambda minutes: CHANGES[0] + timedelta(minutes=minutes)),
    st.tuples(st.sampled_from(CHANGES), st.integers(-180, 180)).map(
        lambda pair: pair[0] + timedelta(minutes=pair[1])
    ),
)
TEXT = st.text(
    st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp", "Zs", "Cn"]), min_size=1, max_size=30
)


@settings(deadline=None, max_examples=150)
@given(
    kind=st.sampled_from(["ics", "csv"]), starts_at=MOMENTS, minutes=st.integers(1, 180), zone=st.sampled_from(ZONES),
    uid=TEXT, name=st.one_of(st.none(), TEXT), sequence=st.integers(0, 9),
)  # fmt: skip
def test_every_moment_in_every_zone_comes_back_as_it_went(
    tmp_path_factory: pytest.TempPathFactory, kind: str, starts_at: datetime, minutes: int, zone: str, uid: str,
    name: str | None, sequence: int,
) -> None:  # fmt: skip
    row = SimpleNamespace(
        sequence=sequence, record_number="M-1001", starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes),
        visit_kind="audio", reason="problem", place_name=name, interpreter=None, series=None, changed_at=NOW,
        state="booked",
    )  # fmt: skip
    file = StringIO()
    writer = CalendarWriter(file, "Harbor", NOW) if kind == "ics" else CsvWriter(file)
    writer.visit(SimpleNamespace(uid=uid, row=row, clinician="S1", timezone=zone), name)
    writer.end()
    path = tmp_path_factory.getbasetemp() / f"property.{kind}"
    path.write_text(file.getvalue(), "utf-8", newline="")
    entries = read_schedule(path, TERMS, NOW)
    assert entries.problems == []
    (entry,) = entries.visits
    assert (entry.starts_at, entry.ends_at, entry.timezone) == (row.starts_at, row.ends_at, zone)
    assert (entry.sequence, entry.record_number, entry.clinician) == (sequence, "M-1001", "S1")
