"""The installation on which transcripts are played, with a line for every clinic that one may need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.conversation.cast import LAST_DIGITS, area_codes
from tests.conversation.step_log import VARIABLE
from tests.installation import Installation, installed

NOTED = {
    "app:create_app": "tests.conversation.step_log:create_app",
    "--app worker": "tests.conversation.noting_worker",
}
SPEED, SLOWLY = 30.0, 20.0
"""The carrier's seconds in one of ours. A call rings for 25 of them, in which a nurse must answer."""


@contextmanager
def staged(home: Path, speed: float, settings: Mapping[str, str] | None = None) -> Iterator[Installation]:
    """Running for the length of a block; the steps that it runs are noted in `<home>/steps`.

    `settings` are its database and broker, where they are not the usual ones.
    """
    environment = {
        "PHONELAB_SPEED": str(speed),
        "PHONELAB_CALLS_PER_SECOND": "1000",
        "PHONELAB_MESSAGES_PER_SECOND": "1000",
        "CARELINE_CALLS_PER_SECOND": "1000",
        "CARELINE_MESSAGES_PER_SECOND": "1000",
        VARIABLE: str(home / "steps"),
        **(settings or {}),
    }
    lines = [f"+1{area}55501{LAST_DIGITS['line']}" for area in area_codes()]
    with installed(home, lines, environment, NOTED) as made:
        yield made
