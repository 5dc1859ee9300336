"""What we write and call about: topics.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def topics() -> Mapping[str, Mapping[str, Any]]:
    """By word: `name`, and whether it is `clinical`."""
    written: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
        Path(__file__).with_suffix(".yaml").read_text("utf-8")
    )
    return written
