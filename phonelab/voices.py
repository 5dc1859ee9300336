"""Which espeak-ng voice speaks a `<Say language="…">`."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)

ENGLISH = "gmw/en-us"

# By language tag in lower case; a tag that is not here is looked up by its first part ("es-mx" → "es").
# Twilio writes Mandarin as zh-CN, zh-TW or cmn-CN, and Cantonese as zh-HK or yue-CN.
VOICES = {
    "en": ENGLISH,
    "es": "roa/es-419",
    "pt": "roa/pt-br",
    "fr": "roa/fr",
    "ht": "roa/ht",
    "zh": "sit/cmn",
    "cmn": "sit/cmn",
    "zh-hk": "sit/yue",
    "yue": "sit/yue",
    "vi": "aav/vi",
    "ar": "sem/ar",
    "arb": "sem/ar",
    "ru": "zle/ru",
    "ko": "ko",
    "hi": "inc/hi",
    "am": "sem/am",
}


def voice_for(language: str, voice: str | None = None) -> str:
    """The espeak-ng voice id for a language tag; English, with a warning, for a language it does not know.

    `voice` is what the TwiML asked for. Only an espeak-ng id of the table is followed ("roa/fr"): the
    carrier's voices (alice, Polly.Lupe) cannot be had here, and the language says what matters.
    """
    if voice in VOICES.values():
        return str(voice)
    tag = language.strip().lower().replace("_", "-")
    found = VOICES.get(tag) or VOICES.get(tag.split("-")[0])
    if found is None:
        log.warning("no local voice for language %r: spoken in English", language)
        return ENGLISH
    return found
