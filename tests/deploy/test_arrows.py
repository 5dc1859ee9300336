"""The rooms lean on each other as DESIGN draws it; import-linter's contracts stand in pyproject.toml."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TypeGuard

import pytest

ROOT = Path(__file__).resolve().parents[2]
NO_ROOMS = {"tests", "docs", "locales", "ivr_flows", "var"}
BELOW_ALL = {"settings": {"secret_keys", "variables"}, "secret_keys": {"variables"}, "variables": set()}


def test_import_linter_finds_no_broken_arrow() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_has_its_place() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - NO_ROOMS
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
    assert rooms == set(configured), "add the room to import-linter's root_packages and to its layer"


@pytest.mark.parametrize("module", BELOW_ALL)
def test_settings_stand_below_everything(module: str) -> None:
    ours = {path.stem for path in ROOT.glob("*.py")} | {
        path.parent.name for path in ROOT.glob("*/__init__.py")
    }
    imported = set()
    for node in ast.walk(ast.parse((ROOT / f"{module}.py").read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
    assert imported & ours <= BELOW_ALL[module]


def test_only_settings_reads_the_environment() -> None:
    """But for entry points, which hand the environment to Settings, and phonelab, a program of its own."""
    readers = []
    for path in sorted(ROOT.glob("*/**/*.py")) + sorted(ROOT.glob("*.py")):
        room = path.relative_to(ROOT).parts[0]
        if room.startswith(".") or room in {"tests", "phonelab", "deploy", "var"}:
            continue
        readers += [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for node in ast.walk(ast.parse(path.read_text()))
            if _reads_environment(node)
        ]
    assert readers == []


def _reads_environment(node: ast.AST) -> TypeGuard[ast.expr]:
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in {"os.getenv", "os.environ.get"}
    is_read = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)
    return is_read and ast.unparse(node).startswith("os.environ[")
