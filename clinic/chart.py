"""Readings over time as a picture: the geometry only, in units of the drawing; the page draws it as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 420, 240
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 12, 30
STEP = 20
"""mmHg from one line of the grid to the next."""


@dataclass(frozen=True)
class Mark:
    """One reading: a bar from its upper to its lower number."""

    x: float
    upper: float
    lower: float
    row: Any
    labelled: bool


@dataclass(frozen=True)
class Line:
    y: float
    value: int


@dataclass(frozen=True)
class Chart:
    """`marks` oldest first, at even steps: readings minutes apart would else cover each other."""

    marks: Sequence[Mark]
    grid: Sequence[Line]
    limits: Sequence[Line]
    """Where a reading is severe, upper and lower number."""


def draw(readings: Sequence[Any], limits: Mapping[str, Mapping[str, int]]) -> Chart | None:
    """The chart of blood pressures, given newest first; None where there are none."""
    rows = [row for row in reversed(readings) if row.value["kind"] == "blood_pressure"]
    if not rows:
        return None
    severe = limits["severe"]
    values: list[int] = [row.value[part] for row in rows for part in ("systolic", "diastolic")] + list(
        severe.values()
    )
    low, high = min(values) // STEP * STEP, -(-max(values) // STEP) * STEP

    def y(value: float) -> float:
        return round(TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    width = (WIDTH - LEFT - RIGHT) / len(rows)
    every = -(-len(rows) // 5)
    marks = [
        Mark(
            round(LEFT + width * (place + 0.5), 1),
            y(row.value["systolic"]),
            y(row.value["diastolic"]),
            row,
            labelled=place % every == 0,
        )
        for place, row in enumerate(rows)
    ]
    grid = [Line(y(value), value) for value in range(low, high + 1, STEP)]
    return Chart(marks, grid, [Line(y(value), value) for value in severe.values()])
