"""How a call reaches us: each webhook is verified, parsed, made an event, and answered with its reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol, cast

from flask import Blueprint, Response, abort, current_app, request

from carriers import CallState, is_final
from carriers.twilio_forms import CallWebhook, parse_call
from carriers.webhook_requests import Guarding, guard, received
from conversation.events import AnsweredBy, DialStatus, Event, Kind
from conversation.placing import NoSuchLine
from dialogue.reply import Reply, Say
from dialogue.said import Channel
from languages import Language
from voice.prompts.sounds import begin, sound_addresses
from voice.twiml import render, render_hangup, render_join, render_reject, render_whisper

blueprint = Blueprint("voice", __name__)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class House(Guarding, Protocol):
    """What a call needs of the rest; `current_app.extensions["careline"]` is one."""

    @property
    def languages(self) -> Mapping[str, Language]: ...
    def take_turn(self, event: Event) -> Reply: ...
    def note_status(
        self,
        kind: str,
        sid: str,
        status: CallState | None,
        outbox_id: str,
        sequence: int | None,
        error_code: int | None,
        raw: Mapping[str, str],
        seconds: int | None = None,
    ) -> None:
        """Keep what the carrier says of a call; for calls, `kind` is "call"."""

    def whisper(self, conversation: str, turn: int) -> tuple[Say, ...]:
        """What the dialled person is told; empty where that bridge is not (or no longer) wanted."""

    def note_joined(self, conversation: str, turn: int) -> None:
        """Keep that the dialled person pressed a key."""

    def joined(self, conversation: str, turn: int) -> bool:
        """Whether they did."""


def _house() -> House:
    return cast(House, current_app.extensions["careline"])


guard(blueprint, _house)


@blueprint.errorhandler(NoSuchLine)
def _not_in_service(error: NoSuchLine) -> Response:
    """A number of the carrier's account that no clinic has, or has no more."""
    _house().refused("no such line")
    begins = request.endpoint == "voice.answer" and not request.args.get("token")
    return _xml(render_reject() if begins else render_hangup())


@blueprint.post("/voice/answer")
def answer() -> Response:
    """A call begins: someone called us, or someone whom we called (the address holds a token) answered."""
    call = parse_call(received())
    token = request.args.get("token", "")
    if token:
        _check_name(token)
        event = _event(call, Kind.ANSWERED, 0, token, answered_by=_answered_by(call))
    else:
        event = _event(call, Kind.STARTED, 0)
    return _reply(_house().take_turn(event), call)


@blueprint.post("/voice/turn/<conversation>/<turn>")
def take_turn(conversation: str, turn: str) -> Response:
    """A wait is over: keys, silence, a recording or the end of a bridge."""
    number = _place(conversation, turn)
    call = parse_call(received())
    house = _house()
    return _reply(house.take_turn(_what_happened(call, conversation, number, house)), call)


@blueprint.post("/voice/status")
def status() -> Response:
    """What became of a call. The last word is an event too: the talk is over."""
    form = received()
    call = parse_call(form)
    house = _house()
    outbox = request.args.get("outbox", "")
    house.note_status(
        "call", call.call, call.state, outbox, call.sequence, None, form.to_dict(), call.seconds
    )
    if is_final(call.state):
        house.take_turn(_event(call, Kind.HUNG_UP, "end"))
    return Response(status=204)


@blueprint.post("/voice/whisper/<conversation>/<turn>")
def whisper(conversation: str, turn: str) -> Response:
    """Someone answered a bridge, perhaps a machine: they are asked for a key before they are joined."""
    house = _house()
    says = house.whisper(conversation, _place(conversation, turn))
    if not says:
        return _xml(render_hangup())
    accept = f"{house.settings.public_url}/voice/whisper/{conversation}/{turn}/accept"
    begin(says)
    sound = sound_addresses(conversation, int(turn))
    return _xml(render_whisper(says, accept, house.languages, sound))


@blueprint.post("/voice/whisper/<conversation>/<turn>/accept")
def accept(conversation: str, turn: str) -> Response:
    """They pressed a key: the next thing both hear is each other."""
    number = _place(conversation, turn)
    if not received().get("Digits"):
        return _xml(render_hangup())
    _house().note_joined(conversation, number)
    return _xml(render_join())


def _what_happened(call: CallWebhook, conversation: str, turn: int, house: House) -> Event:
    if call.dial_ended:
        status = _dial_status(call, house.joined(conversation, turn))
        return _event(call, Kind.DIAL_ENDED, turn, conversation, dial_status=status)
    if call.recording:
        return _event(call, Kind.RECORDED, turn, conversation)
    return _event(call, Kind.SAID if call.keys else Kind.SILENT, turn, conversation)


def _event(
    call: CallWebhook,
    kind: Kind,
    turn: int | str,
    conversation: str = "",
    *,
    answered_by: AnsweredBy | None = None,
    dial_status: DialStatus | None = None,
) -> Event:
    return Event(
        kind,
        Channel.VOICE,
        line=call.line,
        number=call.number,
        key=f"{call.call}:{turn}",
        call=call.call,
        conversation=conversation,
        turn=turn if isinstance(turn, int) else 0,
        keys=call.keys,
        recording=call.recording,
        seconds=call.recording_seconds,
        answered_by=answered_by,
        dial_status=dial_status,
    )


def _answered_by(call: CallWebhook) -> AnsweredBy:
    return AnsweredBy(call.answered_by.value) if call.answered_by else AnsweredBy.UNKNOWN


def _dial_status(call: CallWebhook, key_pressed: bool) -> DialStatus:
    """Joined only if a key was pressed and nothing the carrier says speaks against it.

    "completed" alone says no more than that someone, or some machine, picked up.
    """
    match call.dial_state:
        case CallState.COMPLETED | CallState.ANSWERED:
            talked = key_pressed and call.dial_bridged is not False
            return DialStatus.JOINED if talked else DialStatus.NO_ANSWER
        case CallState.BUSY:
            return DialStatus.BUSY
        case CallState.NO_ANSWER | CallState.CANCELED:
            return DialStatus.NO_ANSWER
        case _:
            return DialStatus.FAILED


def _place(conversation: str, turn: str) -> int:
    """The turn as a number; 404 for a place that no address of ours names."""
    _check_name(conversation)
    if not (turn.isascii() and turn.isdigit() and len(turn) <= 9):
        abort(404)
    return int(turn)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        abort(404)


def _reply(reply: Reply, call: CallWebhook) -> Response:
    house = _house()
    begin(reply.says)
    sound = sound_addresses(reply.conversation, reply.turn)
    return _xml(render(reply, house.settings.public_url, house.languages, call.line, sound))


def _xml(document: str) -> Response:
    return Response(document, content_type="text/xml; charset=utf-8")
