"""Ticks through files, with readers beside writers: each one arrives whole, and no reader dies of half a one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.installation import REPOSITORY

TICKS = 300
READER = """
import sys
from kombu import Connection
import file_broker
file_broker.use()
folder, wanted = sys.argv[1], int(sys.argv[2])
options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder + "/control",
           "polling_interval": 0.001}
with Connection("filesystem://", transport_options=options) as connection:
    queue = connection.SimpleQueue("ticks")
    if sys.argv[3] == "write":
        for number in range(wanted):
            queue.put({"tick": number, "padding": "x" * 3000})
    else:
        got = [queue.get(timeout=30) for _ in range(wanted)]
        [message.ack() for message in got]
        print(sorted(message.payload["tick"] for message in got))
"""


def test_every_tick_arrives_whole_while_it_is_being_written(tmp_path: Path) -> None:
    (tmp_path / "control").mkdir()
    reader = _start(tmp_path, "read")
    writer = _start(tmp_path, "write")
    _, trouble = writer.communicate(timeout=60)
    assert writer.returncode == 0, trouble
    read, trouble = reader.communicate(timeout=60)
    assert reader.returncode == 0, trouble
    assert read.strip() == str(list(range(TICKS)))


def _start(folder: Path, what: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", READER, str(folder), str(TICKS), what],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
