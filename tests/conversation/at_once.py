"""Doing several things at the same moment, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

Result = TypeVar("Result")


def at_once(doings: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each came to, in their order. All start when all are ready."""
    ready = Barrier(len(doings))

    def one(doing: Callable[[], Result]) -> Result:
        ready.wait(10)
        return doing()

    with ThreadPoolExecutor(len(doings)) as threads:
        return list(threads.map(one, doings))
