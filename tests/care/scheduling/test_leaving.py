"""Visits when a patient's record is deleted, or goes into another."""

from __future__ import annotations

from pathlib import Path

from care import deleting, merging
from records.appointments import Appointment
from records.scheduling import Occupied
from records.tasks import Task
from tests.care.scheduling.schedule import Schedule, assert_agrees, at


def _merge(schedule: Schedule, keep: str, gone: str) -> None:
    people = schedule.clinic.patients
    with schedule.database.writing() as connection:
        merging.merge(
            schedule.database, connection, clinic_id=1, keep=people[keep], gone=people[gone], by="nurse",
            now=schedule.clinic.now,
        )  # fmt: skip


def test_the_time_of_a_deleted_patient_is_free(schedule: Schedule, tmp_path: Path) -> None:
    room = schedule.place()
    ana, jean = schedule.clinician(), schedule.clinician("Nurse Jean Baptiste")
    for clinician in (ana, jean):
        schedule.hours(clinician, place=room)
    schedule.make()
    before = schedule.free(ana)
    schedule.book(ana, at(9), kind="in_person", place=room)
    schedule.book(ana, at(10), who="james")
    with schedule.database.writing() as connection:
        for who in ("rosa", "james"):
            assert deleting.delete_patient(
                schedule.database, connection, clinic_id=1, patient_id=schedule.clinic.patients[who],
                recordings=tmp_path, by="nurse", now=schedule.clinic.now,
            )  # fmt: skip
    assert (schedule.clinic.rows(Appointment), schedule.clinic.rows(Occupied)) == ([], [])
    assert schedule.free(ana) == before
    assert_agrees(schedule.clinic)


def test_visits_of_one_who_goes_into_another_are_the_others(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.make()
    schedule.book(ana, at(9), who="lucia")
    schedule.book(ana, at(10), who="mateo")
    _merge(schedule, "lucia", "mateo")
    assert set(schedule.clinic.rows(Appointment, "patient_id")) == {schedule.clinic.patients["lucia"]}
    assert schedule.clinic.rows(Task) == []
    assert_agrees(schedule.clinic)


def test_two_visits_at_one_time_both_stay_and_a_person_decides(schedule: Schedule) -> None:
    ana, jean = schedule.clinician(), schedule.clinician("Nurse Jean Baptiste")
    for clinician in (ana, jean):
        schedule.hours(clinician)
    schedule.make()
    both = [schedule.book(ana, at(9), who="lucia"), schedule.book(jean, at(9, 15), who="mateo")]
    _merge(schedule, "lucia", "mateo")
    (task,) = schedule.clinic.rows(Task)
    assert (task.reason, task.patient_id) == ("visits_overlap", schedule.clinic.patients["lucia"])
    assert task.details == {"visits": both[1:]}
    assert schedule.clinic.rows(Appointment, "state") == ["booked", "booked"]
    hers = [row for row in schedule.clinic.rows(Occupied) if row.resource.startswith("patient:")]
    assert {row.resource for row in hers} == {f"patient:{schedule.clinic.patients['lucia']}"}
    assert len(hers) == 7  # twenty minutes and twenty, of which five are in both
