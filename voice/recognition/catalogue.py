"""The speech models Careline knows and the limits of trust in them, read once from models.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class VoskEntry:
    """One Vosk model: what it hears, and what its archive must be to be accepted."""

    language: str
    name: str
    bytes: int  # of the archive
    sha256: str | None = None
    md5: str | None = None
    package: str | None = None  # an installed Python package that holds a model for grammars only


@dataclass(frozen=True)
class Part:
    """A file inside an installed Python package."""

    package: str
    path: str


@dataclass(frozen=True)
class WhisperFile:
    """A file of the whisper model: the parts that make it, in order, and what it must be when whole."""

    name: str
    bytes: int
    sha256: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class WhisperEntry:
    """The faster-whisper model and how it is run."""

    name: str
    folder: str
    measured: frozenset[str]
    others: tuple[str, ...]
    compute: str
    beam: int
    cpu_threads: int
    files: tuple[WhisperFile, ...]


@dataclass(frozen=True)
class Limits:
    """Where trust ends; units and reasons stand beside the figures in models.toml."""

    longest_recording_seconds: float
    longest_answer_seconds: float
    shortest_seconds: float
    digital_silence_db: float
    quiet_db: float
    voice_probability: float
    least_voice_seconds: float
    most_clipped: float
    whisper_confidence: float
    whisper_worst_segment: float
    most_compression: float
    most_characters_a_second: float
    least_characters_a_second: float
    most_repeats: int
    vosk_confidence: float
    vosk_worst_word: float
    answer_worst_word: float
    most_unpacked_times: float


@dataclass(frozen=True)
class Catalogue:
    """All of models.toml."""

    url: str  # with {name}
    checksum_state: str
    vosk: tuple[VoskEntry, ...]
    aliases: dict[str, str]
    whisper: WhisperEntry
    limits: Limits

    def key(self, tag: str) -> str:
        """The key of the tables here for a BCP 47 tag: "es-US" → "es", "cmn-CN" → "zh", "zh-HK" → "yue"."""
        parts = tag.lower().replace("_", "-").split("-")
        for length in range(len(parts), 0, -1):
            alias = self.aliases.get("-".join(parts[:length]))
            if alias is not None:
                return alias
        return parts[0]

    def vosk_for(self, tag: str) -> VoskEntry | None:
        """The Vosk model listed for a language, installed or not."""
        key = self.key(tag)
        return next((entry for entry in self.vosk if entry.language == key), None)

    def languages(self) -> tuple[str, ...]:
        """Every language that some listed model is meant for, sorted."""
        listed = {entry.language for entry in self.vosk}
        return tuple(sorted(listed | self.whisper.measured | set(self.whisper.others)))


@cache
def catalogue() -> Catalogue:
    """The catalogue shipped with the package. KeyError or TypeError names what is wrong in models.toml."""
    raw = tomllib.loads((files(__package__) / "models.toml").read_text("utf-8"))
    return Catalogue(
        url=raw["source"]["url"],
        checksum_state=raw["source"]["state"],
        vosk=tuple(VoskEntry(**entry) for entry in raw["vosk"]),
        aliases=raw["aliases"],
        whisper=_whisper(raw["whisper"]),
        limits=Limits(**raw["limits"]),
    )


def _whisper(raw: dict[str, Any]) -> WhisperEntry:
    wanted = tuple(
        WhisperFile(**{**file, "parts": tuple(Part(**part) for part in file["parts"])})
        for file in raw["file"]
    )
    plain = {key: value for key, value in raw.items() if key != "file"}
    plain |= {"measured": frozenset(raw["measured"]), "others": tuple(raw["others"]), "files": wanted}
    return WhisperEntry(**plain)
