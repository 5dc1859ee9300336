"""Every kind of step, as a table of short talks in steps/<kind>.yaml: what is said, what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dialogue.flows import parse
from dialogue.steps import step_kinds
from tests.dialogue.talking import expected, flow_set, played

FIXTURES = Path(__file__).with_name("steps")


def _read(kind: str) -> dict[str, Any]:
    written: dict[str, Any] = yaml.safe_load((FIXTURES / f"{kind}.yaml").read_text("utf-8"))
    return written


def _talks() -> list[Any]:
    return [
        pytest.param(written, talk, id=f"{path.stem}: {talk['what']}")
        for path in sorted(FIXTURES.glob("*.yaml"))
        for written in [_read(path.stem)]
        for talk in written["talks"]
    ]


@pytest.mark.parametrize(("written", "talk"), _talks())
def test_a_talk_goes_as_written(written: dict[str, Any], talk: dict[str, Any]) -> None:
    assert played(flow_set(written), talk) == expected(talk)


@pytest.mark.parametrize("kind", sorted(step_kinds()))
def test_every_kind_of_step_has_its_table(kind: str) -> None:
    assert (FIXTURES / f"{kind}.yaml").exists(), f"write tests/dialogue/steps/{kind}.yaml"
    flows = _read(kind)["flows"]
    used = {step.kind for name, source in flows.items() for step in parse(name, source).steps.values()}
    assert kind in used


def test_no_table_is_of_a_kind_that_is_gone() -> None:
    assert {path.stem for path in FIXTURES.glob("*.yaml")} == set(step_kinds())
