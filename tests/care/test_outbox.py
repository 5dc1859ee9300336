"""What is to happen later: written once, claimed by one, never sent twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from care import outbox, reach
from care.outbox import LEASE
from records import Database
from records.outbox import OutboxRow
from records.sealing import hashed
from tests.care.clinic import DAY, HOUR, MINUTE, NOON, NUMBERS, Clinic
from tests.care.people_rows import second_clinic


def test_a_row_is_written_once_for_its_key(clinic: Clinic) -> None:
    assert clinic.put("check_in:1", facts={"check_in": "1"})
    clinic.now += HOUR
    assert not clinic.put("check_in:1", facts={"check_in": "another"})
    (row,) = clinic.rows(OutboxRow)
    assert (row.facts, row.due_at, row.status) == ({"check_in": "1"}, NOON, "due")


def test_a_key_is_taken_by_one_of_eight_who_write_it_at_once(
    clinic: Clinic, open_again: Callable[[], Database]
) -> None:
    ready = Barrier(8)

    def write(database: Database) -> bool:
        ready.wait(10)
        with database.writing() as connection:
            return outbox.put(
                database, connection, key="k", kind="check_in", channel="text", clinic_id=1, now=NOON
            )

    with ThreadPoolExecutor(8) as threads:
        new = list(threads.map(write, [open_again() for _ in range(8)]))
    assert new.count(True) == 1
    assert clinic.rows(OutboxRow, "key") == ["k"]


@pytest.mark.parametrize(
    ("kind", "queue", "expires"),
    [
        ("alert", "alerts", None),
        ("check_in", "sending", 3 * HOUR),
        ("call_me_back", "sending", 12 * HOUR),
        ("recording", "speech", None),
    ],
)
def test_queue_and_expiry_are_those_of_its_kind(
    clinic: Clinic, kind: str, queue: str, expires: timedelta | None
) -> None:
    clinic.put("k", kind, due_at=NOON + HOUR)
    row = clinic.row("k")
    assert (row.queue, row.due_at) == (queue, NOON + HOUR)
    assert row.expires_at == (expires and NOON + HOUR + expires)


def test_what_is_due_is_claimed_the_most_urgent_first_then_the_oldest(clinic: Clinic) -> None:
    clinic.put("later", due_at=NOON - MINUTE)
    clinic.put("sooner", due_at=NOON - HOUR)
    clinic.put("call back", "call_me_back", due_at=NOON - DAY)
    clinic.put("not yet", due_at=NOON + MINUTE)
    clinic.put("another queue", "alert")
    assert [row.key for row in clinic.claim(most=2)] == ["sooner", "later"]
    assert [row.key for row in clinic.claim()] == ["call back"]
    assert [row.key for row in clinic.claim("alerts")] == ["another queue"]
    assert clinic.claim("alerts") == []
    clinic.now += MINUTE
    assert [row.key for row in clinic.claim()] == ["not yet"]


def test_a_claim_is_a_lease_that_others_respect_also_when_it_has_run_out(clinic: Clinic) -> None:
    clinic.put("k")
    (row,) = clinic.claim()
    assert (row.status, row.leased_until, row.attempts) == ("sending", NOON + LEASE, 1)
    clinic.now += LEASE
    with clinic.database.reading() as connection:
        assert outbox.expired_leases(connection, clinic.now) == []
        clinic.now += timedelta(seconds=1)
        assert [row.key for row in outbox.expired_leases(connection, clinic.now)] == ["k"]
    assert clinic.claim() == [], "nobody knows whether it was sent: only a sweep may decide"


def test_beginning_to_send_renews_the_lease_of_whoever_has_it_and_of_nobody_else(clinic: Clinic) -> None:
    clinic.put("k")
    (row,) = clinic.claim()
    clinic.now += 30 * timedelta(seconds=1)
    with clinic.database.writing() as connection:
        assert outbox.begin(connection, row, clinic.now)
    assert (clinic.row("k").leased_until, clinic.row("k").began_sending_at) == (
        clinic.now + LEASE,
        clinic.now,
    )
    with clinic.database.writing() as connection:
        assert not outbox.begin(connection, row, clinic.now), "with the old lease it is not ours"
        outbox.put_back(connection, row, "no answer", clinic.now)
    with clinic.database.writing() as connection:
        assert not outbox.begin(connection, clinic.row("k"), clinic.now), "what is not claimed is not begun"


def test_put_back_is_due_later_and_was_no_try(clinic: Clinic) -> None:
    clinic.put("k")
    (row,) = clinic.claim()
    with clinic.database.writing() as connection:
        outbox.put_back(connection, row, "quiet hours", NOON + HOUR)
    after = clinic.row("k")
    assert (after.status, after.reason, after.due_at) == ("due", "quiet hours", NOON + HOUR)
    assert (after.attempts, after.leased_until) == (0, None)


@pytest.mark.parametrize("status", ["due", "sending", "unknown"])
def test_a_mark_ends_what_is_under_way(clinic: Clinic, status: str) -> None:
    clinic.put("k", status=status)
    with clinic.database.writing() as connection:
        outbox.mark(connection, clinic.row("k").id, "sent", carrier_id="SM1")
    after = clinic.row("k")
    assert (after.status, after.carrier_id, after.leased_until) == ("sent", "SM1", None)


@pytest.mark.parametrize("status", ["sent", "delivered", "failed", "dropped"])
def test_a_mark_never_moves_back_what_a_callback_has_moved_on(clinic: Clinic, status: str) -> None:
    clinic.put("k", status=status)
    with clinic.database.writing() as connection:
        outbox.mark(connection, clinic.row("k").id, "sent", "late")
    assert (clinic.row("k").status, clinic.row("k").reason) == (status, None)


def test_a_failed_try_comes_again_as_its_kind_says_and_then_fails(clinic: Clinic) -> None:
    clinic.put("k", carrier_status="busy")
    waits = []
    for _ in range(3):
        (row,) = clinic.claim()
        with clinic.database.writing() as connection:
            again = outbox.again_or_give_up(connection, row, "busy", clinic.now)
        after = clinic.row("k")
        waits.append((after.due_at - clinic.now) // MINUTE if again else after.status)
        clinic.now = max(after.due_at, clinic.now)
    assert waits == [5, 15, "failed"]
    assert (clinic.row("k").reason, clinic.row("k").leased_until, clinic.claim()) == ("busy", None, [])


def test_nothing_comes_again_beyond_its_expiry(clinic: Clinic) -> None:
    clinic.put("k")
    clinic.now += 3 * HOUR - 4 * MINUTE
    (row,) = clinic.claim()
    with clinic.database.writing() as connection:
        assert not outbox.again_or_give_up(connection, row, "busy", clinic.now)
    assert clinic.row("k").status == "failed"


def test_an_alert_comes_again_for_ever(clinic: Clinic) -> None:
    clinic.put("k", "alert")
    for attempt in range(1, 41):
        (row,) = clinic.claim("alerts")
        assert row.attempts == attempt
        with clinic.database.writing() as connection:
            assert outbox.again_or_give_up(connection, row, "no answer", clinic.now)
        after = clinic.row("k")
        assert MINUTE <= after.due_at - clinic.now <= 30 * MINUTE
        clinic.now = after.due_at
    assert clinic.now - NOON < 40 * 30 * MINUTE


def test_an_alert_that_is_due_is_seen_by_everybody_else(clinic: Clinic) -> None:
    clinic.put("k", "alert", due_at=NOON + MINUTE)
    with clinic.database.reading() as connection:
        assert not outbox.urgent_waits(connection, NOON)
        assert outbox.urgent_waits(connection, NOON + MINUTE)
    clinic.now += MINUTE
    clinic.claim("alerts")
    with clinic.database.reading() as connection:
        assert not outbox.urgent_waits(connection, clinic.now)


def test_what_was_sent_is_counted_by_number_kind_day_and_week(clinic: Clinic) -> None:
    ago = {"now": timedelta(), "23 h": 23 * HOUR, "24 h": DAY, "6 days": 6 * DAY, "7 days": 7 * DAY}
    for name, age in ago.items():
        clinic.put(name, status="sent", sent_at=NOON - age)
    clinic.put("other kind", "call_me_back", status="sent", sent_at=NOON)
    clinic.put("other number", status="sent", sent_at=NOON, number_hash=hashed(NUMBERS["james"]))
    clinic.put("not sent")
    clinic.put("at another clinic", clinic_id=second_clinic(clinic), patient_id=None)
    with clinic.database.reading() as connection:
        for name, counts in {"not sent": (2, 4), "now": (1, 3), "at another clinic": (0, 0)}.items():
            before = reach.recipient(connection, clinic.row(name), NOON)
            assert (before.sent_today, before.sent_this_week) == counts


def test_only_what_has_not_begun_is_cancelled(clinic: Clinic) -> None:
    clinic.put("begun")
    [begun] = clinic.claim()
    with clinic.database.writing() as connection:
        assert outbox.begin(connection, begun, clinic.now)
    clinic.put("claimed")
    clinic.claim()
    clinic.put("waits")
    clinic.put("done", status="sent")
    with clinic.database.writing() as connection:
        outbox.cancel(connection, "opted out", OutboxRow.clinic_id == 1)
    assert {row.key: row.status for row in clinic.rows(OutboxRow)} == {
        "begun": "sending",
        "claimed": "dropped",
        "waits": "dropped",
        "done": "sent",
    }
    assert clinic.row("waits").reason == "opted out"
