"""Sealed files: each appears under its name whole and on disk, or not at all."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from records.sealing import HEAD, seal

SUFFIX = ".sealed"


def write(path: Path, plain: bytes) -> None:
    """Raises OSError."""
    _replace(path, seal().close(plain))


def read(path: Path) -> bytes:
    """Raises FileNotFoundError where it was never written, WrongKey."""
    return seal().open(path.read_bytes())


def begins(path: Path) -> bytes:
    """The bytes that say how it is sealed; none where the file is gone."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except FileNotFoundError:
        return b""


def reseal(path: Path) -> None:
    """Seal it with the active key. A file that is gone stays gone; one that was replaced meanwhile stays as it is."""
    try:
        before = path.stat()
        again = seal().close(read(path))
        _replace(path, again, only_if=before)
    except FileNotFoundError:
        return


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else replaces or removes a file of this folder meanwhile: whoever removes one asks for this too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, content: bytes, only_if: os.stat_result | None = None) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        draft = Path(file.name)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        with alone(path.parent):
            if only_if is None or os.path.samestat(path.stat(), only_if):
                draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
