"""Fetches a Vosk model from its publisher: verified, unpacked with suspicion, placed whole or not at all."""

import hashlib
import http.client
import shutil
import urllib.error
import urllib.request
import zipfile
from pathlib import Path, PurePosixPath

from voice.recognition.catalogue import VoskEntry, catalogue
from voice.recognition.placing import placed
from voice.recognition.transcript import ModelUnavailable

_PIECE = 1 << 18  # bytes read at once
_PATIENCE = 30  # seconds without a byte


class FetchFailed(Exception):
    """The model was not fetched and nothing was left behind; the message says what to do by hand."""


def fetch(entry: VoskEntry, models: Path, *, url: str) -> Path:
    """The folder of the model, fetched from `url` unless it is there already.

    Raises FetchFailed when the site can't be reached, the archive is not the listed one in size or
    checksum, it would write outside its folder, or the disk is full.
    """
    target = models / entry.name
    unpacked = int(entry.bytes * catalogue().limits.most_unpacked_times)
    try:
        with placed(target, needs=entry.bytes * 3) as draft:
            if draft is not None:
                archive = draft / ".archive.zip"
                _download(url, archive, entry)
                _unpack(archive, draft, entry.name, unpacked)
                archive.unlink()
    except ModelUnavailable as error:
        raise FetchFailed(str(error)) from error
    return target


def by_hand(entry: VoskEntry, models: Path, url: str) -> str:
    """What to do where this machine can't fetch the model itself."""
    digest = f"sha256 {entry.sha256}" if entry.sha256 else f"md5 {entry.md5}"
    return (
        f"By hand: on a machine that reaches it, download {url} ({entry.bytes:,} bytes, {digest}), "
        f"and unpack it here so that {models / entry.name} holds the model. "
        "Until then recordings go to faster-whisper, and callers answer by keys."
    )


def _download(url: str, archive: Path, entry: VoskEntry) -> None:
    digests = [hashlib.sha256(), hashlib.md5(usedforsecurity=False)]
    try:
        # The address is of models.toml, not of a person.
        with urllib.request.urlopen(url, timeout=_PATIENCE) as answer, archive.open("wb") as file:  # noqa: S310
            size = 0
            while piece := answer.read(_PIECE):
                size += len(piece)
                if size > entry.bytes:
                    break  # it is not the listed archive, however long it goes on
                file.write(piece)
                for digest in digests:
                    digest.update(piece)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise FetchFailed(f"{url} can't be reached: {getattr(error, 'reason', error)}") from error
    if size != entry.bytes:
        raise FetchFailed(f"{url} is not the listed archive: {entry.bytes:,} bytes expected")
    for digest, expected in zip(digests, (entry.sha256, entry.md5), strict=True):
        if expected is not None and digest.hexdigest() != expected:
            raise FetchFailed(f"{url} is not the listed archive: {digest.name} {digest.hexdigest()}")


def _unpack(archive: Path, folder: Path, name: str, most_bytes: int) -> None:
    """Unpack what lies in the archive's folder `name` into `folder`; refuse an archive that holds more."""
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = [member for member in zipped.infolist() if not member.is_dir()]
            if sum(member.file_size for member in members) > most_bytes:
                raise FetchFailed(f"the archive would unpack to more than {most_bytes / 1e6:.0f} MB")
            for member in members:
                target = folder / _inside(member.filename, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                with zipped.open(member) as source, target.open("xb") as file:
                    shutil.copyfileobj(
                        source, file
                    )  # zipfile reads no more than file_size, and checks the CRC
    except (zipfile.BadZipFile, NotImplementedError, FileExistsError) as error:
        raise FetchFailed(f"the archive can't be unpacked: {error}") from error


def _inside(filename: str, name: str) -> PurePosixPath:
    path = PurePosixPath(filename)
    if (
        path.parts[:1] != (name,)  # an absolute path begins with /
        or ".." in path.parts
        or "\\" in filename
        or len(path.parts) < 2
    ):
        raise FetchFailed(f"the archive holds {filename!r}, which is not inside {name}/")
    return PurePosixPath(*path.parts[1:])
