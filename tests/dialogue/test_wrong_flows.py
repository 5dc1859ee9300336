"""What is said of a wrong flow, sentence by sentence: a file of wrong_flows/ for each thing that can be wrong."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from dialogue.checking import NEEDED, check
from dialogue.flows import FlowSet, read_folder
from dialogue.steps.kind import Known
from languages import Languages, load
from languages.catalogues import Catalogue, Entry

HERE = Path(__file__)
ROOT = HERE.parents[2]
FIXTURES = HERE.with_name("wrong_flows")
SOURCES = [ROOT / "dialogue" / f"{name}.py" for name in ("checking", "flows", "shapes")] + [
    path for room in ("steps", "answers") for path in sorted((ROOT / "dialogue" / room).glob("*.py"))
]
ACTS = {"keep": frozenset({"words"}), "opt_in": frozenset()}
RULES = {"same": frozenset({"value"})}
FACTS = frozenset({"clinic_name", "emergency_number", "channel", "private_people", "private_left"})
STUB = "flow: {name}\nsteps:\n  hello: {{say: Hello.}}\n"


@cache
def _read(path: Path) -> dict[str, Any]:
    written: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return written


def _flows(written: Mapping[str, Any]) -> FlowSet:
    needed = set(NEEDED) - set(written.get("without", ()))
    return FlowSet({**{name: STUB.format(name=name) for name in sorted(needed)}, **written["flows"]})


def _languages(spanish: Mapping[str, str] | None) -> Languages:
    """English; and Spanish with these sentences, where a file has any."""
    catalogues = {"en": Catalogue({}, lambda number: int(number != 1))}
    if spanish is not None:
        entries = {
            english: Entry((words,), "draft") for english, words in {**spanish, "Hello.": "Hola."}.items()
        }
        catalogues["es"] = Catalogue(entries, lambda number: int(number != 1))
    return Languages({tag: load()[tag] for tag in catalogues}, catalogues)


def _segments(text: str) -> int:
    return -(-len(text) // 160)


def problems_of(flows: FlowSet, languages: Languages) -> list[str]:
    return check(flows, Known(flows, ACTS, RULES, FACTS), languages, _segments)


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.stem) for path in sorted(FIXTURES.glob("*.yaml"))]
)
def test_what_is_wrong_is_said_and_nothing_else(path: Path) -> None:
    written = _read(path)
    assert problems_of(_flows(written), _languages(written.get("spanish"))) == written["problems"]


def _templates(tree: ast.AST) -> Iterator[ast.expr]:
    """The sentences that a source yields, appends or lists in the functions that look for problems."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and re.match(
            r"_?(check|shape|parse|construct)", function.name
        ):
            for node in ast.walk(function):
                if isinstance(node, ast.Yield):
                    yield from filter(None, [node.value])
                elif isinstance(node, ast.List):
                    yield from node.elts
                elif isinstance(node, ast.ListComp):
                    yield node.elt
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    yield from node.args if node.func.attr in ("append", "ConstructorError") else []


def _pattern(template: ast.expr) -> str | None:
    """A sentence as a regular expression; None for what is no sentence of its own."""
    parts = template.values if isinstance(template, ast.JoinedStr) else [template]
    literal = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if not any(re.search(r"[a-z] | [a-z]", words) for words in literal):
        return None
    return "".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in parts)


def _every_problem() -> list[Any]:
    return [
        pytest.param(pattern, id=f"{path.stem}: {ast.unparse(template)}")
        for path in SOURCES
        for template in _templates(ast.parse(path.read_text("utf-8")))
        if (pattern := _pattern(template))
    ]


@pytest.mark.parametrize("pattern", _every_problem())
def test_every_problem_that_can_be_found_has_a_file_that_shows_it(pattern: str) -> None:
    shown = [problem for path in FIXTURES.glob("*.yaml") for problem in _read(path)["problems"]]
    assert any(re.fullmatch(f"(.+: )?{pattern}(\n.*)?", problem, re.DOTALL) for problem in shown), (
        f"write a file in tests/dialogue/wrong_flows that shows: {pattern}"
    )


def test_the_sources_have_as_many_problems_as_a_reader_counts() -> None:
    assert len(_every_problem()) > 45


ODD = [None, 1, 1.5, "x", "", [], {}, ["a"], {"a": "b"}, {"voice": 1}, {"a": {"b": [1]}}, [[1]], "{", "{a.b}",
       "return", "languages", ["languages", 3]]  # fmt: skip
KEYS = [
    "next",
    "when",
    "save",
    "go",
    "zz",
    3,
    "with",
    "given",
    "failed",
    "answer",
    "options",
    "choices",
    "dial",
]


@pytest.mark.parametrize("seed", range(40))
def test_however_wrong_a_flow_is_its_writer_gets_sentences(seed: int) -> None:
    """Something in one of our flows is replaced, lost or added at random: the check itself never fails."""
    flows, at_random = read_folder(ROOT / "ivr_flows"), random.Random(seed)
    for _ in range(8):
        name = at_random.choice(sorted(flows.sources))
        written = yaml.load(flows.sources[name], Loader=yaml.BaseLoader)
        _spoil(written, at_random)
        spoilt = FlowSet({name: yaml.dump(written, allow_unicode=True, sort_keys=False)})
        assert all(isinstance(problem, str) for problem in problems_of(spoilt, _languages(None)))


def _spoil(written: Any, at_random: random.Random) -> None:
    place = at_random.choice([place for place in _places(written) if place])
    inside = written
    for name in place[:-1]:
        inside = inside[name]
    way = at_random.random()
    if way < 0.5:
        inside[place[-1]] = at_random.choice(ODD)
    elif way < 0.75 or not isinstance(inside, dict):
        del inside[place[-1]]
    else:
        inside[at_random.choice(KEYS)] = at_random.choice(ODD)


def _places(written: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    names = written if isinstance(written, dict) else range(len(written)) if isinstance(written, list) else ()
    for name in names:
        yield from _places(written[name], (*here, name))
