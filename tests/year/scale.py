"""How much of it is simulated, and how badly things go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True)
class Scale:
    """`kills` is the chance that whoever works dies at one point between two commits, or around a hand-over."""

    seed: int
    patients: int
    first_day: date
    days: int
    visits_a_year: float = 3.0
    kills: float = 0.001
    outages: int = 4
    """Times that no worker runs for hours, in all the days."""
    carrier_outages: int = 6
    real_kills: int = 0
    """Times that a worker in a process of its own is killed with SIGKILL."""

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first_day, time(12), UTC)

    @property
    def ends(self) -> datetime:
        return self.begins + timedelta(days=self.days)


SPRING, AUTUMN = date(2026, 2, 26), date(2026, 10, 20)
"""Three weeks from here hold a clock change: 8 March, 1 November."""


def short(seed: int) -> Scale:
    """What every run of the tests has: odd seeds in spring, even ones in autumn."""
    return Scale(
        seed, 50, SPRING if seed % 2 else AUTUMN, 21, visits_a_year=34, kills=0.006, outages=1,
        carrier_outages=1, real_kills=2,
    )  # fmt: skip


def year(seed: int, patients: int, days: int, visits: float = 3.0) -> Scale:
    return Scale(seed, patients, date(2026, 2, 16), days, visits_a_year=visits)
