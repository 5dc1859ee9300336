"""The faster-whisper model: joined once from the installed packages that carry it, verified, put in place."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from voice.recognition.catalogue import Part, WhisperFile, catalogue
from voice.recognition.placing import placed
from voice.recognition.transcript import ModelUnavailable

_PIECE = 1 << 20  # bytes read at once


def at_hand(models: Path) -> bool:
    """Whether the model is prepared under `models`, or the packages to prepare it from are installed."""
    entry = catalogue().whisper
    parts = [part for file in entry.files for part in file.parts]
    return _is_whole(models / entry.folder) or all(_found(part) for part in parts)


def prepare(models: Path) -> Path:
    """The folder of the model, made if need be. Any number of processes may ask at once.

    Raises ModelUnavailable, and leaves nothing, when a package is missing, a checksum differs (then the
    package is not what was checked) or the disk is full.
    """
    entry = catalogue().whisper
    target = models / entry.folder
    if not _is_whole(target):
        with placed(target, needs=sum(file.bytes for file in entry.files)) as draft:
            if draft is not None:
                _join_all(draft)
        if not _is_whole(target):
            raise ModelUnavailable(f"{target} is damaged: delete it, and it is made again")
    return target


def _is_whole(folder: Path) -> bool:
    # By size: the checksums were compared before the folder got its name.
    files = catalogue().whisper.files
    return all((path := folder / file.name).is_file() and path.stat().st_size == file.bytes for file in files)


def _join_all(folder: Path) -> None:
    for file in catalogue().whisper.files:
        _join(file, folder / file.name)


def _join(file: WhisperFile, target: Path) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as joined:
        for part in file.parts:
            path = _found(part)
            if path is None:
                raise ModelUnavailable(f"{part.package} is not installed, or has no {part.path}")
            with path.open("rb") as source:
                while piece := source.read(_PIECE):
                    digest.update(piece)
                    joined.write(piece)
    if digest.hexdigest() != file.sha256:
        raise ModelUnavailable(f"{file.name} is not the model that was checked: sha256 {digest.hexdigest()}")


def _found(part: Part) -> Path | None:
    spec = find_spec(part.package)  # finds it without running it
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (path := Path(place) / part.path).is_file():
            return path
    return None
