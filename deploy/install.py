"""Fills a virtual environment from the pinned and hashed requirements, unless it is as they say already.

Runs on a bare Python, before any package is there: standard library only.
"""

import argparse
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TextIO

from deploy.machine import INSTALL_BYTES, MachineError, check_folder, check_space, check_venv_module

REPOSITORY = Path(__file__).resolve().parent.parent
RUNTIME, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"

TROUBLES = (
    (
        re.compile(r"No space left on device", re.IGNORECASE),
        "The disk is full. Make room and run it again: what was installed so far is kept.",
    ),
    (
        re.compile(r"do not match the hashes", re.IGNORECASE),
        "A package that was downloaded is not the one that was pinned, so it was refused. A proxy or a"
        " mirror between this machine and the package index may have changed it.",
    ),
    (
        re.compile(r"No matching distribution found", re.IGNORECASE),
        "The package index has no build of that package for this machine, or it could not be reached."
        " Careline runs on Linux, x86_64 or aarch64, with glibc.",
    ),
)
NETWORK_TROUBLE = re.compile(
    r"name resolution|NewConnectionError|ConnectTimeout|Read timed out|Network is unreachable"
    r"|Connection refused|ProxyError|Name or service not known|CERTIFICATE_VERIFY_FAILED",
    re.IGNORECASE,
)
NO_NETWORK = (
    "The packages could not be downloaded: this machine can't reach the package index (pypi.org)."
    " Check the network and run it again. Behind a proxy set HTTPS_PROXY; for a mirror set PIP_INDEX_URL."
)


def main(arguments: Sequence[str]) -> int:
    """Install for `make run`, or with --dev for `make test` and `make lint`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what the tests and the checks need")
    parser.add_argument("--venv", type=Path, default=Path(".venv"), help="the environment's folder")
    options = parser.parse_args(arguments)
    files = [REPOSITORY / name for name in ([RUNTIME, DEVELOPMENT] if options.dev else [RUNTIME])]
    try:
        install(REPOSITORY / options.venv, files, sys.stdout, step="" if options.dev else "[1/4] ")
    except MachineError as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What was installed so far is kept; run it again to go on.", file=sys.stderr)
        return 130
    return 0


def install(venv: Path, files: Sequence[Path], out: TextIO, step: str = "") -> None:
    """Bring the environment in `venv` to the state that the files pin. Raises MachineError.

    What is told begins with `step`, its place among the steps of whoever asked.
    """
    runs = _runs(venv)
    if runs and all(_is_installed(venv, file) for file in files):
        print(f"{step}packages: nothing to install", file=out, flush=True)
        return
    check_venv_module()
    check_folder(venv, "Clone Careline into a folder of your own.")
    check_space(venv, INSTALL_BYTES, "Installing the packages")
    if not runs:
        print(f"{step}making a virtual environment in {venv.name}", file=out, flush=True)
        _make_venv(venv)
    wanted = sum(len(re.findall(r"^[a-z0-9].*?==", file.read_text(), re.MULTILINE)) for file in files)
    print(f"{step}installing {wanted} packages; the first time takes some minutes", file=out, flush=True)
    _pip_install(venv, files, wanted, out)
    for file in files:
        _stamp(venv, file).write_text(_state(file))


def _runs(venv: Path) -> bool:
    """Whether the environment's Python still starts, and is one of ours."""
    check = "import sys, pip; sys.exit(not (3, 11) <= sys.version_info < (3, 15))"
    try:
        return subprocess.run([venv / "bin/python", "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def _make_venv(venv: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", venv], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise MachineError(f"The virtual environment could not be made:\n{made.stdout}{made.stderr}")


def _pip_install(venv: Path, files: Sequence[Path], wanted: int, out: TextIO) -> None:
    command = [str(venv / "bin/python"), "-m", "pip", "install", "--require-hashes", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off", "--retries=2"]
    for file in files:
        command += ["--requirement", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None
        said = "".join(_told(pip.stdout, wanted, out))
    if pip.returncode:
        raise MachineError(explain(said))


def _told(lines: IO[str], wanted: int, out: TextIO) -> Iterator[str]:
    """Pass pip's lines on, telling how far it is: in place on a terminal, else every 20 packages."""
    collected = 0
    for line in lines:
        yield line
        if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied: ")):
            collected += 1
            if out.isatty():
                print(f"\r      {collected} of {wanted}\033[K", end="", file=out)
            elif collected % 20 == 0:
                print(f"      {collected} of {wanted}", file=out)
        elif line.startswith("Installing collected packages"):
            end = "\r\033[K" if out.isatty() else ""
            print(f"{end}      all downloaded; unpacking", file=out)
        out.flush()


def explain(output: str) -> str:
    """What went wrong, from what pip printed, in words that help to mend it; then pip's own last lines."""
    reason = NO_NETWORK if NETWORK_TROUBLE.search(output) else "The packages could not be installed."
    for pattern, words in TROUBLES:
        if reason != NO_NETWORK and pattern.search(output):
            reason = words
            break
    tail = "\n".join(f"    {line}" for line in output.strip().splitlines()[-6:])
    return f"{reason}\n{tail}"


def _is_installed(venv: Path, file: Path) -> bool:
    try:
        return _stamp(venv, file).read_text() == _state(file)
    except OSError:
        return False


def _stamp(venv: Path, file: Path) -> Path:
    return venv / f"installed-{file.stem}"


def _state(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
