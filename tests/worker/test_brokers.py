"""Ticks through files and through Redis, readers beside writers: each arrives whole, no reader dies of half a one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from settings import Settings
from tests.installation import REPOSITORY
from tests.servers import Addresses

TICKS = 300
REDIS = 4
READER = """
import json, sys
from kombu import Connection
import file_broker
file_broker.use()
address, options, wanted = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
with Connection(address, transport_options=options) as connection:
    queue = connection.SimpleQueue("ticks")
    if sys.argv[4] == "write":
        for number in range(wanted):
            queue.put({"tick": number, "padding": "x" * 3000})
    else:
        got = [queue.get(timeout=30) for _ in range(wanted)]
        [message.ack() for message in got]
        print(sorted(message.payload["tick"] for message in got))
"""


@pytest.fixture(params=["files", "Redis"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    given = {"CARELINE_HOME": str(tmp_path)}
    if request.param == "Redis":
        addresses: Addresses = request.getfixturevalue("addresses")
        given["CARELINE_BROKER_URL"] = addresses.redis(REDIS)
    made = Settings.from_environ(given)
    made.ensure_folders()
    return made


def test_every_tick_arrives_whole_while_it_is_being_written(settings: Settings) -> None:
    options = settings.broker_options
    if "polling_interval" in options:
        options = {**options, "polling_interval": 0.001}
    reader = _start(settings.broker_url, options, "read")
    writer = _start(settings.broker_url, options, "write")
    _, trouble = writer.communicate(timeout=60)
    assert writer.returncode == 0, trouble
    read, trouble = reader.communicate(timeout=60)
    assert reader.returncode == 0, trouble
    assert read.strip() == str(list(range(TICKS)))


def _start(address: str, options: Mapping[str, object], what: str) -> subprocess.Popen[str]:
    arguments = [address, json.dumps(options), str(TICKS), what]
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", READER, *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
