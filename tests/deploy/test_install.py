"""Installing: once, again, and what is said when it can't be done."""

import base64
import hashlib
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from deploy.install import NO_NETWORK, explain, install
from deploy.machine import MachineError

ROOT = Path(__file__).resolve().parents[2]


def build_wheel(folder: Path, name: str, version: str) -> str:
    """A package that holds one number; returns its pinned and hashed requirement."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text)}\n"
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def installed(root: Path, program: str) -> str:
    python = root / ".venv" / "bin" / "python"
    return subprocess.run([python, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index of our own: a folder, and no network."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return folder


def test_installing_is_done_once_and_again_when_the_pins_change(tmp_path: Path, wheels: Path) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text(build_wheel(wheels, "chalk", "1.0"))

    first = io.StringIO()
    install(tmp_path / ".venv", [pins], first, step="[1/4] ")
    assert "[1/4] installing 1 packages" in first.getvalue()
    assert installed(tmp_path, "import chalk; print(chalk.VERSION)") == "1.0"

    second = io.StringIO()
    install(tmp_path / ".venv", [pins], second, step="[1/4] ")
    assert second.getvalue() == "[1/4] packages: nothing to install\n"

    pins.write_text(build_wheel(wheels, "chalk", "2.0"))
    install(tmp_path / ".venv", [pins], io.StringIO())
    assert installed(tmp_path, "import chalk; print(chalk.VERSION)") == "2.0"

    pins.write_text(build_wheel(wheels, "chalk", "3.0").replace("sha256:", "sha256:0000")[:-5] + "\n")
    with pytest.raises(MachineError, match="not the one that was pinned"):
        install(tmp_path / ".venv", [pins], io.StringIO())
    again = io.StringIO()
    pins.write_text(build_wheel(wheels, "chalk", "3.0"))
    install(tmp_path / ".venv", [pins], again)
    assert "installing" in again.getvalue(), "what failed is not taken for done"


def test_an_environment_whose_python_went_away_is_made_anew(tmp_path: Path, wheels: Path) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text(build_wheel(wheels, "chalk", "1.0"))
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/nowhere/python3")
    install(tmp_path / ".venv", [pins], io.StringIO())
    assert installed(tmp_path, "import chalk; print(chalk.VERSION)") == "1.0"


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", NO_NETWORK),
        ("NewConnectionError(...)\nERROR: No matching distribution found for flask==3.1.3", NO_NETWORK),
        ("ERROR: No matching distribution found for flask==3.1.3", "no build of that package"),
        ("ERROR: Could not install: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "was refused"),
        ("ERROR: something never seen before", "could not be installed"),
    ],
)
def test_pips_troubles_are_put_so_that_they_can_be_mended(output: str, words: str) -> None:
    said = explain(output)
    assert words in said
    assert output.splitlines()[-1] in said, "pip's own words are kept"


def test_a_python_without_venv_is_told_which_package_has_it(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['ensurepip'] = None\n"
        "import deploy.install as i, pathlib; i.REPOSITORY = pathlib.Path(sys.argv[1])\n"
        "(i.REPOSITORY / 'requirements.txt').touch(); sys.exit(i.main([]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"sudo apt-get install python3.{sys.version_info.minor}-venv" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\n[ \"$1\" = --version ] && echo 'Python 3.9.2' && exit 0\nexit 1\n")
    old.chmod(0o755)
    found = subprocess.run(
        ["/bin/sh", ROOT / "deploy" / "find_python"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (1, "")
    assert "needs Python 3.11" in found.stderr
    assert "Found here: Python 3.9.2." in found.stderr


def test_a_newer_python_beside_the_machines_old_one_is_taken(tmp_path: Path) -> None:
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3.12").write_text("#!/bin/sh\nexit 0\n")
    for path in tmp_path.iterdir():
        path.chmod(0o755)
    found = subprocess.run(
        ["/bin/sh", ROOT / "deploy" / "find_python"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == str(tmp_path / "python3.12")
