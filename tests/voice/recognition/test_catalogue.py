"""models.toml: what is listed can be found by language and verified."""

import pytest

from voice.recognition.catalogue import VoskEntry, catalogue
from voice.recognition.transcript import Doubt, first_doubt


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("en", "vosk-model-small-en-us-0.15"),
        ("es-419", "vosk-model-small-es-0.42"),
        ("pt_BR", "vosk-model-small-pt-0.3"),
        ("cmn-CN", "vosk-model-small-cn-0.22"),
        ("zh-Hant-TW", "vosk-model-small-cn-0.22"),
        ("vi", "vosk-model-small-vn-0.4"),
        ("zh-HK", None),  # Cantonese
        ("yue", None),
        ("ht", None),
        ("km", None),
    ],
)
def test_the_model_of_a_language(tag: str, name: str | None) -> None:
    entry = catalogue().vosk_for(tag)
    assert (entry.name if entry else None) == name


@pytest.mark.parametrize("entry", catalogue().vosk, ids=lambda entry: entry.name)
def test_every_model_can_be_verified(entry: VoskEntry) -> None:
    assert entry.sha256 or entry.md5
    assert entry.sha256 is None or len(bytes.fromhex(entry.sha256)) == 32
    assert entry.md5 is None or len(bytes.fromhex(entry.md5)) == 16
    assert 30_000_000 < entry.bytes < 110_000_000


def test_of_several_doubts_the_weightiest_is_given() -> None:
    assert first_doubt(None, Doubt.LOW_CONFIDENCE, Doubt.TOO_LONG) == "too long"
    assert first_doubt(None, None) is None
