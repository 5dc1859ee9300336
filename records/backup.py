"""One file that holds an installation: a copy of the database, the recordings, and a list of both.

It is a tar. First the database (`database.sqlite3`, or `database.dump` in pg_dump's custom format), then
`recordings/<message>.sealed`, at the end `manifest.json`, so that a file that was cut short has none. The
manifest (records/manifest.py) is proved with the data key: whoever hasn't got it can't forge a file.
"""

from __future__ import annotations

import hashlib
import os
import re
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from records import copying
from records import manifest as manifests
from records.copying import Stands
from records.database import Database
from records.manifest import FORMAT, Manifest, Part
from records.refusals import Damaged
from records.sealed_files import SUFFIX
from records.sealing import HEAD, Seal, WrongKey, key_id, seal

MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
NAMES = re.compile(r"database\.sqlite3|database\.dump|recordings/[1-9][0-9]*\.sealed|manifest\.json")
CHUNK = 1 << 20


def make(database: Database, recordings: Path, folder: Path, now: datetime, careline: str) -> Path:
    """Write a backup into `folder`, while others work; returns its path. It is there whole, or not at all.

    `careline` is the version of the code. Raises OSError and `records.refusals`.
    """
    name = f"careline-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar"
    copied, unfinished = folder / f".{name}.database", folder / f".{name}.part"
    kind = "sqlite" if database.is_sqlite else "postgresql"
    try:
        with _private(copied):
            pass
        stands = copying.copy(database, copied)
        with _private(unfinished) as file, tarfile.open(fileobj=file, mode="w") as tar:
            parts = [_add(tar, DATABASES[kind], copied)]
            parts += _add_recordings(tar, recordings, stands)
            given = manifests.names_of_given(stands.keys)
            made_at = now.astimezone(UTC)
            written = manifests.written(
                Manifest(FORMAT, careline, kind, stands.revision, made_at, given, stands.keys, tuple(parts))
            )
            tar.addfile(_entry(MANIFEST, len(written), now.timestamp()), BytesIO(written))
            tar.close()
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(folder / name)
        copying.flush(folder)
    finally:
        copied.unlink(missing_ok=True)
        unfinished.unlink(missing_ok=True)
    return folder / name


def check(path: Path) -> Manifest:
    """Read a backup through: every part is there and as it was, and the data key opens it.

    Raises Damaged, OtherKey, OSError.
    """
    with opened(path) as tar:
        manifest = _manifest(tar)
        seals = manifest.seals()
        entries = [entry for entry in tar.getmembers() if entry.name != MANIFEST]
        if [entry.name for entry in entries] != [part.name for part in manifest.parts]:
            raise Damaged("its list names other parts than it holds")
        for entry, part in zip(entries, manifest.parts, strict=True):
            digest = hashlib.sha256()
            for chunk in chunks(tar, entry):
                digest.update(chunk)
            if (entry.size, digest.hexdigest()) != (part.bytes, part.sha256):
                raise Damaged(f"{part.name} is not as it was written")
        _open_a_recording(tar, manifest, seals)
    return manifest


@contextmanager
def opened(path: Path) -> Iterator[tarfile.TarFile]:
    """The tar, all of its names being ones that we write. Raises Damaged, OSError."""
    try:
        with tarfile.open(path, "r:") as tar:
            for entry in tar.getmembers():
                if not (entry.isreg() and NAMES.fullmatch(entry.name)):
                    raise Damaged("it holds something that no backup holds")
            yield tar
    except (tarfile.TarError, EOFError) as error:
        raise Damaged("it is not whole, or no backup") from error


def chunks(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    file = tar.extractfile(entry)
    assert file is not None  # a regular file, see `opened`
    while chunk := file.read(CHUNK):
        yield chunk


def _manifest(tar: tarfile.TarFile) -> Manifest:
    try:
        entry = tar.getmember(MANIFEST)
    except KeyError as error:
        raise Damaged("its list can't be read") from error
    return manifests.read(b"".join(chunks(tar, entry)))


def _open_a_recording(tar: tarfile.TarFile, manifest: Manifest, seals: Sequence[Seal]) -> None:
    """Can the sound of one be opened, too?"""
    for part in manifest.parts:
        if part.name.startswith("recordings/"):
            sound = b"".join(chunks(tar, tar.getmember(part.name)))
            if not any(_opens(seal, sound) for seal in seals):
                raise manifest.other_key()
            return


def _opens(own: Seal, sealed: bytes) -> bool:
    try:
        own.open(sealed)
    except WrongKey:
        return False
    return True


def _add_recordings(tar: tarfile.TarFile, folder: Path, stands: Stands) -> Iterator[Part]:
    """Only those of messages in the copied database: a later message may have a number that comes again."""
    own = manifests.seals(stands.keys)[0] if stands.keys else None
    for message in sorted(stands.spoken):
        path = folder / f"{message}{SUFFIX}"
        with suppress(FileNotFoundError):  # it was erased since, or never fetched
            yield _add(tar, f"recordings/{path.name}", path, own)


def _add(tar: tarfile.TarFile, name: str, path: Path, own: Seal | None = None) -> Part:
    """A file as it is; a recording that was sealed anew since the copy, with a key that is in the copy."""
    with path.open("rb") as file:
        stat = os.fstat(file.fileno())
        again = _anew(file, own) if own else None
        reader = _Hashing(file if again is None else BytesIO(again))
        size = stat.st_size if again is None else len(again)
        tar.addfile(_entry(name, size, stat.st_mtime), reader)  # type: ignore[arg-type]
    return Part(name, size, reader.digest.hexdigest())


def _anew(file: IO[bytes], own: Seal) -> bytes | None:
    """None where it is as it should be, or opens with no key at all: that it is spoilt is kept, too."""
    known = key_id(file.read(HEAD)) in own.keys.data
    file.seek(0)
    if known:
        return None
    try:
        return own.close(seal().open(file.read()))
    except WrongKey:
        file.seek(0)
        return None


def _entry(name: str, size: int, at: float) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, int(at), 0o600
    return entry


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, most: int) -> bytes:
        chunk = self._file.read(most)
        self.digest.update(chunk)
        return chunk


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
