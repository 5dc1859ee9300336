"""Many workers at one outbox: each row is claimed by one, and nothing is sent twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Barrier, Lock
from typing import Any

import pytest

from care import outbox
from records import Database
from records.outbox import OutboxRow
from tests.care.clinic import DAY, MINUTE, NOON, Clinic


@pytest.mark.parametrize("most", [1, 3, 50])
def test_each_row_is_claimed_by_one_of_eight(
    clinic: Clinic, open_again: Callable[[], Database], most: int
) -> None:
    with clinic.database.writing() as connection:
        for number in range(40):
            outbox.put(
                clinic.database, connection, key=f"k{number}", kind="check_in", channel="text", clinic_id=1,
                now=NOON,
            )  # fmt: skip
    ready = Barrier(8)

    def claim_all(database: Database) -> list[int]:
        ready.wait(10)
        taken: list[int] = []
        while rows := outbox.claim(database, "sending", NOON, most):
            taken += [row.id for row in rows]
        return taken

    with ThreadPoolExecutor(8) as threads:
        taken = [row for rows in threads.map(claim_all, [open_again() for _ in range(8)]) for row in rows]
    assert sorted(taken) == sorted(clinic.rows(OutboxRow, "id"))


class Worker:
    """Claims and, at random, sends, holds, fails or dies; notes each send as the carrier would."""

    def __init__(self, database: Database, seed: int, carrier: Counter[int], lock: Lock) -> None:
        self.database, self.at_random, self.carrier, self.lock = database, Random(seed), carrier, lock

    def work(self, clock: Callable[[], Any]) -> None:
        for _ in range(25):
            now = clock()
            for row in outbox.claim(self.database, "sending", now, self.at_random.randint(1, 4)):
                self._deal_with(row, now)

    def _deal_with(self, row: Any, now: Any) -> None:
        fate = self.at_random.choice(["send", "send", "send, then die", "hold", "fail", "die"])
        if fate == "die":
            return
        with self.database.writing() as connection:
            if not outbox.begin(connection, row, now):
                return
        if fate.startswith("send"):
            with self.lock:
                self.carrier[row.id] += 1
        with self.database.writing() as connection:
            if fate == "send":
                outbox.mark(connection, row.id, "sent", sent_at=now)
            elif fate == "hold":
                outbox.put_back(connection, row, "pace", now + MINUTE)
            elif fate == "fail":
                outbox.again_or_give_up(connection, row, "busy", now)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_sent_twice_whatever_workers_do_and_when_they_die(
    clinic: Clinic, open_again: Callable[[], Database], seed: int
) -> None:
    with clinic.database.writing() as connection:
        for number in range(60):
            outbox.put(
                clinic.database, connection, key=f"k{number}", kind="check_in", channel="text", clinic_id=1,
                now=NOON,
            )  # fmt: skip
    carrier: Counter[int] = Counter()
    lock, ticks = Lock(), iter(range(10_000))

    def clock() -> Any:
        with lock:
            return NOON + next(ticks) * timedelta(seconds=20)

    workers = [Worker(open_again(), seed * 100 + place, carrier, lock) for place in range(6)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda worker: worker.work(clock), workers))
    assert set(carrier.values()) == {1}
    assert len(carrier) > 20
    status = {row.id: row.status for row in clinic.rows(OutboxRow)}
    assert all(status[row] in ("sent", "sending") for row in carrier)
    with clinic.database.reading() as connection:
        unknown = {row.id for row in outbox.expired_leases(connection, NOON + DAY)}
    assert unknown == {row for row, found in status.items() if found == "sending"}
