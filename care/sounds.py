"""What callers recorded, as files that only the application can read: one a message, in one folder."""

from __future__ import annotations

from pathlib import Path

from records import sealed_files


def store(folder: Path, message: int, sound: bytes) -> None:
    """Keep the WAV of a message: whole and on disk, or not at all. Raises OSError, also where it does not read back."""
    sealed_files.write(_path(folder, message), sound)
    if sound_of(folder, message) != sound:
        raise OSError("a stored recording does not read back")


def sound_of(folder: Path, message: int) -> bytes:
    """The WAV of a message. Raises FileNotFoundError where it was never fetched."""
    return sealed_files.read(_path(folder, message))


def erase(folder: Path, message: int) -> None:
    """Delete the sound of a message, where there is one."""
    with sealed_files.alone(folder):  # else one that is just being sealed anew would come back
        _path(folder, message).unlink(missing_ok=True)


def _path(folder: Path, message: int) -> Path:
    return folder / f"{message}{sealed_files.SUFFIX}"
