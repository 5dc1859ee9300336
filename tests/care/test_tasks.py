"""Tasks: one for each thing that a person must look at, done once."""

from __future__ import annotations

from sqlalchemy import select

from care import by_staff, tasks
from records.tasks import Task
from tests.care.clinic import HOUR, NOON, NUMBERS, Clinic


def test_a_task_is_made_once_for_its_key(clinic: Clinic) -> None:
    for reason in ("missed", "missed again"):
        with clinic.database.writing() as connection:
            tasks.make(
                clinic.database, connection, key="k", clinic_id=1, reason=reason, same_day=True, now=NOON
            )
    assert clinic.rows(Task, "reason", "state", "details") == [("missed", "open", {})]


def test_a_reason_in_a_conversation_is_one_task_but_each_message_is_its_own(clinic: Clinic) -> None:
    with clinic.turn() as on:
        tasks.make_in_turn(on, "asked_for_person", True)
        tasks.make_in_turn(on, "message", False, message=1)
    with clinic.turn(turn=2) as on:
        tasks.make_in_turn(on, "asked_for_person", True)
        tasks.make_in_turn(on, "message", False, message=2)
    with clinic.turn("c2") as on:
        tasks.make_in_turn(on, "asked_for_person", True)
    assert sorted(clinic.rows(Task, "reason")) == ["asked_for_person"] * 2 + ["message"] * 2
    first = clinic.rows(Task)[0]
    assert first.details == {"number": NUMBERS["rosa"], "language": "es"}


def test_a_task_is_finished_once_by_its_own_clinic(clinic: Clinic) -> None:
    with clinic.turn() as on:
        tasks.make_in_turn(on, "asked_for_person", True)
    with clinic.database.writing() as connection:
        task = connection.scalars(select(Task.id)).one()
        assert not by_staff.finish_task(connection, 2, task, "another clinic's", NOON)
        assert by_staff.finish_task(connection, 1, task, "Ana", NOON)
        assert not by_staff.finish_task(connection, 1, task, "Ben", NOON + HOUR)
    assert clinic.rows(Task, "state", "done_by", "done_at") == [("done", "Ana", NOON)]
