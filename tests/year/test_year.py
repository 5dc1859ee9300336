"""Three weeks around a clock change in the life of a clinic, by the day and by the seed: no reminder goes wrong.

`CARELINE_SEEDS=3,4,5 make test ONLY=tests/year` for other lives: odd seeds have the spring's change, even ones the
autumn's. A breach prints all that happened to that patient; `SHORT=1 make year SEED=4` lives it again.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.year.scale import short
from tests.year.world import World

SEEDS = [int(seed) for seed in os.environ.get("CARELINE_SEEDS", "1").split(",")]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_reminder_that_is_due_comes_to_her_in_time_and_nothing_else_does(
    databases: Databases, tmp_path: Path, seed: int
) -> None:
    # Each kind of database has its own lives: what one seed does in spring, the next does in autumn.
    seed += databases.kind == "postgresql"
    world = World(short(seed), databases.empty(), tmp_path)
    world.run()
    assert not world.oracle.broken, "\n\n".join(world.oracle.breaches)
    assert world.oracle.figures["reached"] > 100, "most of what was due has come"
    assert world.fate.killed.total() > 10, "workers died of it"
    assert world.really_killed == world.scale.real_kills, "and some by SIGKILL"
