"""Making prompts before anyone calls: all that is always the same, in every language that is spoken here."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence

from sqlalchemy import select

from records import Database
from records.clinics import Clinic
from records.scheduling import Clinician
from voice.prompts.speaker import SpeakingError
from voice.prompts.store import Prompts, name_of

logger = logging.getLogger(__name__)
UNUSED_SECONDS = 30 * 24 * 3600.0
SECONDS = 0.5
"""Of one step of the worker: a recording that is to be put into words waits no longer for it."""


class Ahead:
    """What is missing, and making it in steps that may be repeated, and interrupted, at any time."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts
        self._wanted: dict[tuple[str, ...], dict[str, tuple[str, str]]] = {}
        self._unspeakable: set[str] = set()

    def wanted(self, names: Sequence[str]) -> dict[str, tuple[str, str]]:
        """File name → words and language tag, for all that is prepared; `names` are the clinics' and clinicians'."""
        key = tuple(names)
        if key not in self._wanted:
            self._wanted = {key: dict(self._all(names))}
        return self._wanted[key]

    def missing(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """Words and language tag of each part that has no file yet."""
        folder = self._prompts.folder
        there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        return [part for name, part in self.wanted(names).items() if name not in there]

    def drop_unused(self, names: Sequence[str], now: float) -> None:
        """Remove what no catalogue of today says and nobody has made for a month (`now` in seconds)."""
        wanted = self.wanted(names)
        for path in self._prompts.folder.glob("*.wav"):
            if path.name not in wanted and now - path.stat().st_mtime > UNUSED_SECONDS:
                path.unlink(missing_ok=True)

    def make(self, words: str, tag: str) -> None:
        """One part. Raises SpeakingError and OSError."""
        language = self._prompts.languages[tag]
        assert language.local_voice
        self._prompts.keep(self._prompts.speaker.speak(words, language.local_voice), words, language)

    def step(self, names: Sequence[str], seconds: float = SECONDS) -> None:
        """Make what is missing, for about that long. A language that can't be spoken is told of once."""
        until = time.monotonic() + seconds
        missing = self.missing(names)
        if not missing:
            self._prompts.speaker.close()  # its process would sit there for months
        for words, tag in missing:
            if time.monotonic() > until:
                return
            if tag in self._unspeakable:
                continue
            try:
                self.make(words, tag)
            except (SpeakingError, OSError) as error:
                self._unspeakable.add(tag)
                logger.error("prompts in %r can't be prepared: %s", tag, error)

    def _all(self, names: Sequence[str]) -> Iterator[tuple[str, tuple[str, str]]]:
        for tag in self._prompts.tags():
            language = self._prompts.languages[tag]
            for part in self._prompts.cutter(tag).ahead(names):
                yield name_of(part.words, language), (part.words, tag)


def names_said(database: Database) -> list[str]:
    """Clinics' names, with which every call begins, and those of their clinicians, with whom visits are offered."""
    with database.reading() as connection:
        clinics = connection.scalars(select(Clinic.name).order_by(Clinic.id)).all()
        clinicians = connection.scalars(
            select(Clinician.name).where(Clinician.active).order_by(Clinician.clinic_id, Clinician.id)
        ).all()
    return list(dict.fromkeys([*clinics, *clinicians]))
