"""Visits come in from a clinic's own schedule: where Careline is the master, and where that schedule is."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from care.scheduling import book_for
from care.scheduling.book_for import Time
from care.scheduling.importing_absent import Scope
from records.appointments import Appointment
from records.audit import AuditEntry
from records.patients import Patient
from records.tasks import Task
from tests.care.clinic import Clinic
from tests.care.scheduling.calendar_files import FILES, HALF_AN_HOUR, calendar, visit, written
from tests.care.scheduling.master import Master
from tests.care.scheduling.schedule import assert_agrees, at

V1 = "v1,0,M-1001,S1,2026-11-23 09:00,20,video,follow_up,,"
V2 = "v2,0,M-1002,S1,2026-11-23 09:20,20,audio,problem,,"
V3 = "v3,0,M-1003,Dr. Bose,2026-11-24 10:00,30,in_person,check_up,Room 1,"


@pytest.fixture
def ours(clinic: Clinic, tmp_path: Path) -> Master:
    return Master(clinic, tmp_path, decides=False)


@pytest.fixture
def theirs(clinic: Clinic, tmp_path: Path) -> Master:
    return Master(clinic, tmp_path, decides=True)


def test_a_dry_run_writes_nothing_then_visits_come_in_and_again_nothing_changes(ours: Master) -> None:
    ours.schedule.hours(ours.silva)
    ours.schedule.make()
    assert ours.sends(V1, V2, V3, apply=False).new == 3
    assert ours.visits() == {}
    assert ours.sends(V1, V2, V3).new == 3
    assert ours.visits() == {
        "v1": f"23 14:00 {ours.silva} booked", "v2": f"23 14:20 {ours.silva} booked",
        "v3": f"24 15:00 {ours.bose} booked",
    }  # fmt: skip
    assert_agrees(ours.clinic)
    again = ours.sends(V1, V2, V3)
    assert (again.new, again.same, again.refused) == (0, 3, 0)
    noted = [row for row in ours.clinic.rows(AuditEntry) if row.did == "imported_visit"]
    assert {row.patient_id for row in noted} == set(ours.people.values())
    assert {row.by for row in noted} == {"command:ana"}


def test_where_careline_is_the_master_what_differs_is_said_and_stays(ours: Master) -> None:
    ours.sends(V1, V2)
    before = ours.visits()
    report = ours.sends(V1.replace("09:00", "11:00"), V2 + "called off")
    assert [one[:13] for one in ours.said] == ["Row 2, event:", "Row 3, state:"]
    assert all("Careline is the master" in one for one in ours.said)
    assert (report.moved, report.called_off, ours.visits()) == (0, 0, before)
    assert ours.sends(V1).called_off == 0
    assert ours.visits() == before


def test_nobody_is_booked_twice_beside_the_master(ours: Master) -> None:
    ours.schedule.book(ours.silva, at(9, 10), in_hours=False)
    report = ours.sends(
        V1, V2.replace("09:20", "09:40"), V3, "v4,0,M-1003,S1,2026-11-24 10:10,20,audio,problem,,"
    )
    assert report.new == 2
    assert ours.said == [
        "Row 2, starts: Another visit is at the same time: it has the same clinician. One of the two must move.",
        "Row 5, starts: Row 4 is at the same time: it has the same patient. One of the two must move.",
    ]
    assert_agrees(ours.clinic)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("v,0,M-99,S1,2026-11-23 09:00,20,video,follow_up,,", "No patient has this record number"),
        ("v,0,M-1001,S9,2026-11-23 09:00,20,video,follow_up,,", "No clinician has this name or outside id"),
        ("v,0,M-1001,S1,2027-02-31 09:00,20,video,follow_up,,", "There is no such day"),
        ("v,0,M-1001,S1,2026-11-23,20,video,follow_up,,", "Write day and time"),
        ("v,0,M-1001,S1,2026-11-23 09:00,,video,follow_up,,", "Write when it ends, or how many minutes"),
        ("v,0,M-1001,S1,2026-11-23 09:00,0,video,follow_up,,", "from 1 to 720"),
        ("v,0,M-1001,S1,2026-11-23 09:00,20,fax,follow_up,,", "Write audio, video or in_person"),
        ("v,0,M-1001,S1,2026-11-23 09:00,20,video,chat,,", "Write one of check_up"),
        ("v,0,M-1001,S1,2026-11-23 09:00,20,video,follow_up,Room 9,", "There is no such room or hub"),
        (",0,M-1001,S1,2026-11-23 09:00,20,video,follow_up,,", "what your schedule calls this visit"),
        ("v,0,M-1001,S1,2026-11-23 09:00,20,video,follow_up,,done", "still to come"),
    ],
)
def test_a_mistake_is_named_by_row_and_the_others_come_in(ours: Master, row: str, says: str) -> None:
    report = ours.sends(row, V2)
    assert (report.new, report.refused) == (1, 1)
    (said,) = ours.said
    assert said.startswith("Row 2, ")
    assert says in said
    for private in ("M-1001", "M-99"):
        assert private not in said


@pytest.mark.parametrize(
    ("status", "says"), [("closed", "no longer with the clinic"), ("merged", "went into another")]
)
def test_nobody_who_is_closed_or_merged_gets_a_visit(ours: Master, status: str, says: str) -> None:
    with ours.clinic.database.writing() as connection:
        connection.execute(update(Patient).where(Patient.id == ours.people["M-1001"]).values(status=status))
    assert ours.sends(V1, V2).new == 1
    assert ["Row 2" in one and says in one for one in ours.said] == [True]


def test_a_visit_that_is_over_comes_in_for_the_history(ours: Master) -> None:
    ours.sends(
        "v1,0,M-1001,S1,2026-11-20 09:00,20,video,follow_up,,",
        "v2,0,M-1002,S1,2026-11-20 09:00,20,video,other,,missed",
    )
    assert [one[9:] for one in ours.visits().values()] == [f"{ours.silva} done", f"{ours.silva} missed"]
    assert ours.sends("v1,0,M-1001,S1,2026-11-20 09:00,20,video,follow_up,,").same == 1


def test_the_clinics_own_schedule_is_followed(theirs: Master) -> None:
    theirs.schedule.hours(theirs.silva)
    theirs.schedule.make()
    theirs.sends(V1, V2, V3)
    # v1 and v2 change places, v3 is with another clinician.
    report = theirs.sends(
        V1.replace("09:00", "09:20").replace("v1,0", "v1,1"),
        V2.replace("09:20", "09:00"),
        V3.replace("Dr. Bose", "S1"),
    )
    assert (report.moved, report.refused) == (3, 0)
    assert theirs.visits() == {
        "v1": f"23 14:20 {theirs.silva} booked", "v2": f"23 14:00 {theirs.silva} booked",
        "v3": f"24 15:00 {theirs.silva} booked",
    }  # fmt: skip
    assert_agrees(theirs.clinic)
    report = theirs.sends(V1.replace("09:00", "09:20").replace("v1,0", "v1,1"), V3.replace("Dr. Bose", "S1"))
    assert (report.called_off, report.same) == (1, 2)
    assert theirs.visits()["v2"].endswith("called_off")
    assert_agrees(theirs.clinic)
    did = [(row.did, row.about) for row in theirs.clinic.rows(AuditEntry) if "_by_schedule" in row.did]
    assert did == [(word, f"visit:{of}") for word, of in [("moved_by_schedule", 1), ("moved_by_schedule", 2),
                   ("moved_by_schedule", 3), ("called_off_by_schedule", 2)]]  # fmt: skip


def test_what_careline_booked_stays_until_the_master_has_it(theirs: Master) -> None:
    booked = theirs.schedule.book(theirs.silva, at(11), in_hours=False)
    theirs.sends(V1, V2)
    assert theirs.visits()[f"#{booked}"] == f"23 16:00 {theirs.silva} booked"


def test_a_booking_that_the_master_took_in_under_its_own_uid_is_the_same_visit(theirs: Master) -> None:
    with theirs.clinic.database.writing() as connection:
        time = Time(theirs.silva, None, at(9), 20, "video", "America/New_York")
        booked = book_for.book(
            theirs.clinic.database, connection, clinic_id=1, patient_id=theirs.people["M-1001"], time=time,
            reason="follow_up", by="nurse", now=theirs.clinic.now, in_hours=False,
        )  # fmt: skip
    report = theirs.sends(V1, V2)
    assert (report.new, report.same) == (1, 1)
    assert theirs.schedule.visit(booked).outside_uid == "v1"
    # From then on it is the master's: it calls it off by no longer having it.
    assert theirs.sends(V2).called_off == 1
    assert theirs.schedule.visit(booked).state == "called_off"


def test_a_clash_with_what_careline_booked_is_for_a_person(theirs: Master) -> None:
    booked = theirs.schedule.book(theirs.silva, at(9, 10), in_hours=False)
    for _ in range(2):
        report = theirs.sends(V1, V2.replace("09:20", "10:00"))
        assert report.clashes == 1
    assert theirs.visits().keys() == {f"#{booked}", "v2"}
    (task,) = theirs.clinic.rows(Task)
    assert (task.reason, task.patient_id) == ("schedule_clash", theirs.clinic.patients["rosa"])
    assert task.details["their_patient"] == theirs.people["M-1001"]
    assert task.details["visit"] == booked


def test_moved_here_and_otherwise_there_is_for_a_person_where_the_file_counts_no_changes(
    theirs: Master,
) -> None:
    theirs.sends(V1)
    with theirs.clinic.database.writing() as connection:
        time = Time(theirs.silva, None, at(15), 20, "video", "America/New_York")
        book_for.move(
            theirs.clinic.database, connection, clinic_id=1, visit=1, time=time, by="patient", now=theirs.clinic.now,
            in_hours=False,
        )  # fmt: skip
    assert theirs.sends(V1).undecided == 1
    assert [row.reason for row in theirs.clinic.rows(Task)] == ["schedule_differs"]
    assert theirs.visits()["v1"].startswith("23 20:00")
    # A file that counts says it: here it is the older one, then the later one.
    assert theirs.sends(V1.replace("v1,0", "v1,2").replace("09:00", "16:00")).moved == 1
    assert theirs.visits()["v1"].startswith("23 21:00")


def test_a_visit_that_the_file_has_with_a_mistake_is_not_called_off(theirs: Master) -> None:
    theirs.sends(V1, V2, V3)
    report = theirs.sends(V1.replace("video", "fax"), V2, V3)
    assert (report.called_off, report.kept) == (0, 1)
    report = theirs.sends(V2, V3, V1.replace("v1,", ",").replace("23 09:00", "23 15:00"))
    assert (report.called_off, report.kept) == (0, 1)
    assert theirs.visits()["v1"].endswith("booked")


def test_only_whom_the_file_names_is_touched_unless_it_is_everybodys(theirs: Master) -> None:
    theirs.sends(V1, V2, V3)
    days = Scope(at(0).date(), at(0, day=7).date())
    assert theirs.sends(V1, V2, scope=days).called_off == 0
    assert theirs.sends(V1, V2, scope=Scope(days.first, days.last, everybody=True)).called_off == 1
    assert theirs.visits()["v3"].endswith("called_off")


def test_a_file_that_would_call_off_too_many_calls_off_none(theirs: Master) -> None:
    day = [f"d{hour},0,M-1001,S1,2026-11-23 {hour:02}:00,20,video,other,," for hour in range(8, 18)]
    theirs.sends(*day)
    report = theirs.sends(day[0], day[-1])
    assert (report.called_off, report.too_many) == (0, 8)
    assert all(one.endswith("booked") for one in theirs.visits().values())
    assert theirs.sends(day[0], day[-1], scope=Scope(many=True)).called_off == 8


def test_what_was_called_off_here_is_not_booked_again_by_an_old_file(theirs: Master) -> None:
    theirs.sends(V1, V2)
    with theirs.clinic.database.writing() as connection:
        book_for.call_off(
            theirs.clinic.database, connection, clinic_id=1, visit=1, by="patient", now=theirs.clinic.now
        )
    report = theirs.sends(V1, V2)
    assert (report.newer_here, report.same) == (1, 1)
    assert theirs.visits()["v1"].endswith("called_off")


def test_a_file_that_speaks_of_a_visit_twice_is_told_so(theirs: Master) -> None:
    assert theirs.sends(V1, V1.replace("09:00", "10:00")).new == 1
    assert theirs.said == ["Row 3, uid: Row 2 has the same UID: keep one of the two."]


def test_a_calendar_comes_in_as_a_sheet_does(theirs: Master) -> None:
    report = theirs.sends_file(FILES / "clinic.ics")
    assert (report.new, report.not_ours, report.off, report.refused) == (5, 1, 4, 0), theirs.said
    assert theirs.visits()["in-utc"] == f"18 13:00 {theirs.silva} booked"
    assert {row.timezone for row in theirs.clinic.rows(Appointment)} == {"America/New_York"}
    assert_agrees(theirs.clinic)
    again = theirs.sends_file(FILES / "clinic.ics")
    assert (again.new, again.moved, again.called_off, again.off, again.off_gone) == (0, 0, 0, 0, 0)
    assert (again.same, again.off_same) == (5, 4)


def test_one_time_of_a_series_is_called_off(theirs: Master) -> None:
    weekly = ("DTSTART;TZID=America/New_York:20270302T090000", HALF_AN_HOUR, "RRULE:FREQ=WEEKLY;COUNT=3")
    theirs.sends_file(written(theirs.folder, calendar(visit(*weekly))))
    without = visit(*weekly, "EXDATE;TZID=America/New_York:20270309T090000")
    assert theirs.sends_file(written(theirs.folder, calendar(without))).called_off == 1
    assert [one.split()[-1] for one in theirs.visits().values()] == ["booked", "called_off", "booked"]
