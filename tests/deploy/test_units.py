"""The systemd units start what `make run` starts, and the proxy's example passes a request as it came."""

import base64
import re
import shlex
import sys
from pathlib import Path

import pytest

from deploy.processes import QUEUES, processes, web, worker
from settings import Settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
BIN = "/opt/careline/.venv/bin"


def unit(name: str) -> dict[str, list[str]]:
    """A unit's assignments, by name, in order; the sections don't matter here."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "systemd" / name).read_text().splitlines():
        if match := re.fullmatch(r"(\w+)=(.*)", line):
            found.setdefault(match[1], []).append(match[2])
    return found


def installed(command: list[str]) -> list[str]:
    """A command as it is on the service's machine."""
    here = {sys.executable: f"{BIN}/python", str(Path(sys.executable).with_name("granian")): f"{BIN}/granian"}
    return [here.get(word, word) for word in command]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environ({"CARELINE_HOME": str(tmp_path)})


def test_the_web_unit_starts_what_make_run_starts(settings: Settings) -> None:
    [command] = unit("careline-web.service")["ExecStart"]
    assert shlex.split(command) == installed(list(web(settings).command))


@pytest.mark.parametrize("queue", QUEUES)
def test_the_worker_unit_starts_what_make_run_starts(queue: str) -> None:
    [command] = unit("careline-worker@.service")["ExecStart"]
    there = shlex.split(command.replace("%i", queue).replace("%%", "%"))
    assert there == installed(list(worker(queue, Path("/var/lib/careline"), beat=False).command))


def test_the_target_starts_a_worker_for_each_queue() -> None:
    wanted = " ".join(unit("careline.target")["Wants"]).split()
    assert {f"careline-worker@{queue}.service" for queue in QUEUES} <= set(wanted)
    assert {"careline-web.service", "careline-beat.service"} <= set(wanted)


@pytest.mark.parametrize(
    "name", ["careline-web.service", "careline-worker@.service", "careline-beat.service"]
)
def test_services_come_back_and_keep_keys_apart_from_data(name: str) -> None:
    service = unit(name)
    assert service["Restart"] == ["always"]
    assert service["StartLimitIntervalSec"] == ["0"], "alerts are tried for ever"
    assert "CARELINE_DATA_KEY_FILE=%d/data-key" in service["Environment"]
    assert "data-key:/etc/careline/data-key" in service["LoadCredential"]
    assert service["StateDirectoryMode"] == ["0700"]


def test_the_nightly_backup_has_the_service_s_account_and_keys() -> None:
    service, web_service = unit("careline-backup.service"), unit("careline-web.service")
    for name in ("User", "EnvironmentFile", "LoadCredential", "Environment", "StateDirectory", "UMask"):
        assert service[name] == web_service[name]
    assert service["ExecStart"] == [f"{BIN}/flask --app app backup make /var/backups/careline"]
    assert service["ReadWritePaths"] == ["/var/backups/careline"]
    assert unit("careline-backup.timer")["Persistent"] == ["yes"]


def test_one_worker_has_the_beat_on_a_desk(settings: Settings) -> None:
    commands = {process.name: list(process.command) for process in processes(settings, 8001)}
    assert [name for name, command in commands.items() if "--beat" in command] == ["alerts"]


def test_a_real_carrier_leaves_phonelab_out(tmp_path: Path) -> None:
    real = Settings.from_environ(
        {
            "CARELINE_HOME": str(tmp_path),
            "CARELINE_PUBLIC_URL": "https://phone.example.org",
            "CARELINE_CARRIER_URL": "https://api.twilio.com",
            "TWILIO_ACCOUNT_SID": "AC0123456789abcdef0123456789abcdef",
            "TWILIO_AUTH_TOKEN": "synthetic-token",
            "CARELINE_SECRET_KEY": "synthetic-secret-key-of-enough-length",
            "CARELINE_DATA_KEY": base64.b64encode(bytes(range(32))).decode(),
        }
    )
    assert [process.name for process in processes(real, 8001)] == ["web", *QUEUES]


def test_the_proxy_passes_the_raw_request_target() -> None:
    example = re.sub(r"#.*", "", (DEPLOY / "nginx" / "careline.conf").read_text())
    assert re.findall(r"proxy_pass\s+(\S+);", example) == ["http://127.0.0.1:8000"], (
        "no path: nothing is rebuilt"
    )
    assert "merge_slashes off;" in example
    assert "rewrite" not in example
    log = re.search(r"log_format\s+(.*?);", example, re.DOTALL)
    assert log is not None
    assert "$request " not in log[1] and "$request_uri" not in log[1], "addresses carry tokens"
