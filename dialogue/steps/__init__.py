"""One file a step kind, found by looking: its name is the word that flows use for it."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from dialogue.steps.kind import StepKind


@cache
def step_kinds() -> Mapping[str, StepKind]:
    """Every step kind by its name in flows."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.name != "kind"]
    kinds = [import_module(f"{__name__}.{name}").KIND for name in names]
    return {kind.name: kind for kind in kinds}
