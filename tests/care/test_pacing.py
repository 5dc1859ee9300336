"""The carrier's rates, kept by however many workers; and one tick at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from care import pacing
from records import Database
from tests.care.clinic import NOON, Clinic

SECOND = timedelta(seconds=1)


def _reserve(clinic: Clinic, sender: str = "calls", patience: int = 60, rate: float = 1.0) -> float | None:
    """Seconds to wait, or None."""
    with clinic.database.writing() as connection:
        wait = pacing.reserve(
            clinic.database, connection, sender, rate, clinic.now, timedelta(seconds=patience)
        )
    return None if wait is None else wait.total_seconds()


@pytest.mark.parametrize(
    ("rate", "waits"), [(1.0, [0, 1, 2, 3]), (4.0, [0, 0.25, 0.5, 0.75]), (0.5, [0, 2, 4, 6])]
)
def test_each_gets_the_next_free_moment(clinic: Clinic, rate: float, waits: list[float]) -> None:
    assert [_reserve(clinic, rate=rate) for _ in range(4)] == waits


def test_an_hour_of_silence_saves_nothing_up(clinic: Clinic) -> None:
    _reserve(clinic)
    clinic.now += timedelta(hours=1)
    assert [_reserve(clinic), _reserve(clinic)] == [0, 1]


def test_who_has_no_patience_takes_no_moment_from_the_others(clinic: Clinic) -> None:
    assert [_reserve(clinic), _reserve(clinic, patience=0), _reserve(clinic, patience=0), _reserve(clinic)] == [
        0, None, None, 1,
    ]  # fmt: skip


def test_who_has_just_enough_patience_gets_the_moment(clinic: Clinic) -> None:
    assert [_reserve(clinic), _reserve(clinic, patience=1)] == [0, 1]


def test_senders_are_paced_apart(clinic: Clinic) -> None:
    assert [_reserve(clinic, sender) for sender in ("calls", "+16175550100", "calls")] == [0, 0, 1]


def test_eight_workers_get_eight_moments(clinic: Clinic, open_again: Callable[[], Database]) -> None:
    ready = Barrier(8)

    def reserve(database: Database) -> list[timedelta | None]:
        ready.wait(10)
        found = []
        for _ in range(5):
            with database.writing() as connection:
                found.append(pacing.reserve(database, connection, "calls", 1.0, NOON, timedelta(hours=1)))
        return found

    with ThreadPoolExecutor(8) as threads:
        waits = [wait for found in threads.map(reserve, [open_again() for _ in range(8)]) for wait in found]
    assert sorted(wait for wait in waits if wait is not None) == [place * SECOND for place in range(40)]


def test_a_tick_is_held_by_one_of_eight_until_it_is_let_go_or_runs_out(
    clinic: Clinic, open_again: Callable[[], Database]
) -> None:
    ready = Barrier(8)

    def hold(database: Database) -> bool:
        ready.wait(10)
        return pacing.hold_tick(database, "send", NOON, 60 * SECOND)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(hold, [open_again() for _ in range(8)])).count(True) == 1
    assert pacing.hold_tick(clinic.database, "sweep", NOON, 60 * SECOND)
    assert not pacing.hold_tick(clinic.database, "send", NOON + 59 * SECOND, 60 * SECOND)
    assert pacing.hold_tick(clinic.database, "send", NOON + 60 * SECOND, 60 * SECOND)
    pacing.release_tick(clinic.database, "send", NOON + 61 * SECOND)
    assert pacing.hold_tick(clinic.database, "send", NOON + 61 * SECOND, 60 * SECOND)
