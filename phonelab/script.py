"""Scripted handsets: a transcript of calls and texts, played against a telephone company.

    handset rosa +16175550101
    line +16175550100
    rosa > call
    rosa < Para español
    rosa > keys 2
    rosa < [hung up]

`>` is what the person does: `call [N]`, `flash [N]` (ring, and hang up before it is answered), `answer`,
`reject`, `keys 1`, `says file.wav [then #]`, `silence`, `hang up`, `text [to N] words`. `<` is what she gets, in
any case and spacing, or `/a regex/`: words heard on the call, or read where no call goes on; `[text] words`,
`[ringing]`, `[busy]`, `[hung up]`. With one handset its name is left
out. YAML holds the same: `handsets` (name: number), `line`, `steps` (a list of such lines).
`#` begins a comment.

`python -m phonelab.script FILE… [--url http://127.0.0.1:8001]` prints what happened; status 1 if it failed.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from yaml import YAMLError, safe_load

from .handset_client import AsyncHandset, Handset, ScriptFailed

STEP = re.compile(r"(?:(?P<who>[\w-]+)\s+)?(?P<way>[<>])\s*(?P<rest>.*)")
E164 = re.compile(r"\+[1-9]\d{6,14}")


class ScriptError(ValueError):
    """A script that can't be read; the message gives the line."""


@dataclass(frozen=True)
class Step:
    """One line: who, `>` or `<`, and the words."""

    number: int
    who: str
    way: str
    words: str


@dataclass
class Script:
    """A read script. `folder`: where its WAV files are."""

    handsets: dict[str, str] = field(default_factory=dict)
    line: str = ""
    steps: list[Step] = field(default_factory=list)
    folder: Path = Path()


def read_script(text: str, folder: Path = Path()) -> Script:
    """A script from plain lines or YAML. Raises ScriptError."""
    if not re.search(r"^\s*(handsets|steps)\s*:", text, re.MULTILINE):
        return _read_lines(text.splitlines(), Script(folder=folder))
    try:
        given = safe_load(text)
        script = Script({str(k): str(v) for k, v in given["handsets"].items()}, str(given.get("line", "")))
        steps = [str(step) for step in given["steps"]]
    except (YAMLError, AttributeError, KeyError, TypeError) as error:
        raise ScriptError(f"the YAML can't be read: {error}") from error
    script.folder = folder
    return _read_lines(steps, script)


def _read_lines(lines: list[str], script: Script) -> Script:
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        words = line.split()
        if words[0] == "handset" and len(words) in (2, 3) and E164.fullmatch(words[-1]):
            script.handsets[words[1] if len(words) == 3 else "handset"] = words[-1]
        elif words[0] == "line" and len(words) == 2:
            script.line = words[1]
        elif step := STEP.fullmatch(line):
            script.steps.append(_step(number, step, script))
        else:
            raise ScriptError(f"line {number}: {line!r} is not understood")
    return script


def _step(number: int, step: re.Match[str], script: Script) -> Step:
    who = step["who"] or (next(iter(script.handsets)) if len(script.handsets) == 1 else "")
    if who not in script.handsets:
        raise ScriptError(
            f"line {number}: whose handset? {', '.join(script.handsets) or 'none is named yet'}"
        )
    return Step(number, who, step["way"], step["rest"].strip())


async def play(script: Script, base_url: str, *, deadline: float = 15.0) -> dict[str, str]:
    """Play a script. Returns each handset's transcript. Raises ScriptFailed and ScriptError."""
    async with AsyncExitStack() as stack:
        held = {
            name: await stack.enter_async_context(AsyncHandset(base_url, number, deadline=deadline))
            for name, number in script.handsets.items()
        }
        for step in script.steps:
            try:
                await (_do if step.way == ">" else _expect)(held[step.who], step, script)
            except ScriptFailed as failed:
                raise ScriptFailed(f"line {step.number}: {step.way} {step.words}\n{failed}") from None
        return {name: handset.transcript() for name, handset in held.items()}


async def _do(handset: AsyncHandset, step: Step, script: Script) -> None:
    verb, _, rest = step.words.partition(" ")
    rest = rest.strip()
    match verb:
        case "call":
            await handset.call(rest or script.line)
        case "flash":
            await handset.flashes(rest or script.line)
        case "answer":
            await handset.answers()
        case "reject":
            await handset.rejects()
        case "keys":
            await handset.press(rest)
        case "silence":
            await handset.silence()
        case "hang":
            await handset.hangs_up()
        case "says":
            file, _, then = rest.partition(" then ")
            await handset.says(script.folder / file.strip(), then.strip() or "silence")
        case "text":
            to, body = script.line, rest
            if found := re.match(r"to\s+(\+\d+)\s+(.*)", rest, re.DOTALL):
                to, body = found[1], found[2]
            await handset.texts(to, body)
        case _:
            raise ScriptError(f"line {step.number}: nobody can {step.words!r}")


async def _expect(handset: AsyncHandset, step: Step, script: Script) -> None:
    words = step.words
    if words == "[ringing]":
        await handset.rings()
    elif words == "[busy]":
        await handset.hears_the_busy_tone()
    elif words in ("[hung up]", "[ended]"):
        await handset.is_hung_up()
    elif words.startswith("[text]"):
        await handset.reads(words.removeprefix("[text]").strip())
    elif handset.on_a_call:
        await handset.hears(words)
    else:
        await handset.reads(words)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="phonelab.script", description="Play scripted handsets.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8001", help="where phonelab is")
    parser.add_argument("--deadline", type=float, default=15.0, help="seconds that an expectation waits")
    asked = parser.parse_args(arguments)
    for file in asked.files:
        try:
            script = read_script(file.read_text(encoding="utf-8"), file.parent)
            played = asyncio.run(play(script, asked.url, deadline=asked.deadline))
        except (ScriptFailed, ScriptError, OSError) as error:
            print(f"{file}: {error}", file=sys.stderr)
            return 1
        for name, transcript in played.items():
            print(f"--- {file.name}: {name}\n{transcript}")
    return 0


__all__ = ["AsyncHandset", "Handset", "ScriptError", "ScriptFailed", "play", "read_script"]

if __name__ == "__main__":
    raise SystemExit(main())
