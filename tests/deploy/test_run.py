"""`make run` as someone at a terminal sees it: started, used, troubled, stopped. All real, on free ports."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 90.0
COMMAND = [sys.executable, "-m", "deploy.run"]


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class Terminal:
    """Someone who has typed `make run` and reads what it prints."""

    def __init__(self, home: Path) -> None:
        port, phonelab, stream = free_ports(3)
        self.console = f"http://127.0.0.1:{port}"
        self.handset = f"http://127.0.0.1:{phonelab}/"
        ports = {"CARELINE_PORT": port, "PHONELAB_PORT": phonelab, "CARELINE_STREAM_PORT": stream}
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("CARELINE", "TWILIO"))
        }
        self.environ = kept | {"CARELINE_HOME": str(home)} | {name: str(port) for name, port in ports.items()}
        self.screen = home.with_name("screen")

    def type_make_run(self) -> None:
        with self.screen.open("w") as screen:
            self.process = subprocess.Popen(
                COMMAND, cwd=ROOT, env=self.environ, stdout=screen, stderr=subprocess.STDOUT
            )

    def sees(self, words: str, times: int = 1) -> str:
        deadline = time.monotonic() + DEADLINE
        while self.screen.read_text().count(words) < times:
            assert time.monotonic() < deadline, f"no {words!r} in:\n{self.screen.read_text()}"
            assert self.process.poll() is None or words in self.screen.read_text(), self.screen.read_text()
            time.sleep(0.02)
        return self.screen.read_text()

    def pid(self, name: str) -> int:
        return int(
            re.findall(rf"^{name} *\| started \(process (\d+)\)", self.screen.read_text(), re.MULTILINE)[-1]
        )

    def stops(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path / "home")
    terminal.type_make_run()
    yield terminal
    if terminal.process.poll() is None:
        terminal.process.kill()
        terminal.process.wait()


def answers(address: str) -> bool:
    with urllib.request.urlopen(address, timeout=10) as reply:
        return bool(reply.status == 200)


def test_from_the_first_start_to_ctrl_c(terminal: Terminal) -> None:
    screen = terminal.sees("Careline is running. Ctrl-C stops it.")
    assert "first run: loading the sample clinic" in screen
    assert f"Handset:        {terminal.handset}\n" in screen
    assert answers(terminal.handset)
    assert answers(f"{terminal.console}/readyz")

    again = subprocess.run(
        COMMAND, cwd=ROOT, env=terminal.environ, capture_output=True, text=True, check=False, timeout=DEADLINE
    )
    assert again.returncode == 1
    assert re.search(r"Port \d+ is taken .*CARELINE_PORT=\d+ make run", again.stderr), again.stderr

    os.kill(terminal.pid("web"), signal.SIGKILL)
    terminal.sees("web      | ended (SIGKILL)")
    terminal.sees("web      | started", times=2)

    terminal.sees("speech   | started")
    pids = [terminal.pid(name) for name in ("phonelab", "web", "alerts", "sending", "speech")]
    assert terminal.stops(signal.SIGINT) == 0
    assert terminal.sees("Careline has stopped.").count("Traceback") == 0
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []

    began = time.monotonic()
    terminal.type_make_run()
    screen = terminal.sees("Careline is running. Ctrl-C stops it.")
    assert time.monotonic() - began < DEADLINE / 2
    assert "first run" not in screen
    assert terminal.stops(signal.SIGTERM) == 0
