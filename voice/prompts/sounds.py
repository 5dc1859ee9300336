"""Sentences as sounds for <Play>: the address says which turn of which talk, the words are those it answered."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from typing import cast

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy import select

from conversation.house import House
from dialogue.reply import Dial, Reply, Say
from records.conversations import Turn
from voice.prompts.addresses import is_good, sign
from voice.prompts.speaker import SpeakingError
from voice.prompts.store import Prompts

logger = logging.getLogger(__name__)
blueprint = Blueprint("sounds", __name__)
_TURN, _PLACE = re.compile(r"[0-9]{1,9}"), re.compile(r"w?[0-9]{1,3}")


def sound_addresses(conversation: str, turn: int) -> Callable[[str], str]:
    """Place in a reply → the address of that sentence, as the carrier calls it."""

    def address(place: str) -> str:
        house = _house()
        path = sign(house.settings.secret_key, conversation, turn, place, house.now())
        return f"{house.settings.public_url}{path}"

    return address


def begin(says: Iterable[Say]) -> None:
    """The carrier will ask for these in a moment: have made what is not there yet."""
    for say in says:
        if _house().languages[say.language].is_prepared:
            _prompts().begin(say.text, say.language)


@blueprint.get("/voice/sounds/<conversation>/<turn>/<place>.wav")
def sound(conversation: str, turn: str, place: str) -> Response:
    """One sentence: 8 kHz, one channel, 16 bits. 503 where it could not be made: she is asked again then."""
    house = _house()
    expires, signature = request.args.get("expires", ""), request.args.get("signature", "")
    secret = house.settings.secret_key
    if not _PLACE.fullmatch(place) or not _TURN.fullmatch(turn):
        abort(404)
    if not is_good(secret, conversation, int(turn), place, expires, signature, house.now()):
        house.refused("sound address")
        abort(403)
    say = _said(house, conversation, int(turn), place)
    if say is None:
        abort(404)
    try:
        wav = _prompts().sound(say.text, say.language)
    except SpeakingError as error:
        house.refused("sound not made")
        logger.error("a prompt in %r could not be made: %s", say.language, error)
        abort(503)
    # What she was told rests nowhere on the way.
    return Response(wav, mimetype="audio/x-wav", headers={"Cache-Control": "no-store"})


def _house() -> House:
    return cast(House, current_app.extensions["careline"])


def _prompts() -> Prompts:
    return cast(Prompts, current_app.extensions["prompts"])


def _said(house: House, conversation: str, turn: int, place: str) -> Say | None:
    """`turn` counts the reply that is heard; it was given in the turn before it."""
    with house.database.reading() as connection:
        stored = connection.scalar(
            select(Turn.reply).where(Turn.conversation_id == conversation, Turn.turn == turn - 1)
        )
    reply = Reply.from_json(stored) if stored else Reply()
    whisper = reply.wait.whisper if isinstance(reply.wait, Dial) else ()
    says, number = (whisper, place[1:]) if place.startswith("w") else (reply.says, place)
    return says[int(number)] if int(number) < len(says) else None
