"""`make bench [ONLY=name]`: measures, prints a figure a line, and writes them to var/bench.json.

Figures of one run on one machine: compare ratios, which have their floor measured in the same run.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tests.bench import reminders, slots, turn

BENCHES = {"turn": turn.measure, "slots": slots.measure, "reminders": reminders.measure}


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(BENCHES))
    if unknown:
        print(f"There is no bench {', '.join(unknown)}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    home = Path(os.environ.get("CARELINE_HOME", "var"))
    home.mkdir(parents=True, exist_ok=True)
    path = home / "bench.json"
    figures: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    for name in names or BENCHES:
        for key, value in BENCHES[name]():
            figures[key] = round(value, 3)
            print(f"{key} {figures[key]}", flush=True)
            path.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
