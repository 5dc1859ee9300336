"""A database whose user may die at any moment between two commits, as a process does that is killed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from records import Database


class Killed(BaseException):
    """Whoever works dies here: nothing of ours catches it."""


class Fate:
    """Decides who dies, and where."""

    def __init__(self, chance: random.Random, of_each: float) -> None:
        self._chance, self._of_each = chance, of_each
        self.killed = Counter[str]()
        self.is_armed = False

    def meets(self, where: str) -> None:
        if self.is_armed and self._chance.random() < self._of_each:
            self.killed[where] += 1
            raise Killed(where)

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Only what the house does itself is cut off; the simulation's own look at the records is not."""
        before, self.is_armed = self.is_armed, True
        try:
            yield
        finally:
            self.is_armed = before


class MortalDatabase(Database):
    def __init__(self, url: str, fate: Fate) -> None:
        super().__init__(url)
        self._fate = fate

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self._fate.meets("before a write")
        with super().writing() as connection:
            yield connection
            self._fate.meets("before a commit")
        self._fate.meets("after a commit")
