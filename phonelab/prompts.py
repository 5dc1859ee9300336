"""What a caller hears: `<Say>`, `<Play>`, `<Pause>`."""

from __future__ import annotations

from xml.etree.ElementTree import Element as Node

from .exchange import Exchange
from .line import Line
from .sounds import seconds_of, seconds_to_say
from .webhooks import absolute

FOREVER = 1000  # what loop="0" comes to
TONE_SECONDS = 0.2
DEFAULT_LANGUAGE = "en-US"


class Prompts:
    """Prompts on one leg."""

    def __init__(self, exchange: Exchange, line: Line) -> None:
        self._exchange = exchange
        self._line = line

    async def perform(self, node: Node, base: str) -> None:
        """One `<Say>`, `<Play>` or `<Pause>`, to its end. Raises Stopped, and WebhookFailed for `<Play>`."""
        if node.tag == "Pause":
            await self._line.race(self._exchange.clock.wait(float(node.get("length", "1"))))
            return
        times = int(node.get("loop", "1")) or FOREVER
        for _ in range(times):
            if node.tag == "Say":
                await self.say(said(node), node.get("language", DEFAULT_LANGUAGE), node.get("voice"))
            elif tones := node.get("digits"):
                await self._tones(tones)
            else:
                await self._play(absolute(base, (node.text or "").strip()))

    async def say(self, text: str, language: str, voice: str | None = None) -> None:
        """Speak a text and wait until it is heard."""
        audio, seconds = await self._line.race(self._spoken(text, language, voice))
        sid = audio[0] if audio else None
        self._line.tell(
            "saying",
            id=sid,
            text=text,
            language=language,
            voice=voice,
            audio=audio[1] if audio else None,
            seconds=round(seconds, 2),
        )
        await self._hear(seconds)

    async def _spoken(
        self, text: str, language: str, voice: str | None
    ) -> tuple[tuple[str, str] | None, float]:
        speak = self._exchange.speak
        if speak is not None and self._line.ear.wants_audio:
            try:
                path = await speak(text, language, voice)
                return self._exchange.sounds.keep(path), seconds_of(path.read_bytes())
            except Exception as error:
                self._exchange.errors.report(
                    0, f"the prompt could not be spoken: {error}", sid=self._line.call.sid
                )
        return None, seconds_to_say(text, language)

    async def _play(self, url: str) -> None:
        reply = await self._line.race(self._exchange.webhooks.get(url), keep=True)
        if not reply.content_type.startswith(("audio/", "application/octet-stream")):
            raise PlayError(
                f"<Play> {url.partition('?')[0]}: content type {reply.content_type!r} is no audio"
            )
        sid, audio = self._exchange.sounds.keep(reply.body, reply.content_type)
        seconds = seconds_of(reply.body)
        self._line.tell("playing", id=sid, url=url, audio=audio, seconds=round(seconds, 2))
        await self._hear(seconds)

    async def _tones(self, digits: str) -> None:
        self._line.tell("playing", id=None, url=None, audio=None, digits=digits)
        waits = digits.lower().count("w")
        await self._hear(waits * 0.5 + (len(digits) - waits) * TONE_SECONDS)

    async def _hear(self, seconds: float) -> None:
        clock = self._exchange.clock
        self._line.heard_until = clock.elapsed() + seconds
        try:
            await self._line.race(clock.wait(seconds))
        finally:
            self._line.heard_until = min(self._line.heard_until, clock.elapsed())


class PlayError(Exception):
    """What `<Play>` names is no sound."""


def said(node: Node) -> str:
    """The words of a `<Say>`, its SSML markup left out; `<sub>` is read as its alias."""
    parts = [node.text or ""]
    for child in node:
        parts.append(child.get("alias", "") if child.tag == "sub" else said(child))
        parts.append(child.tail or "")
    return " ".join("".join(parts).split())
