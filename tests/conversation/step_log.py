"""Which steps of the flows were run, noted from outside: the application as it is served, its step kinds watched.

Each step kind in the registry is replaced by one that notes the step and then does the same.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from dialogue.steps import step_kinds
from settings import Settings
from tests.conversation.calendar import composed_as_shown

VARIABLE = "STEPS_RUN"
"""Names the file that the notes go to: a line `flow.step`, once for each process."""


class Noting:
    """A step kind that notes what it runs, and otherwise is the one it stands for."""

    def __init__(self, kind: Any, seen: set[str], file: Path) -> None:
        self._kind, self._seen, self._file = kind, seen, file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kind, name)

    def run(self, step: Any, talk: Any) -> None:
        name = f"{talk.flow.name}.{step.name}"
        if name not in self._seen:
            self._seen.add(name)
            with self._file.open("a") as notes:
                notes.write(f"{name}\n")
        self._kind.run(step, talk)


def listen() -> None:
    """From now on, note every step that this process runs."""
    kinds: Any = step_kinds()
    seen: set[str] = set()
    for name, kind in list(kinds.items()):
        kinds[name] = Noting(kind, seen, Path(os.environ[VARIABLE]))


def create_app() -> Any:
    """The web application, as granian serves it, with every step noted, and texts that break as on the shown day."""
    listen()
    from app import create_app, furnish

    house = furnish(Settings.from_environ(os.environ))
    return create_app(house=replace(house, compose=composed_as_shown(house.compose)))
