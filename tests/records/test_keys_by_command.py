"""Keys as the IT team meets them: the commands, and what is said at a start with a wrong one."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from app import create_app, furnish
from care import sounds
from clinic import demo
from conversation.house import House
from records import resealing
from records.sealing import WrongKey
from settings import Settings
from tests.records.every_column import everything
from tests.records.moments import NOON
from tests.records.test_resealing import no_pause

ROOT = Path(__file__).parents[2]
ONE, TWO = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def environment(home: Path, *data_keys: str) -> dict[str, str]:
    return {"CARELINE_HOME": str(home), "CARELINE_DATA_KEY": ",".join(data_keys)}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """An application's house with these data keys."""
    houses: list[House] = []

    def open_one(*data_keys: str) -> House:
        houses.append(furnish(Settings.from_environ(environment(tmp_path, *data_keys))))
        return houses[-1]

    yield open_one
    for house in houses:
        house.database.close()


def run(house: House, *words: str) -> str:
    runner: FlaskCliRunner = create_app(house=house).test_cli_runner()
    done = runner.invoke(args=["records", *words])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def house(opened: Callable[..., House]) -> House:
    """With the sample clinic and a recording."""
    made = opened(ONE)
    assert "up to date" in run(made, "upgrade")
    demo.load(made.database, NOON)
    sounds.store(made.settings.recordings_dir, 1, b"RIFF")
    return made


def shown(said: str) -> list[list[str]]:
    """Rows of the list: id, purpose, state, and for data keys the values and recordings."""
    return [
        [word for word in line.split() if word[:2] != "20" and ":" not in word][:5]
        for line in said.splitlines()[1:]
    ]


def test_the_list_of_keys_before_and_after_a_rotation(house: House) -> None:
    (first, *_) = shown(run(house, "keys"))
    many = first[3]
    assert int(many) > 10
    assert first == ["1", "data", "active", many, "1"]
    assert "Key 4 is in use" in run(house, "rotate-key")
    rows = shown(run(house, "keys"))
    assert [row[:3] for row in rows] == [
        ["1", "data", "old"], ["2", "lookup", "active"], ["3", "audit", "active"], ["4", "data", "active"],
    ]  # fmt: skip
    resealing.go_on(house.database, house.settings.recordings_dir, NOON, no_pause)
    rows = shown(run(house, "keys"))
    assert (rows[0][3:], rows[3][3:]) == (["0", "0"], [many, "1"])


def test_a_new_data_key_step_by_step(house: House, opened: Callable[..., House]) -> None:
    before = everything(house.database)
    both = opened(TWO, ONE)
    assert run(both, "keys").count("a later one") == 3
    assert "3 keys were wrapped anew" in run(both, "rewrap")
    assert run(both, "keys").count("the first CARELINE_DATA_KEY") == 3
    alone = opened(TWO)
    assert everything(alone.database) == before
    assert sounds.sound_of(alone.settings.recordings_dir, 1) == b"RIFF"
    with pytest.raises(WrongKey):
        opened(ONE)


def test_no_new_key_before_every_key_is_wrapped_under_the_first(
    house: House, opened: Callable[..., House]
) -> None:
    app = create_app(house=opened(TWO, ONE))
    done = app.test_cli_runner().invoke(args=["records", "rotate-key"])
    assert done.exit_code == 1
    assert "records rewrap" in done.output


@pytest.mark.parametrize(
    "command",
    [
        ["flask", "--app", "app", "records", "keys"],
        ["flask", "--app", "app", "records", "upgrade"],
        ["celery", "--app", "worker", "--quiet", "worker", "--queues", "speech", "--pool", "solo"],
    ],
    ids=lambda command: command[-1],
)
def test_a_wrong_key_ends_a_start_and_not_a_byte_is_changed(
    house: House, tmp_path: Path, command: list[str]
) -> None:
    house.database.close()
    file = tmp_path / "careline.sqlite3"
    stored, recording = file.read_bytes(), (tmp_path / "recordings" / "1.sealed").read_bytes()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *command],
        cwd=ROOT, env={**os.environ, **environment(tmp_path, TWO)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
    assert "CARELINE_DATA_KEY does not open the data in this database" in done.stdout + done.stderr
    assert file.read_bytes() == stored
    assert (tmp_path / "recordings" / "1.sealed").read_bytes() == recording
    with closing(furnish(Settings.from_environ(environment(tmp_path, ONE))).database) as database:
        assert everything(database), "with the right key it opens"


def test_a_demo_whose_key_is_gone_does_not_start(tmp_path: Path) -> None:
    environ = {**os.environ, "CARELINE_HOME": str(tmp_path)}
    flask = [sys.executable, "-m", "flask", "--app", "app"]
    for words in (["records", "upgrade"], ["clinic", "demo"]):
        subprocess.run([*flask, *words], cwd=ROOT, env=environ, check=True, capture_output=True)
    (tmp_path / "keys" / "data").unlink()
    stored = (tmp_path / "careline.sqlite3").read_bytes()
    done = subprocess.run(
        [*flask, "records", "upgrade"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "The data key of this demo is gone" in done.stderr
    assert (tmp_path / "careline.sqlite3").read_bytes() == stored
    assert not (tmp_path / "keys" / "data").exists()
