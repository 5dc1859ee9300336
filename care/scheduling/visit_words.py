"""The reasons of visits that files may name: those of care/rules/visit_reasons.yaml."""

from __future__ import annotations

from functools import cache


@cache
def reasons() -> tuple[str, ...]:
    return ("check_up", "problem", "follow_up", "medicines", "other")
