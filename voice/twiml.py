"""A reply as TwiML: a pure function, so that every shape of talk can be a row of a test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from xml.etree import ElementTree

from twilio.twiml.voice_response import Gather, VoiceResponse

from carriers.markup import xml_text
from dialogue.reply import Ask, Busy, Dial, Record, Reply, Say
from languages import Language

LONGEST_SAY = 4096
"""Characters in one Say: https://www.twilio.com/docs/voice/twiml/say#limits, to be checked [M]."""
LONGEST_DOCUMENT = 64 * 1024
"""Bytes in one document: https://www.twilio.com/docs/api/errors/11750, to be checked [M]."""
WHISPER_TIMEOUT = 10
"""Seconds that whoever answered a bridge has to press a key after it was asked for the last time."""

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

Sound = Callable[[str], str]
"""Place in the reply ("0"; "w0" in a whisper) → where the carrier fetches a sentence that it can't speak."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？।])|\n+")
_SPACE = re.compile(r"\s+")


def no_sound(place: str) -> str:
    """Where no language is spoken by us. Raises ValueError."""
    raise ValueError("a language that the carrier can't speak needs sounds")


def render(
    reply: Reply, base: str, voices: Mapping[str, Language], line: str = "", sound: Sound = no_sound
) -> str:
    """The document that says and then waits for what the reply says and waits for.

    `base` is our public address without a trailing slash. `line` is the clinic's number, shown to whoever
    is dialled. Keys are taken while a question is still being said, so all of it stands in the Gather.
    """
    document = VoiceResponse()
    action = f"{base}/voice/turn/{reply.conversation}/{reply.turn}"
    match reply.wait:
        case Busy():
            return render_reject(busy=True)
        case Ask() as ask:
            gather = _gather(ask, action)
            _say(gather, reply.says, voices, sound)
            document.append(gather)
        case Record() as record:
            _say(document, reply.says, voices, sound)
            _record(document, record, action)
        case Dial() as dial:
            _say(document, reply.says, voices, sound)
            _dial(document, dial, action, f"{base}/voice/whisper/{reply.conversation}/{reply.turn}", line)
        case None:
            _say(document, reply.says, voices, sound)
            document.hangup()
    return _checked(document)


def render_whisper(
    says: Sequence[Say], accept: str, voices: Mapping[str, Language], sound: Sound = no_sound
) -> str:
    """What whoever answered a bridge hears: twice, since a greeting of their own drowns the first time.

    Any key asks `accept`; without one this leg is hung up, so a voicemail never joins a call.
    """
    document = VoiceResponse()
    gather = Gather(
        input="dtmf", num_digits=1, finish_on_key="", timeout=WHISPER_TIMEOUT, action=accept, method="POST"
    )
    _say(gather, says, voices, sound, "w")
    gather.pause(length=2)
    _say(gather, says, voices, sound, "w")
    document.append(gather)
    document.hangup()
    return _checked(document)


def render_join() -> str:
    """An empty document at the end of a whisper joins the two."""
    return str(VoiceResponse())


def render_reject(*, busy: bool = False) -> str:
    """The call is not answered, and the carrier bills us nothing: https://www.twilio.com/docs/voice/twiml/reject.

    She hears that the number is not in service or, where `busy`, the busy tone: her own company has the last word.
    """
    document = VoiceResponse()
    document.reject(reason="busy" if busy else None)
    return str(document)


def render_hangup() -> str:
    """Ends the call, or the leg, that asked."""
    document = VoiceResponse()
    document.hangup()
    return str(document)


def _gather(ask: Ask, action: str) -> Gather:
    return Gather(
        input="dtmf",
        num_digits=ask.digits,
        finish_on_key="#" if ask.hash_ends else "",
        timeout=ask.timeout,
        action=action,
        method="POST",
        # Silence asks the action too; by default it would fall through to whatever follows.
        action_on_empty_result=True,
    )


def _record(document: VoiceResponse, record: Record, action: str) -> None:
    document.record(
        max_length=record.longest,
        timeout=record.silence,
        finish_on_key="1234567890*#",
        play_beep=True,
        # Trimming could leave nothing of a message spoken low; the silence tells the listener something.
        trim="do-not-trim",
        action=action,
        method="POST",
    )
    # An empty recording asks no action and falls through (the carrier's page on Record): that is silence.
    document.redirect(action, method="POST")


def _dial(document: VoiceResponse, dial: Dial, action: str, whisper: str, line: str) -> None:
    bridge = document.dial(action=action, method="POST", timeout=dial.timeout, caller_id=line or None)
    bridge.number(dial.to, url=whisper, method="POST")


def _say(
    verb: VoiceResponse | Gather,
    says: Sequence[Say],
    voices: Mapping[str, Language],
    sound: Sound,
    place: str = "",
) -> None:
    for number, say in enumerate(says):
        language = voices[say.language]
        text = xml_text(say.text).strip()
        if language.is_prepared and text:
            verb.play(sound(f"{place}{number}"))
            continue
        for part in _parts(text):
            verb.say(part, language=language.carrier_language, voice=language.carrier_voice)


def _parts(text: str) -> Iterator[str]:
    """The text in pieces that one Say takes, broken at ends of sentences, else at spaces, else anywhere."""
    while len(text) > LONGEST_SAY:
        end = _last_break(_SENTENCE_END, text) or _last_break(_SPACE, text) or LONGEST_SAY
        yield text[:end].strip()
        text = text[end:].strip()
    if text:
        yield text


def _last_break(breaks: re.Pattern[str], text: str) -> int:
    ends = [found.end() for found in breaks.finditer(text, 0, LONGEST_SAY)]
    return ends[-1] if ends else 0


def _checked(document: VoiceResponse) -> str:
    # As the library writes it, but without the detour over bytes.
    rendered = DECLARATION + ElementTree.tostring(document.xml(), encoding="unicode")
    if len(rendered.encode()) > LONGEST_DOCUMENT:
        raise ValueError("a reply is longer than the carrier takes")
    return rendered
