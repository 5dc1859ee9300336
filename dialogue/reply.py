"""What a turn of talk answers: what is said, and what is waited for. JSON both ways, for it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Say:
    """One prompt, ready to be spoken or sent: `language` is the tag of the words in `text`."""

    text: str
    language: str


@dataclass(frozen=True)
class Ask:
    """Wait for keys (on a call) or the next text. `digits` keys complete it; None: `#` or a pause does.

    `timeout` is in seconds of silence after the prompt.
    """

    digits: int | None = None
    timeout: int = 8
    hash_ends: bool = True


@dataclass(frozen=True)
class Record:
    """Wait for a spoken message, announced before, of at most `longest` seconds; any key ends it."""

    longest: int = 180
    silence: int = 6


@dataclass(frozen=True)
class Dial:
    """Connect the call to `to` (E.164). Whoever answers presses a key first, asked in `whisper`."""

    to: str
    whisper: tuple[Say, ...]
    timeout: int = 25


@dataclass(frozen=True)
class Busy:
    """Do not take the call at all: she hears the busy tone. Only a call's very first reply may be this."""


Wait = Ask | Record | Dial | Busy
WAITS: dict[str, type[Ask] | type[Record] | type[Dial] | type[Busy]] = {
    "ask": Ask,
    "record": Record,
    "dial": Dial,
    "busy": Busy,
}


@dataclass(frozen=True)
class Reply:
    """The whole answer to one event. Without a `wait` the talk ends: a call is hung up.

    `conversation` and `turn` name where the next event belongs. An empty reply says nothing and,
    on a call, hangs up: it answers an event that came too late to matter.
    """

    says: tuple[Say, ...] = ()
    wait: Wait | None = None
    conversation: str = ""
    turn: int = 0

    def to_json(self) -> dict[str, Any]:
        wait = None
        if self.wait is not None:
            name = type(self.wait).__name__.lower()
            wait = {"wait": name, **vars(self.wait)}
            if isinstance(self.wait, Dial):
                wait["whisper"] = [dict(vars(say)) for say in self.wait.whisper]
        says = [[say.text, say.language] for say in self.says]
        return {"says": says, "wait": wait, "conversation": self.conversation, "turn": self.turn}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Reply:
        says = tuple(Say(text, language) for text, language in stored["says"])
        return cls(says, _wait(stored["wait"]), stored["conversation"], stored["turn"])


def _wait(stored: dict[str, Any] | None) -> Wait | None:
    if stored is None:
        return None
    fields = {name: value for name, value in stored.items() if name != "wait"}
    if "whisper" in fields:
        fields["whisper"] = tuple(Say(**say) for say in fields["whisper"])
    return WAITS[stored["wait"]](**fields)
