"""Reminders that come up: each put once, however many beats, stops and changes there are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete, event, insert, select, update

from care import consent, numbers
from care.by_staff import Act
from care.reminders import due, in_flight, settings
from clinic.finding.reminders import of_visits
from records import Database
from records.appointments import Appointment
from records.outbox import OutboxRow
from records.patients import Consent, Patient, PatientNumber, Proxy
from records.sealing import hashed
from records.tasks import Task
from tests.care.clinic import DAY, HOUR, MINUTE, NOON, NUMBERS, Clinic
from tests.care.reminders.visits import book, change

START = NOON + 10 * DAY + 150 * MINUTE
"""A Tuesday, half past two in the afternoon."""
LONG = 12 * DAY


@pytest.fixture(autouse=True)
def consented(clinic: Clinic) -> None:
    for name in clinic.patients:
        clinic.word(name, "reminders")


def beats(clinic: Clinic, begin: datetime, end: datetime, every: timedelta = 15 * MINUTE) -> int:
    """The worker looks, again and again. Returns how many were put."""
    moment, put = begin, 0
    while moment <= end:
        put += due.put_those_due(clinic.database, moment)
        moment += every
    return put


def of(row: OutboxRow) -> tuple[str, datetime]:
    return row.facts["offset"], row.due_at


def test_a_visit_is_reminded_of_four_times(clinic: Clinic) -> None:
    visit = book(clinic, "rosa", START)
    beats(clinic, NOON, START)
    rows = clinic.rows(OutboxRow)
    assert [of(row) for row in rows] == [
        ("7d", START - 7 * DAY), ("3d", START - 3 * DAY), ("1d", START - DAY), ("2h", START - 2 * HOUR)
    ]  # fmt: skip
    assert [row.created_at < row.due_at - 17 * HOUR for row in rows] == [True] * 4
    first = rows[0]
    assert first.key == f"reminder:{visit}:{START.isoformat(timespec='minutes')}:7d"
    assert (first.kind, first.channel, first.flow, first.language) == (
        "reminder",
        "text",
        "reminder_text",
        "es",
    )
    assert (first.number, first.patient_id) == (NUMBERS["rosa"], clinic.patients["rosa"])
    assert first.expires_at == START - 6 * DAY
    assert first.facts["visit_at"] == {
        "kind": "visit_time",
        "at": START.isoformat(),
        "zone": "America/New_York",
    }


def test_who_has_a_landline_is_called_and_a_childs_mother_is_reminded_for_it(clinic: Clinic) -> None:
    book(clinic, "james", START)
    book(clinic, "lucia", START + HOUR)
    with clinic.database.writing() as connection:
        connection.execute(
            insert(Proxy).values(
                clinic_id=1, patient_id=clinic.patients["lucia"], name="Ana", relation="parent",
                birth_date="1990-01-01",
                number="+16175550108", number_hash=hashed("+16175550108"), language="en", topics=["reminders"],
                created_at=NOON,
            )
        )  # fmt: skip
    beats(clinic, START - 8 * DAY, START - 7 * DAY)
    assert clinic.rows(OutboxRow, "channel", "flow", "number", "language") == [
        ("call", "reminder_call", NUMBERS["james"], "en"),
        ("text", "reminder_text", "+16175550108", "en"),
    ]


def test_nothing_without_consent_and_a_task_where_no_machine_may(clinic: Clinic) -> None:
    book(clinic, "james", START)
    book(clinic, "rosa", START)
    clinic.word("james", "reminders", given=False)
    with clinic.database.writing() as connection:
        rules = {"never_text": True, "never_call": True}
        connection.execute(
            update(Patient).where(Patient.id == clinic.patients["rosa"]).values(safe_contact=rules)
        )
    assert beats(clinic, NOON, START, HOUR) == 0
    (task,) = clinic.rows(Task)
    assert (task.reason, task.patient_id, task.same_day) == (
        "remind_by_person",
        clinic.patients["rosa"],
        False,
    )


def test_the_patients_setting_goes_before_the_clinics_and_that_before_the_default(clinic: Clinic) -> None:
    book(clinic, "rosa", START)
    book(clinic, "james", START)
    book(clinic, "lucia", START)
    with clinic.database.writing() as connection:
        for who, offsets, channels in (
            (None, "2d", "both"),
            ("james", "3h 1d", "call"),
            ("lucia", "", "text"),
        ):
            settings.write(
                clinic.database, connection, clinic_id=1, patient_id=clinic.patients[who] if who else None,
                offsets=offsets, channels=channels, by="nurse", now=NOON,
            )  # fmt: skip
        with pytest.raises(ValueError, match="before a visit"):
            settings.write(
                clinic.database, connection, clinic_id=1, patient_id=None, offsets="soon", channels="text",
                by="nurse", now=NOON,
            )  # fmt: skip
    beats(clinic, NOON, START)
    put = [(row.patient_id, row.channel, *of(row)) for row in clinic.rows(OutboxRow)]
    rosa, james = clinic.patients["rosa"], clinic.patients["james"]
    assert sorted(put) == sorted([
        (rosa, "text", "2d", START - 2 * DAY), (rosa, "call", "2d", START - 2 * DAY),
        (james, "call", "1d", START - DAY), (james, "call", "3h", START - 3 * HOUR),
    ])  # fmt: skip


def test_her_own_hours_move_it_forward_by_days(clinic: Clinic) -> None:
    """She may be reached on Fridays alone; the visit is on a Tuesday."""
    rules = {"windows": [{"days": ["fri"], "from": "09:00", "until": "12:00"}]}
    with clinic.database.writing() as connection:
        connection.execute(
            update(Patient).where(Patient.id == clinic.patients["rosa"]).values(safe_contact=rules)
        )
    book(clinic, "rosa", START)
    beats(clinic, NOON - 5 * DAY, START)
    friday = datetime.fromisoformat("2026-11-27T14:00+00:00")
    # The first would be on the Tuesday before, and goes on the Friday after it: there the others fall together.
    assert [of(row) for row in clinic.rows(OutboxRow)] == [("2h", friday + HOUR)]


def test_a_stop_of_the_worker_misses_none_that_is_still_worth_sending(clinic: Clinic) -> None:
    book(clinic, "rosa", START)
    beats(clinic, NOON - DAY, NOON)
    assert due.put_those_due(clinic.database, START - 3 * DAY + HOUR) == 1, "of the 7 days it is too late"
    (row,) = clinic.rows(OutboxRow)
    assert of(row) == ("3d", START - 3 * DAY + HOUR)
    assert row.expires_at == START - 2 * DAY


def test_the_first_look_finds_what_is_due(clinic: Clinic) -> None:
    book(clinic, "rosa", START)
    assert due.put_those_due(clinic.database, START - 14 * HOUR) == 2
    assert [of(row)[0] for row in clinic.rows(OutboxRow)] == ["1d", "2h"]


def test_booked_for_tomorrow_it_is_reminded_of_all_the_same(clinic: Clinic) -> None:
    beats(clinic, NOON, START - 30 * HOUR)
    book(clinic, "rosa", START, since=START - 30 * HOUR)
    beats(clinic, START - 30 * HOUR, START)
    assert [of(row) for row in clinic.rows(OutboxRow)] == [("2h", START - 2 * HOUR)]


def test_nothing_is_looked_at_twice(clinic: Clinic) -> None:
    book(clinic, "rosa", START)
    beats(clinic, START - 8 * DAY, START - 7 * DAY)
    clinic.database.engine.dispose()
    with clinic.database.writing() as connection:
        connection.execute(OutboxRow.__table__.delete())
    assert beats(clinic, START - 7 * DAY, START - 4 * DAY) == 0


@pytest.mark.parametrize("many", [3, 200])
def test_statements_are_as_many_however_many_are_due(clinic: Clinic, many: int) -> None:
    for place in range(many):
        book(clinic, "rosa", START + place * MINUTE)
    seen: list[str] = []
    for engine in (clinic.database.engine, clinic.database._readers):
        event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    assert due.put_those_due(clinic.database, START - 7 * DAY - HOUR) == many
    assert len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]) <= 10


def test_two_beats_at_once_put_each_once(clinic: Clinic, open_again: Callable[[], Database]) -> None:
    for name in clinic.patients:
        book(clinic, name, START)
    ready = Barrier(4)

    def beat(database: Database) -> int:
        ready.wait(10)
        return due.put_those_due(database, START - 7 * DAY)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(beat, [open_again() for _ in range(4)]))
    assert len(clinic.rows(OutboxRow)) == 4


# How she is reached changes


def test_her_reminder_goes_to_her_new_number(clinic: Clinic) -> None:
    """It waited for the old one already, and goes when it was to go."""
    book(clinic, "rosa", START)
    beats(clinic, START - 8 * DAY, START - 7 * DAY - HOUR)
    with clinic.database.writing() as connection:
        act = Act(clinic.database, connection, 1, "nurse", "Nurse", START - 7 * DAY - HOUR)
        number = connection.scalars(
            select(PatientNumber.id).where(PatientNumber.patient_id == clinic.patients["rosa"])
        ).one()
        new = numbers.Number("+16175550109", "landline", False, False, 0)
        assert numbers.change(act, clinic.patients["rosa"], number, new)
    (row,) = clinic.rows(OutboxRow)
    assert (row.number, row.channel, row.flow, row.status, row.reason) == (
        "+16175550109",
        "call",
        "reminder_call",
        "due",
        None,
    )
    assert row.due_at == START - 7 * DAY


def test_who_agrees_after_she_has_booked_is_reminded(clinic: Clinic) -> None:
    clinic.now = START - 7 * DAY - HOUR
    with clinic.database.writing() as connection:
        connection.execute(delete(Consent))
    book(clinic, "rosa", START)
    beats(clinic, START - 8 * DAY, clinic.now)
    assert clinic.rows(OutboxRow) == []
    with clinic.turn() as on:
        consent.agree(on, "reminders", "reminders-2")
    assert [of(row) for row in clinic.rows(OutboxRow)] == [("7d", START - 7 * DAY)]


def test_who_stops_and_begins_again_is_reminded(clinic: Clinic) -> None:
    book(clinic, "rosa", START)
    book(clinic, "rosa", START + HOUR)
    beats(clinic, START - 8 * DAY, START - 7 * DAY - HOUR)
    clinic.now = START - 7 * DAY - HOUR
    with clinic.turn() as on:
        consent.opt_out(on)
    assert clinic.rows(OutboxRow, "status", "reason") == [("dropped", "opted out")] * 2
    with clinic.turn("c2") as on:
        consent.opt_in(on)
    assert clinic.rows(OutboxRow, "status", "reason") == [("due", None)] * 2


# The visit changes


def test_moved_away_the_reminders_follow_and_come_back_with_it(clinic: Clinic) -> None:
    visit = book(clinic, "rosa", START)
    beats(clinic, START - 8 * DAY, START - 7 * DAY - HOUR)
    clinic.now = START - 7 * DAY - HOUR
    before, after = change(clinic, visit, starts_at=START + 5 * DAY, sequence=1)
    with clinic.database.writing() as connection:
        in_flight.follow(connection, before, after, clinic.now)
    beats(clinic, clinic.now, START - 3 * DAY)
    assert clinic.rows(OutboxRow, "status", "reason") == [("dropped", "visit moved")]
    beats(clinic, START - 3 * DAY, START - 2 * DAY)
    assert [of(row) for row in clinic.rows(OutboxRow)[1:]] == [("7d", START - 2 * DAY)]
    clinic.now = START - 30 * HOUR
    before, after = change(clinic, visit, starts_at=START, sequence=2)
    with clinic.database.writing() as connection:
        in_flight.follow(connection, before, after, clinic.now)
    beats(clinic, clinic.now, START)
    assert [(of(row)[0], row.status) for row in clinic.rows(OutboxRow)] == [
        ("7d", "dropped"), ("7d", "dropped"), ("2h", "due")
    ]  # fmt: skip


def test_back_at_its_time_a_reminder_that_was_dropped_goes_after_all(clinic: Clinic) -> None:
    visit = book(clinic, "rosa", START)
    clinic.now = START - 19 * HOUR
    beats(clinic, clinic.now - HOUR, clinic.now)

    def of_the_day() -> list[tuple[str, str | None]]:
        key = f"reminder:{visit}:{START.isoformat(timespec='minutes')}:2h"
        return [(row.status, row.reason) for row in clinic.rows(OutboxRow) if row.key == key]

    assert of_the_day() == [("due", None)]
    for start, sequence, found in ((START + DAY, 1, ("dropped", "visit moved")), (START, 2, ("due", None))):
        before, after = change(clinic, visit, starts_at=start, sequence=sequence)
        with clinic.database.writing() as connection:
            in_flight.follow(connection, before, after, clinic.now)
            due.put_anew(clinic.database, connection, [clinic.patients["rosa"]], clinic.now)
        assert of_the_day() == [found]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"state": "called_off"}, "visit called off"),
        ({"state": "missed"}, "visit is over"),
        ({"starts_at": START + HOUR}, "visit moved"),
        ({"state": "confirmed"}, None),
        ({"words": "my knee"}, None),
    ],
)
def test_what_is_on_its_way_is_wanted_or_not(
    clinic: Clinic, changed: dict[str, object], why: str | None
) -> None:
    visit = book(clinic, "rosa", START)
    beats(clinic, START - 8 * DAY, START - 7 * DAY)
    before, after = change(clinic, visit, **changed)
    with clinic.database.reading() as connection:
        found = in_flight.not_wanted(connection, clinic.rows(OutboxRow), START - 7 * DAY)
        over = in_flight.not_wanted(connection, clinic.rows(OutboxRow), START)
    assert list(found.values()) == ([why] if why else [])
    assert len(over) == 1, "begun, it is over for a reminder"
    with clinic.database.writing() as connection:
        in_flight.follow(connection, before, after, START - 7 * DAY)
    assert clinic.rows(OutboxRow, "reason") == [why]


def test_visits_of_others_are_left_alone(clinic: Clinic) -> None:
    first = book(clinic, "rosa", START)
    book(clinic, "rosa", START + HOUR)
    book(clinic, "james", START)
    beats(clinic, START - 8 * DAY, START - 7 * DAY)
    before, after = change(clinic, first, state="called_off")
    with clinic.database.writing() as connection:
        in_flight.follow(connection, before, after, START - 7 * DAY)
    assert sorted(clinic.rows(OutboxRow, "status")) == ["dropped", "due", "due"]


def test_staff_see_what_is_to_come_by_the_same_rule(clinic: Clinic) -> None:
    visit = book(clinic, "rosa", START)
    beats(clinic, START - 8 * DAY, START - 7 * DAY)

    def to_come(now: datetime) -> list[tuple[str, datetime, tuple[str, ...]]]:
        with clinic.database.reading() as connection:
            row = connection.execute(select(Appointment.__table__).where(Appointment.id == visit)).one()
            found = of_visits(connection, row.clinic_id, row.patient_id, [row], now)[visit]
        return [(one.offset, one.at, tuple(way.channel for way in found.ways)) for one in found.ahead]

    three = [("3d", START - 3 * DAY), ("1d", START - DAY), ("2h", START - 2 * HOUR)]
    assert to_come(START - 7 * DAY) == [(offset, at, ("text",)) for offset, at in three]
    assert to_come(START) == []
    beats(clinic, START - 7 * DAY, START)
    assert [of(row) for row in clinic.rows(OutboxRow)][1:] == three
