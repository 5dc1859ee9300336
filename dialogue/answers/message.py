"""A message in her own words: a text as sent, a recording by its id, or recognised speech."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from dialogue.said import Json, Said, Unclear, Understood
from languages import N_, Language

LONGEST = 1600
"""Characters: the longest text that a carrier delivers."""

NOTHING_HEARD = N_("Sorry, I did not hear your message.")
NOTHING_WRITTEN = N_("Sorry, your message was empty.")
SPEAK = N_("Please say your message after the tone.")
TOO_LONG = N_("Sorry, that is too long for one message. Please write it in two.")


class Message:
    """Option: `is_name` (yes) where it is a name that is asked for: "nurse" is no name then, but asks for one.

    Its value is `{"kind": "message"}` with `text`, or `text` and the recogniser's `confidence`, or `recording`
    (the carrier's id) and `seconds`. Nothing in it is read as a command.
    """

    name = "message"
    zero_is_an_answer = False

    def finished_by(self, options: Mapping[str, Json]) -> int | None:
        return None

    def check(self, options: Mapping[str, Json]) -> list[str]:
        return [f"message takes no option {name!r}" for name in sorted(set(options) - {"is_name"})]

    def read(self, said: Said, language: Language, options: Mapping[str, Json]) -> Understood | Unclear:
        if said.keys:
            return Unclear(SPEAK)
        if said.recording:
            heard = {"kind": "message", "recording": said.recording, "seconds": said.seconds}
            return Understood(heard) if said.seconds > 0 else Unclear(NOTHING_HEARD)
        text = without_controls(said.words)
        if all(unicodedata.category(sign) in ("Cf", "Zs") for sign in text):
            return Unclear(NOTHING_WRITTEN if said.text else NOTHING_HEARD)
        if len(text) > LONGEST:
            return Unclear(TOO_LONG)
        value: dict[str, Json] = {"kind": "message", "text": text}
        return Understood(value if said.text else {**value, "confidence": said.confidence})

    def messages(self) -> list[str]:
        return [NOTHING_HEARD, NOTHING_WRITTEN, SPEAK, TOO_LONG]


def without_controls(text: str) -> str:
    """`text` without control characters, line breaks kept; joiners stay, which emoji and scripts need."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
    return kept.strip()


KIND = Message()
