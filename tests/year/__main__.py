"""`make year [SEED=1] [PATIENTS=2000] [DAYS=366] [VISITS=3]`: simulates, and prints a report.

It stands in var/simulated-year.md too; what goes wrong is printed as it happens, with all that befell that patient.

YEAR_DATABASE_URL names an empty database; otherwise it is SQLite in a temporary folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.year import report
from tests.year.scale import short, year
from tests.year.world import World


def main() -> int:
    seed = int(os.environ.get("SEED", "1"))
    patients, days = int(os.environ.get("PATIENTS", "2000")), int(os.environ.get("DAYS", "366"))
    scale = (
        short(seed)
        if os.environ.get("SHORT")
        else year(seed, patients, days, float(os.environ.get("VISITS", "3")))
    )
    quick = "/dev/shm" if Path("/dev/shm").is_dir() else None  # nothing here is to outlive the machine
    with tempfile.TemporaryDirectory(dir=quick) as folder:
        home = Path(folder)
        url = os.environ.get("YEAR_DATABASE_URL") or f"sqlite:///{home / 'year.sqlite3'}"
        world = World(scale, url, home)
        world.run(tell=lambda words: print(words, file=sys.stderr, flush=True))
        written = report.written(world)
    print(written)
    for breach in world.oracle.breaches:
        print(f"\n{breach}")
    kept = Path(os.environ.get("CARELINE_HOME", "var"))
    kept.mkdir(parents=True, exist_ok=True)
    (kept / "simulated-year.md").write_text(written, "utf-8")
    return 1 if world.oracle.broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
