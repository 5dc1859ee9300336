"""The figures of a run, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.year.world import World


def written(world: World) -> str:
    return "\n".join(_lines(world)) + "\n"


def _lines(world: World) -> Iterator[str]:
    scale, oracle, truth = world.scale, world.oracle, world.truth
    database = "SQLite" if world.house.database.is_sqlite else "PostgreSQL"
    hours = sum((ends - begins).total_seconds() for begins, ends in truth.idle) / 3600
    yield (
        f"{scale.patients} patients in 4 zones, {scale.visits_a_year:g} visits a year each, {scale.days} days"
        f" from {scale.first_day}, seed {scale.seed}, on {database}."
    )
    yield (
        f"It took {world.seconds:.0f} s, {world.cpu_seconds:.0f} s of them on the processor, and"
        f" {world.megabytes:.0f} MB at most."
    )
    yield ""
    yield f"Breaches: {oracle.broken.total()}"
    yield from _table(oracle.broken)
    yield ""
    yield "## Reminders"
    yield ""
    yield from _table(oracle.figures)
    yield f"- latest that needed no reason: {oracle.latest}"
    yield f"- latest with a reason: {oracle.latest_with_reason}"
    yield ""
    yield "## What happened"
    yield ""
    yield from _table(truth.counted)
    yield f"- no worker ran: {len(truth.idle)} times, {hours:.0f} hours"
    yield ""
    yield "## Deaths"
    yield ""
    yield from _table(world.fate.killed)
    yield f"- SIGKILL of a process: {world.really_killed}"
    yield ""
    yield "## Tasks for people"
    yield ""
    yield from _table(world.tasks_at_the_end)


def _table(counts: Mapping[str, int]) -> Iterator[str]:
    for name, many in sorted(counts.items()):
        yield f"- {name}: {many:,}"
