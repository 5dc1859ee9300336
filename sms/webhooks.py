"""How a text reaches us: verified, parsed, made an event, and answered in the same response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, cast

from flask import Blueprint, Response, current_app, request
from twilio.twiml.messaging_response import MessagingResponse

from carriers import TextState
from carriers.twilio_forms import parse_text, parse_text_status
from carriers.webhook_requests import Guarding, guard, received
from conversation.events import Event, Kind
from conversation.placing import NoSuchLine
from dialogue.reply import Reply
from dialogue.said import Channel
from sms.composing import compose

blueprint = Blueprint("sms", __name__)


class House(Guarding, Protocol):
    """What a text needs of the rest; `current_app.extensions["careline"]` is one."""

    def take_turn(self, event: Event) -> Reply: ...
    def note_status(
        self,
        kind: str,
        sid: str,
        status: TextState | None,
        outbox_id: str,
        sequence: int | None,
        error_code: int | None,
        raw: Mapping[str, str],
    ) -> None:
        """Keep what the carrier says of a text; for texts, `kind` is "text"."""


def _house() -> House:
    return cast(House, current_app.extensions["careline"])


guard(blueprint, _house)


@blueprint.errorhandler(NoSuchLine)
def _not_in_service(error: NoSuchLine) -> Response:
    """A number of the carrier's account that no clinic has, or has no more: nobody answers for it."""
    _house().refused("no such line")
    return _xml(Reply())


@blueprint.post("/sms/receive")
def receive() -> Response:
    """A text, answered with the texts of its reply."""
    text = parse_text(received())
    if not text.sender:
        # Machines write from short codes and names; to answer one may begin a talk without end.
        _house().refused("no number to answer")
        return _xml(Reply())
    event = Event(Kind.SAID, Channel.TEXT, line=text.to, number=text.sender, key=text.id, text=text.body)
    return _xml(_house().take_turn(event))


@blueprint.post("/sms/status")
def status() -> Response:
    """What became of a text that we sent."""
    form = received()
    text = parse_text_status(form)
    outbox = request.args.get("outbox", "")
    _house().note_status("text", text.id, text.state, outbox, None, text.code, form.to_dict())
    return Response(status=204)


def _xml(reply: Reply) -> Response:
    document = MessagingResponse()
    for text in compose(reply.says):
        document.message(text)
    return Response(str(document), content_type="text/xml; charset=utf-8")
