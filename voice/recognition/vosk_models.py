"""Which Vosk models are installed: as folders under the models folder, or inside a Python package."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from voice.recognition.catalogue import VoskEntry, catalogue


@dataclass(frozen=True)
class InstalledVosk:
    """A Vosk model that can be loaded by path."""

    name: str
    path: Path


def installed(language: str, models: Path) -> InstalledVosk | None:
    """The model for a BCP 47 tag under `models`: good for recordings and for answers."""
    entry = catalogue().vosk_for(language)
    return _in_folder(entry, models) if entry else None


def installed_for_answers(language: str, models: Path) -> InstalledVosk | None:
    """The model for answers held to a grammar: as `installed`, else one inside a Python package."""
    entry = catalogue().vosk_for(language)
    return (_in_folder(entry, models) or _in_package(entry)) if entry else None


def _in_folder(entry: VoskEntry, models: Path) -> InstalledVosk | None:
    folder = models / entry.name
    return InstalledVosk(entry.name, folder) if _is_model(folder) else None


def _in_package(entry: VoskEntry) -> InstalledVosk | None:
    if entry.package is None:
        return None
    spec = find_spec(entry.package)  # finds it without running it
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "model"
        if _is_model(folder):
            return InstalledVosk(entry.package, folder)
    return None


def _is_model(folder: Path) -> bool:
    # Vosk itself accepts two layouts: the acoustic model in am/, or flat in older ones.
    return (folder / "am" / "final.mdl").is_file() or (folder / "final.mdl").is_file()
