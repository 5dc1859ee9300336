"""What an installation may set, and what it is told when that can't be."""

import base64
import dataclasses
import logging
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest

from secret_keys import made_once
from settings import DEMO_ACCOUNT, DEMO_TOKEN, VARIABLES, Settings, SettingsError

ROOT = Path(__file__).resolve().parent.parent
A_DATA_KEY = base64.b64encode(bytes(range(32))).decode()
ANOTHER_DATA_KEY = base64.b64encode(bytes(range(1, 33))).decode()
A_SECRET_KEY = "a-secret-of-more-than-32-characters"
LIVE = {
    "CARELINE_PUBLIC_URL": "https://phone.example.org",
    "CARELINE_CARRIER_URL": "https://api.twilio.com",
    "TWILIO_ACCOUNT_SID": "AC0123456789abcdef0123456789abcdef",
    "TWILIO_AUTH_TOKEN": "synthetic-token",
    "CARELINE_SECRET_KEY": A_SECRET_KEY,
    "CARELINE_DATA_KEY": A_DATA_KEY,
}


def read(home: Path, **given: str) -> Settings:
    return Settings.from_environ({"CARELINE_HOME": str(home / "var"), **given})


def live(home: Path, **given: str) -> Settings:
    return read(home, **(LIVE | given))


def test_nothing_set_is_a_demo_on_this_machine(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.demo and settings.send_drafts
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.carrier_url == "http://127.0.0.1:8001"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/careline.sqlite3"
    assert settings.account_sid == DEMO_ACCOUNT
    assert settings.auth_tokens == (DEMO_TOKEN,)
    assert settings.allowed_countries == ("US",)
    assert (settings.calls_per_second, settings.messages_per_second) == (1.0, 1.0)


def test_a_clinic_on_a_real_carrier_is_no_demo(tmp_path: Path) -> None:
    settings = live(tmp_path)
    assert not settings.demo
    assert not settings.send_drafts
    assert settings.data_keys == (bytes(range(32)),)
    assert settings.secret_key == A_SECRET_KEY.encode()
    assert not (tmp_path / "var").exists(), "reading settings outside demo mode must not write"


def test_ports_move_the_addresses_that_follow_from_them(tmp_path: Path) -> None:
    settings = read(tmp_path, CARELINE_PORT="9000", PHONELAB_PORT="9001", CARELINE_STREAM_PORT="9002")
    assert (settings.public_url, settings.carrier_url) == ("http://127.0.0.1:9000", "http://127.0.0.1:9001")


def test_several_tokens_while_one_is_being_changed(tmp_path: Path) -> None:
    assert live(tmp_path, TWILIO_AUTH_TOKEN="new, old,").auth_tokens == ("new", "old")


def test_a_trailing_slash_and_an_empty_variable_change_nothing(tmp_path: Path) -> None:
    settings = live(tmp_path, CARELINE_PUBLIC_URL="https://phone.example.org/", CARELINE_PORT="")
    assert (settings.public_url, settings.port) == ("https://phone.example.org", 8000)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"CARELINE_PORT": "eight"}, "CARELINE_PORT must be a port number"),
        ({"CARELINE_PORT": "70000"}, "CARELINE_PORT must be a port number"),
        ({"CARELINE_PORT": "8001"}, "three different numbers"),
        ({"CARELINE_DEMO": "perhaps"}, "CARELINE_DEMO must be true or false"),
        ({"CARELINE_CALLS_PER_SECOND": "0"}, "CARELINE_CALLS_PER_SECOND must be a number"),
        ({"CARELINE_CALLS_PER_SECOND": "nan"}, "CARELINE_CALLS_PER_SECOND must be a number"),
        ({"CARELINE_MESSAGES_PER_SECOND": "lots"}, "CARELINE_MESSAGES_PER_SECOND must be a number"),
        ({"CARELINE_COUNTRIES": "US,UK"}, "not a code: UK"),
        ({"CARELINE_COUNTRIES": ","}, "two-letter country codes"),
        ({"CARELINE_PRICES": "/nowhere/prices.yaml"}, "CARELINE_PRICES must name a file; there is none at"),
        ({"CARELINE_DATABASE_URL": "mysql://db/careline"}, "sqlite:/// or postgresql://"),
        ({"CARELINE_DATABASE_URL": "sqlite://"}, "must name a file"),
        ({"CARELINE_CARRIER_URL": "localhost:8001"}, "CARELINE_CARRIER_URL must be an address"),
        ({"CARELINE_CARRIER_URL": "https://me:pw@api.example.com"}, "must not hold a user name"),
        ({"CARELINE_CARRIER_URL": "http://carrier.example.com"}, "must begin with https://"),
        ({"CARELINE_PUBLIC_URL": "http://phone.example.org"}, "must begin with https://"),
        ({"CARELINE_PUBLIC_URL": "https://phone.example.org"}, "phonelab on an address that is not loopback"),
        ({"CARELINE_CARRIER_URL": "https://api.twilio.com"}, "Set CARELINE_PUBLIC_URL"),
        ({"CARELINE_DATA_KEY": "short"}, "32 bytes in base64"),
        ({"CARELINE_DATA_KEY": f"{A_DATA_KEY},short"}, "32 bytes in base64"),
        ({"CARELINE_DATA_KEY": ","}, "32 bytes in base64"),
        ({"CARELINE_SECRET_KEY": "short"}, "32 characters or more"),
        ({"CARELINE_SECRET_KEY": A_SECRET_KEY, "CARELINE_SECRET_KEY_FILE": "/x"}, "not both"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, given: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read(tmp_path, **given)


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"])
def test_a_real_carrier_needs_an_account(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        live(tmp_path, **{name: ""})


def test_phonelabs_token_is_refused_beyond_this_machine(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="everyone knows it"):
        live(tmp_path, TWILIO_AUTH_TOKEN=f"mine,{DEMO_TOKEN}")


@pytest.mark.parametrize("name", ["CARELINE_DATA_KEY", "CARELINE_SECRET_KEY"])
def test_outside_demo_mode_keys_are_never_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} .*must be set outside demo mode.*openssl"):
        live(tmp_path, **{name: ""})


def test_a_key_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "data.key"
    file.write_text(A_DATA_KEY + "\n")
    file.chmod(0o400)
    settings = live(tmp_path, CARELINE_DATA_KEY="", CARELINE_DATA_KEY_FILE=str(file))
    assert settings.data_keys == (bytes(range(32)),)


def test_several_data_keys_while_one_is_being_changed(tmp_path: Path) -> None:
    both = (bytes(range(1, 33)), bytes(range(32)))
    assert live(tmp_path, CARELINE_DATA_KEY=f"{ANOTHER_DATA_KEY}, {A_DATA_KEY},").data_keys == both
    assert live(tmp_path, CARELINE_DATA_KEY=f"{A_DATA_KEY},{A_DATA_KEY}").data_keys == both[1:]
    file = tmp_path / "data.key"
    file.write_text(f"{ANOTHER_DATA_KEY}\n\n{A_DATA_KEY}\n")
    file.chmod(0o400)
    assert live(tmp_path, CARELINE_DATA_KEY="", CARELINE_DATA_KEY_FILE=str(file)).data_keys == both


def test_a_new_data_key_is_no_remedy_for_a_lost_one_and_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="the one that they were written with: a new one opens nothing"):
        live(tmp_path, CARELINE_DATA_KEY="")


@pytest.mark.parametrize("data", ["careline.sqlite3", "recordings/1.sealed"])
def test_a_demos_key_is_not_made_anew_over_data(tmp_path: Path, data: str) -> None:
    home = tmp_path / "var"
    read(tmp_path).ensure_folders()
    (home / data).write_bytes(b"what somebody has left")
    kept = read(tmp_path).data_keys
    moved = (home / "keys" / "data").rename(tmp_path / "data")
    for _ in range(2):
        with pytest.raises(SettingsError, match=r"keys/data.*Put it back"):
            read(tmp_path)
    assert (home / data).read_bytes() == b"what somebody has left"
    assert not (home / "keys" / "data").exists()
    moved.rename(home / "keys" / "data")
    assert read(tmp_path).data_keys == kept


def test_nor_over_a_database_elsewhere(tmp_path: Path) -> None:
    database = tmp_path / "elsewhere.sqlite3"
    database.write_bytes(b"what somebody has left")
    with pytest.raises(SettingsError, match="Put it back"):
        read(tmp_path, CARELINE_DATABASE_URL=f"sqlite:///{database}")
    database.write_bytes(b"")
    assert read(tmp_path, CARELINE_DATABASE_URL=f"sqlite:///{database}").data_keys


def test_a_key_file_beside_the_data_is_refused_outside_demo_mode(tmp_path: Path) -> None:
    inside = tmp_path / "var" / "data.key"
    inside.parent.mkdir()
    inside.write_text(A_DATA_KEY)
    link = tmp_path / "looks-outside"
    link.symlink_to(inside)
    for place in (inside, link):
        with pytest.raises(SettingsError, match="must not lie in CARELINE_HOME"):
            live(tmp_path, CARELINE_DATA_KEY="", CARELINE_DATA_KEY_FILE=str(place))


def test_a_key_file_that_everyone_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "data.key"
    file.write_text(A_DATA_KEY)
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        live(tmp_path, CARELINE_DATA_KEY="", CARELINE_DATA_KEY_FILE=str(file))


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"CARELINE_DATA_KEY_FILE can't be read: .*/nowhere"):
        live(tmp_path, CARELINE_DATA_KEY="", CARELINE_DATA_KEY_FILE=str(tmp_path / "nowhere"))


def test_a_demos_keys_are_made_once_for_this_account_alone(tmp_path: Path) -> None:
    first, second = read(tmp_path), read(tmp_path)
    assert (first.data_keys, first.secret_key) == (second.data_keys, second.secret_key)
    assert first.data_keys != (first.secret_key,)
    keys = tmp_path / "var" / "keys"
    assert sorted(path.name for path in keys.iterdir()) == ["data", "secret"], "no drafts are left"
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (keys, keys.parent)} == {0o700}


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    program = (
        "import os, sys; from settings import Settings; sys.stdin.read();"
        "s = Settings.from_environ(os.environ); print(s.data_keys[0].hex(), s.secret_key.hex())"
    )
    environ = {**os.environ, "CARELINE_HOME": str(tmp_path / "var")}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for process in started:  # each is held back at its stdin until all are up
        assert process.stdin is not None
        process.stdin.close()
    said = []
    for process in started:
        with process:
            assert process.stdout is not None
            said.append(process.stdout.read())
        assert process.returncode == 0
    assert len(set(said)) == 1


def test_the_first_key_written_wins(tmp_path: Path) -> None:
    assert made_once(tmp_path / "keys" / "k", b"first") == b"first"
    assert made_once(tmp_path / "keys" / "k", b"second") == b"first"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SettingsError, match="CARELINE_HOME can't be written"):
        read(tmp_path)


def test_a_home_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(SettingsError, match="CARELINE_HOME can't be written"):
        read(tmp_path)


def test_folders_are_for_this_account_alone(tmp_path: Path) -> None:
    settings = live(tmp_path)
    settings.ensure_folders()
    settings.ensure_folders()
    folders = [settings.home, settings.models_dir, settings.recordings_dir]
    folders += [Path(settings.broker_options[name]) for name in ("data_folder_in", "control_folder")]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_the_broker_sends_and_receives_in_one_folder(tmp_path: Path) -> None:
    options = read(tmp_path).broker_options
    assert options["data_folder_in"] == options["data_folder_out"]
    grown = live(tmp_path, CARELINE_BROKER_URL="redis://localhost/0").broker_options
    assert grown["visibility_timeout"] == 600


def test_a_variable_that_nothing_reads_is_told_with_the_nearest_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        read(tmp_path, CARELINE_CALLS_PER_SECONDS="3", OTHER_PORT="1")
    assert caplog.messages == [
        "CARELINE_CALLS_PER_SECONDS is not a setting of Careline. Did you mean CARELINE_CALLS_PER_SECOND?"
    ]


def test_the_list_of_variables_is_what_is_read(tmp_path: Path) -> None:
    class Asked(dict[str, str]):
        names: ClassVar[set[str]] = set()

        def get(self, name: str, default: object = None) -> Any:
            self.names.add(name)
            return super().get(name, default)

    Settings.from_environ(Asked(LIVE | {"CARELINE_HOME": str(tmp_path)}))
    assert Asked.names == set(VARIABLES)


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    settings = live(
        tmp_path,
        CARELINE_DATABASE_URL="postgresql://careline:database-password@db/careline",
        CARELINE_BROKER_URL="redis://:broker-password@localhost/0",
    )
    shown = repr(settings) + str(settings)
    for secret in (
        "password",
        "synthetic-token",
        A_SECRET_KEY,
        repr(settings.data_keys[0]),
        LIVE["TWILIO_ACCOUNT_SID"],
    ):
        assert secret not in shown


def test_settings_are_frozen(tmp_path: Path) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        read(tmp_path).port = 1  # type: ignore[misc]
