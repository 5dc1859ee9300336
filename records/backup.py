"""One file that holds an installation: a copy of the database, the recordings, and a list of both.

It is a tar. First the database (`database.sqlite3`, or `database.dump` in pg_dump's custom format), then
`recordings/<message>.sealed`, at the end `manifest.json`, so that a file that was cut short has none. The
manifest is sealed with the data key by its `proof`: whoever can't open it neither reads nor forges a file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from records import copying
from records.database import Database
from records.refusals import Damaged, OtherKey
from records.sealing import Seal, WrongKey, seal

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
NAMES = re.compile(r"database\.sqlite3|database\.dump|recordings/[1-9][0-9]*\.sealed|manifest\.json")
CHUNK = 1 << 20
KEY_NAME = "the name of this key in a backup's manifest"


@dataclass(frozen=True)
class Part:
    """One file in the backup; `sha256` in hex."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. Nothing in it is private, and no key is in it: only names of keys."""

    format: int
    careline: str
    database: str
    revision: str
    made_at: datetime
    keys: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def recordings(self) -> int:
        return sum(part.name.startswith("recordings/") for part in self.parts)

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts)


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
            parts += _add_recordings(tar, recordings, stands.spoken)
            manifest = Manifest(
                FORMAT, careline, kind, stands.revision, now.astimezone(UTC), (key_name(),), tuple(parts)
            )
            written = _written(manifest)
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


def key_name() -> str:
    """A name for the data key in use, from which nobody learns the key."""
    return _outer().hash(KEY_NAME)[:16]


def _outer() -> Seal:
    """Seals what a backup says of itself: with the key that is given, which opens whatever else it holds."""
    return seal()


def check(path: Path) -> Manifest:
    """Read a backup through: every part is there and as it was, and the data key opens it.

    Raises Damaged, OtherKey, OSError.
    """
    with opened(path) as tar:
        manifest = _manifest(tar)
        entries = [entry for entry in tar.getmembers() if entry.name != MANIFEST]
        if [entry.name for entry in entries] != [part.name for part in manifest.parts]:
            raise Damaged("its list names other parts than it holds")
        for entry, part in zip(entries, manifest.parts, strict=True):
            digest = hashlib.sha256()
            for chunk in chunks(tar, entry):
                digest.update(chunk)
            if (entry.size, digest.hexdigest()) != (part.bytes, part.sha256):
                raise Damaged(f"{part.name} is not as it was written")
        _open_a_recording(tar, manifest)
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
        written: dict[str, Any] = json.loads(b"".join(chunks(tar, tar.getmember(MANIFEST))))
        proof = bytes.fromhex(written.pop("proof"))
    except (KeyError, ValueError) as error:
        raise Damaged("its list can't be read") from error
    try:
        proven = _outer().open(proof)
    except WrongKey as error:
        raise OtherKey(written.get("keys", ()), key_name()) from error
    if proven != _digest(written) or written["format"] != FORMAT:
        raise Damaged("its list is not as it was written")
    parts = tuple(Part(**part) for part in written.pop("parts"))
    made_at = datetime.fromisoformat(written.pop("made_at"))
    return Manifest(**{**written, "keys": tuple(written["keys"])}, made_at=made_at, parts=parts)


def _open_a_recording(tar: tarfile.TarFile, manifest: Manifest) -> None:
    """Can the sound of one be opened, too?"""
    for part in manifest.parts:
        if part.name.startswith("recordings/"):
            try:
                seal().open(b"".join(chunks(tar, tar.getmember(part.name))))
            except WrongKey as error:
                raise OtherKey(manifest.keys, key_name()) from error
            return


def _written(manifest: Manifest) -> bytes:
    plain = {**asdict(manifest), "made_at": manifest.made_at.isoformat()}
    plain = json.loads(json.dumps(plain))  # tuples are lists from here on, as when it is read
    return json.dumps({**plain, "proof": _outer().close(_digest(plain)).hex()}, indent=1).encode()


def _digest(plain: dict[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).digest()


def _add_recordings(tar: tarfile.TarFile, folder: Path, messages: frozenset[int]) -> Iterator[Part]:
    """Only those of messages in the copied database: a later message may have a number that comes again."""
    for message in sorted(messages):
        path = folder / f"{message}.sealed"
        if path.exists():  # else it was erased since, or never fetched
            yield _add(tar, f"recordings/{path.name}", path)


def _add(tar: tarfile.TarFile, name: str, path: Path) -> Part:
    with path.open("rb") as file:
        stat = os.fstat(file.fileno())
        reader = _Hashing(file)
        tar.addfile(_entry(name, stat.st_size, stat.st_mtime), reader)  # type: ignore[arg-type]
    return Part(name, stat.st_size, reader.digest.hexdigest())


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
