"""What callers recorded, as files that only the application can read: one a message, in one folder."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from records.sealing import seal


def store(folder: Path, message: int, sound: bytes) -> None:
    """Keep the WAV of a message: whole and on disk, or not at all. Raises OSError, also where it does not read back."""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(seal().close(sound))
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(_path(folder, message))
    if sound_of(folder, message) != sound:
        raise OSError("a stored recording does not read back")


def sound_of(folder: Path, message: int) -> bytes:
    """The WAV of a message. Raises FileNotFoundError where it was never fetched."""
    return seal().open(_path(folder, message).read_bytes())


def erase(folder: Path, message: int) -> None:
    """Delete the sound of a message, where there is one."""
    _path(folder, message).unlink(missing_ok=True)


def _path(folder: Path, message: int) -> Path:
    return folder / f"{message}.sealed"
