"""Large models are loaded once in a process and shared by its threads."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Model = TypeVar("Model")

_lock = threading.Lock()
# Keyed by process as well: a model that came over a fork has lost its threads and would wait for ever. The
# inherited one stays in the table so that its destructor, which would wait for them too, never runs.
_loaded: dict[tuple[int, Path], Any] = {}


def one_per_process(path: Path, load: Callable[[Path], Model]) -> Model:
    """The model at `path`, loaded by the first who asks; others wait. What `load` raises is not kept."""
    key = (os.getpid(), path.resolve())
    with _lock:
        if key not in _loaded:
            _loaded[key] = load(path)
        model: Model = _loaded[key]
        return model
