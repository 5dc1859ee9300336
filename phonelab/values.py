"""The values that TwiML attributes take: the library, off which the grammar is read, does not hold them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element as Node

from yaml import safe_load

Check = Callable[[str], str | None]  # a value to what is wrong with it, or None
MOST_NUMBERS = 10  # of one <Dial>, rung at once
SAY_LENGTH = 4096  # characters; Twilio's limit for one <Say>
_SPEECH = safe_load((Path(__file__).parent / "say_languages.yaml").read_text(encoding="utf-8"))
SAY_LANGUAGES = frozenset(_SPEECH["languages"])
VOICES = re.compile(r"man|woman|alice|(Polly|Google)\.[A-Za-z0-9-]+")


def whole(low: int, high: int | None, value: str) -> str | None:
    if not re.fullmatch(r"\d+", value) or int(value) < low or (high is not None and int(value) > high):
        return f"must be a whole number from {low}" + (f" to {high}" if high is not None else "")
    return None


def one_of(choices: tuple[str, ...], value: str) -> str | None:
    return None if value in choices else f"must be {' or '.join(choices)}"


def several_of(choices: tuple[str, ...], value: str) -> str | None:
    wrong = [part for part in value.split() or [""] if part not in choices]
    return f"{wrong[0]!r} is none of {', '.join(choices)}" if wrong else None


def keys(value: str) -> str | None:
    return None if re.fullmatch(r"[0-9*#]*", value) else "must be keys: 0-9, * and #"


def tones(value: str) -> str | None:
    return None if re.fullmatch(r"[0-9*#wWA-D]+", value) else "must be keys 0-9, *, #, A-D, or w for a wait"


def url(value: str) -> str | None:
    """Absolute http(s), or relative to the document."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return "is not a URL"
    if re.search(r"\s", value):
        return "is not a URL: it holds white space"
    if parts.scheme and (parts.scheme not in ("http", "https") or not parts.netloc):
        return "must be an http or https URL"
    return None


def stream_url(value: str) -> str | None:
    parts = urlsplit(value)
    loopback = parts.scheme == "ws" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not (parts.scheme == "wss" or loopback) or not parts.netloc:
        return "must be a wss:// URL (phonelab takes ws:// on this machine)"
    return "takes no query string: use <Parameter>" if parts.query else None


def phone(value: str) -> str | None:
    return (
        None if re.fullmatch(r"\+[1-9]\d{6,14}", value) else "must be a number in E.164 form (+16175550100)"
    )


def language(value: str) -> str | None:
    known = {tag.lower() for tag in SAY_LANGUAGES}
    return None if value.lower() in known else "is no language that <Say> speaks"


def say_voice(value: str) -> str | None:
    return None if VOICES.fullmatch(value) else "is no voice of <Say>"


_BOOLEAN = partial(one_of, ("true", "false"))
_METHOD = partial(one_of, ("GET", "POST"))
_LOOP = partial(whole, 0, 1000)
_RECORDING_EVENTS = partial(several_of, ("in-progress", "completed", "absent"))
_TRIM = partial(one_of, ("trim-silence", "do-not-trim"))
_CALL_EVENTS = partial(several_of, ("initiated", "ringing", "answered", "completed"))

# What holds for an attribute wherever it stands.
EVERYWHERE: dict[str, Check] = {
    "action": url,
    "method": _METHOD,
    "url": url,
    "statusCallback": url,
    "statusCallbackMethod": _METHOD,
    "recordingStatusCallback": url,
    "recordingStatusCallbackMethod": _METHOD,
    "recordingStatusCallbackEvent": _RECORDING_EVENTS,
    "trim": _TRIM,
    "loop": _LOOP,
    "finishOnKey": keys,
}
# What holds in one element.
ONLY: dict[tuple[str, str], Check] = {
    ("Say", "language"): language,
    ("Say", "voice"): say_voice,
    ("Play", "digits"): tones,
    ("Pause", "length"): partial(whole, 1, None),
    ("Gather", "input"): partial(several_of, ("dtmf", "speech")),
    ("Gather", "timeout"): partial(whole, 0, None),
    ("Gather", "numDigits"): partial(whole, 1, None),
    ("Gather", "actionOnEmptyResult"): _BOOLEAN,
    ("Gather", "bargeIn"): _BOOLEAN,
    ("Record", "timeout"): partial(whole, 0, None),
    ("Record", "maxLength"): partial(whole, 2, 14400),
    ("Record", "playBeep"): _BOOLEAN,
    ("Record", "transcribe"): _BOOLEAN,
    ("Dial", "timeout"): partial(whole, 1, 600),
    ("Dial", "timeLimit"): partial(whole, 1, 14400),
    ("Dial", "hangupOnStar"): _BOOLEAN,
    ("Dial", "sequential"): _BOOLEAN,
    ("Dial", "callerId"): phone,
    ("Dial", "record"): partial(
        one_of,
        (
            "do-not-record",
            "record-from-answer",
            "record-from-ringing",
            "record-from-answer-dual",
            "record-from-ringing-dual",
        ),
    ),
    ("Number", "statusCallbackEvent"): _CALL_EVENTS,
    ("Number", "sendDigits"): tones,
    ("Reject", "reason"): partial(one_of, ("rejected", "busy")),
    ("Stream", "url"): stream_url,
    ("Stream", "track"): partial(one_of, ("inbound_track",)),
    ("Message", "to"): phone,
    ("Message", "from"): phone,
}


def check_value(element: str, attribute: str, value: str) -> str | None:
    """What is wrong with an attribute's value, or None."""
    check = ONLY.get((element, attribute)) or EVERYWHERE.get(attribute)
    return check(value) if check else None


def required(node: Node) -> str | None:
    """What an element lacks, or holds together that can't be, or None."""
    text = "".join(node.itertext()).strip()
    if node.tag == "Say" and not text:
        return "<Say> has nothing to say"
    if node.tag == "Say" and len(text) > SAY_LENGTH:
        return f"<Say> holds {len(text)} characters; {SAY_LENGTH} at most"
    if node.tag == "Play" and not text and "digits" not in node.attrib:
        return "<Play> has neither a URL nor digits"
    if node.tag in ("Play", "Redirect", "Media") and text and (problem := url(text)):
        return f"<{node.tag}> {text[:80]!r} {problem}"
    if node.tag in ("Redirect", "Media") and not text:
        return f"<{node.tag}> has no URL"
    if node.tag == "Number" and (problem := phone(text)):
        return f"<Number> {text[:40]!r} {problem}"
    if node.tag == "Dial" and len(node) > MOST_NUMBERS:
        return f"<Dial> holds {len(node)} numbers; {MOST_NUMBERS} at most"
    if node.tag == "Dial" and not len(node) and (problem := phone(text)):
        return f"<Dial> {text[:40]!r} {problem}"
    if node.tag == "Stream" and "url" not in node.attrib:
        return "<Stream> has no url"
    if node.tag == "Parameter" and not {"name", "value"} <= set(node.attrib):
        return "<Parameter> needs a name and a value"
    if node.tag == "Connect" and len(node) != 1:
        return "<Connect> holds one noun"
    if node.tag == "Gather" and "speech" in node.get("input", "dtmf"):
        return "<Gather input> with speech: phonelab does not recognise speech"
    if node.tag == "Record" and node.get("transcribe") == "true":
        return "<Record transcribe='true'>: phonelab does not transcribe"
    return None
