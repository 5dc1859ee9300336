"""Puts a folder in place whole or not at all, whoever else is at it and whenever the power goes."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voice.recognition.transcript import ModelUnavailable


@contextmanager
def placed(target: Path, *, needs: int) -> Iterator[Path | None]:
    """An empty folder that becomes `target` when the block ends well, and is deleted when it does not.

    None where `target` is there already, perhaps because another process finished it while this one waited
    for the lock. What a killed process left behind is swept by the next. `needs`: bytes, asked of the disk
    beforehand. ModelUnavailable says so when the disk is full or not writable.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target.with_name(f".{target.name}.lock")):
            if target.exists():
                yield None
                return
            with _draft(target, needs) as draft:
                yield draft
    except OSError as error:
        raise ModelUnavailable(_explained(error, target, needs)) from error


@contextmanager
def _draft(target: Path, needs: int) -> Iterator[Path]:
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    if shutil.disk_usage(target.parent).free < needs:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    draft.mkdir()
    try:
        yield draft
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # A lock of the operating system's: it goes when its process goes, even by SIGKILL. The file stays:
    # deleting it would let two processes hold "the" lock.
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _explained(error: OSError, target: Path, needs: int) -> str:
    why = error.strerror or type(error).__name__
    return f"{target.name} could not be placed in {target.parent} ({needs / 1e6:.0f} MB needed): {why}"
