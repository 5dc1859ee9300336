"""`python -m tests.conversation.record FILE…`: writes transcripts anew from what is said now.

Without files, all of them. Read what changed (`git diff`) as carefully as if you had written it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.conversation.cast import area_codes
from tests.conversation.company import Company
from tests.conversation.playing import play_all
from tests.conversation.recording import record
from tests.conversation.stage import SLOWLY, staged
from tests.conversation.transcript import every_transcript, read

AT_ONCE = 6


def main() -> int:
    paths = [Path(name).resolve() for name in sys.argv[1:]] or every_transcript()
    transcripts = [read(path) for path in paths]
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder), SLOWLY) as made:
        outcomes = asyncio.run(play_all(Company(made), transcripts, area_codes(), record, AT_ONCE))
        printed = {name: made.printed(name) for name in made.running}
    for name, wrong in outcomes.items():
        if wrong:
            print(f"{name}: {wrong}")
    for name, lines in printed.items():
        if lines.strip():
            print(f"--- {name} printed\n{lines}")
    return int(any(outcomes.values()))


if __name__ == "__main__":
    raise SystemExit(main())
