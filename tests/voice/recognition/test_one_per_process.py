"""A large model is loaded once, however many ask, and anew in a process that was forked off."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from voice.recognition.one_per_process import one_per_process

ROOT = Path(__file__).parents[3]


def test_threads_that_ask_at_once_share_one_model(tmp_path: Path) -> None:
    loads: list[Path] = []
    together = Barrier(8)

    def load(path: Path) -> object:
        loads.append(path)
        time.sleep(0)  # lets the others come in, were they not held
        return object()

    def ask(_: int) -> object:
        together.wait(10)
        return one_per_process(tmp_path, load)

    with ThreadPoolExecutor(8) as pool:
        models = list(pool.map(ask, range(8)))
    assert len(loads) == 1
    assert all(model is models[0] for model in models)


def test_a_model_that_could_not_be_loaded_is_tried_again(tmp_path: Path) -> None:
    def fail(path: Path) -> str:
        raise ValueError(path)

    with pytest.raises(ValueError, match="pytest"):
        one_per_process(tmp_path, fail)
    assert one_per_process(tmp_path, lambda _: "loaded") == "loaded"


FORK = """
import os
from pathlib import Path
from voice.recognition.one_per_process import one_per_process
load = lambda path: os.getpid()
assert one_per_process(Path("."), load) == os.getpid()
if child := os.fork():
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os._exit(0 if one_per_process(Path("."), load) == os.getpid() else 1)
"""


def test_a_forked_process_loads_its_own(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", FORK], cwd=ROOT, check=True, timeout=30)
