"""The kinds of answer: one file each, which holds its kind as `KIND`; to add one, add its file here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from dialogue.said import AnswerKind


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, AnswerKind]:
    """Every answer kind by the name that flows write."""
    found: dict[str, AnswerKind] = {}
    for module in iter_modules(__path__):
        kind: AnswerKind = import_module(f"{__name__}.{module.name}").KIND
        found[kind.name] = kind
    return MappingProxyType(found)
