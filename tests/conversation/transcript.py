"""A transcript as a nurse reads it: who has a phone, what they do (`>`), what they get (`<`), what is so afterwards.

    # What the case is.
    phones: rosa, nurse

    given the emergency desk does not answer
    > call
    < Welcome to Harbor Community Clinic. If this is an emergency, hang up and dial 911.
    > keys 1
    nurse < [ringing]
    ~ 2 hours later
    = alert severe_reading about Rosa Delgado at rosa's phone: emergency, open

A line without a name is the first phone's. `>`: `call`, `answer`, `reject`, `hang up`, `keys 1`, `silence`,
`speaks 3 seconds [then #]` (a sound, not words), `text WORDS`. `<` pins all that is said or written, a line
for each prompt or text: on a call what is heard, else texts; `[text] …` a text while on a call;
`[ringing]`, `[connected]`, `[tone]`, `[hung up]`. `given` is how things are, `~` what happens meanwhile,
`=` all that the clinic then has. A line that begins with two spaces goes on with the one before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

TRANSCRIPTS = Path(__file__).resolve().parent.parent / "transcripts"
LINE = re.compile(r"(?:(?P<who>[a-z]+) )?(?P<way>[<>]|given|~|=) ?(?P<words>.*)")
GOES_ON = "  "


class TranscriptError(ValueError):
    """A transcript that can't be read; the message gives the file and the line."""


@dataclass(frozen=True)
class Line:
    """One line. `way` is `>`, `<`, `given`, `~` or `=`; `who` is empty but for `>` and `<`."""

    number: int
    way: str
    words: str
    who: str = ""


@dataclass(frozen=True)
class Transcript:
    """`head` is what stands above the first line that does something, comments and all."""

    path: Path
    head: str
    phones: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def name(self) -> str:
        return self.path.relative_to(TRANSCRIPTS).as_posix().removesuffix(".txt")

    @property
    def language(self) -> str:
        """The tag in the file's name: what Rosa speaks."""
        return self.path.name.split(".")[1]

    def shown(self, line: Line) -> str:
        """A line as it is written."""
        name = f"{line.who} " if line.who and line.who != self.phones[0] else ""
        return f"{name}{line.way} {line.words}".rstrip().replace("\n", f"\n{GOES_ON}")


def every_transcript() -> list[Path]:
    return sorted(TRANSCRIPTS.rglob("*.txt"))


def read(path: Path) -> Transcript:
    """Raises TranscriptError."""
    head: list[str] = []
    phones: tuple[str, ...] = ()
    lines: list[Line] = []
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        if raw.startswith("phones:"):
            phones = tuple(name.strip() for name in raw.removeprefix("phones:").split(","))
        if not lines and (not raw.strip() or raw.startswith(("#", "phones:"))):
            head.append(raw)
            continue
        if lines and raw.startswith(GOES_ON):
            lines[-1] = replace(lines[-1], words=f"{lines[-1].words}\n{raw.strip()}")
        elif raw.strip():
            lines.append(_line(path, number, raw.strip(), phones))
    if not phones:
        raise TranscriptError(f"{path.name}: `phones:` is missing")
    return Transcript(path, "\n".join(head), phones, tuple(lines))


def _line(path: Path, number: int, raw: str, phones: tuple[str, ...]) -> Line:
    found = LINE.fullmatch(raw)
    if found is None:
        raise TranscriptError(f"{path.name}, line {number}: {raw!r} is not understood")
    if found["way"] not in "<>":
        return Line(number, found["way"], found["words"])
    who = found["who"] or (phones[0] if phones else "")
    if who not in phones:
        raise TranscriptError(f"{path.name}, line {number}: no phone is {who!r}'s")
    return Line(number, found["way"], found["words"], who)
