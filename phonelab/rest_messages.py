"""Texts through the REST API: sent, looked at, listed, erased."""

from __future__ import annotations

from aiohttp import web

from .exchange import Exchange
from .handset_api import E164
from .parameters import dated
from .resources import message_json, page_json
from .rest import Asked, Door, not_found
from .rest_errors import (
    BAD_CALLBACK,
    BAD_FROM,
    BAD_MEDIA,
    BAD_TO,
    BODY_REQUIRED,
    FOREIGN_FROM,
    FROM_REQUIRED,
    INVALID,
    NOT_MOBILE,
    OPTED_OUT,
    TO_REQUIRED,
    TOO_LONG,
    RestError,
)
from .segments import LONGEST
from .state import Message
from .values import url as url_problem

NOT_HERE = ("MessagingServiceSid", "ContentSid", "ScheduleType", "SendAt", "ApplicationSid")


class RestMessages:
    """The routes of `Messages`."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def add_to(self, door: Door, router: web.UrlDispatcher) -> None:
        door.add(router, "POST", "/Messages.json", "CreateMessage", self.create)
        door.add(router, "GET", "/Messages.json", "ListMessage", self.list)
        door.add(router, "GET", "/Messages/{sid}.json", "FetchMessage", self.fetch)
        door.add(router, "POST", "/Messages/{sid}.json", "UpdateMessage", self.update)
        door.add(router, "DELETE", "/Messages/{sid}.json", "DeleteMessage", self.delete)

    async def create(self, asked: Asked) -> web.Response:
        to, from_, body = asked.get("To"), asked.get("From"), asked.get("Body")
        media = asked.given.get("MediaUrl", [])
        self._check(asked, to, from_, body, media)
        message = self._exchange.messages.send(
            from_, to, body, direction="outbound-api", media=media, callback=asked.get("StatusCallback")
        )
        return self._shown(message, 201)

    def _check(self, asked: Asked, to: str, from_: str, body: str, media: list[str]) -> None:
        """Raises RestError, in the order in which Twilio looks."""
        for name in NOT_HERE:
            if asked.get(name):
                raise RestError(INVALID, f"{name}: phonelab does not have it")
        if not to:
            raise RestError(TO_REQUIRED, "A 'To' phone number is required.")
        if not from_:
            raise RestError(FROM_REQUIRED, "A 'From' phone number is required.")
        if not body and not media:
            raise RestError(BODY_REQUIRED, "Message body is required.")
        kind = self._exchange.behaviour(to).kind
        if not E164.fullmatch(to) or kind == "invalid":
            raise RestError(BAD_TO, f"Invalid 'To' Phone Number: {to}")
        if not E164.fullmatch(from_):
            raise RestError(BAD_FROM, f"Invalid 'From' Phone Number: {from_}")
        if from_ not in self._exchange.records.numbers:
            raise RestError(
                FOREIGN_FROM, f"The 'From' number {from_} is not a number of this account that can text."
            )
        if len(body) > LONGEST:
            raise RestError(TOO_LONG, "The concatenated message body exceeds the 1600 character limit.")
        callback = asked.get("StatusCallback")
        if callback and (url_problem(callback) or not callback.startswith("http")):
            raise RestError(BAD_CALLBACK, f"The StatusCallback URL {callback} is not a valid URL.")
        for url in media:
            if url_problem(url) or not url.startswith("http"):
                raise RestError(BAD_MEDIA, f"Invalid media URL: {url}")
        if kind == "not-mobile":
            raise RestError(NOT_MOBILE, f"To number: {to}, is not a mobile number")
        if self._exchange.messages.opted_out(to, from_):
            raise RestError(OPTED_OUT, "Attempt to send to unsubscribed recipient")

    async def fetch(self, asked: Asked) -> web.Response:
        return self._shown(self._message(asked))

    async def update(self, asked: Asked) -> web.Response:
        """Erase the words of a text. Nothing else about it can be changed."""
        message = self._message(asked)
        if "Body" not in asked.given or asked.get("Body"):
            raise RestError(INVALID, "a message can only have its Body made empty")
        message.body = ""
        return self._shown(message)

    async def delete(self, asked: Asked) -> web.Response:
        self._exchange.records.messages.remove(self._message(asked).sid)
        return web.Response(status=204)

    async def list(self, asked: Asked) -> web.Response:
        messages = [
            message
            for message in self._exchange.records.messages.newest_first()
            if asked.get("To", message.to) == message.to
            and asked.get("From", message.from_) == message.from_
            # One that waits is found by when it was accepted: who looks for a lost answer needs it.
            and dated(asked.given, "DateSent", message.sent or message.created)
        ]
        account = self._exchange.account
        page = page_json(
            "messages",
            asked.path,
            messages,
            lambda message: message.sid,
            lambda message: message_json(message, account),
            {name: values[-1] for name, values in asked.given.items()},
        )
        return web.json_response(page)

    def _message(self, asked: Asked) -> Message:
        message = self._exchange.records.messages.get(asked.sid)
        if message is None:
            raise not_found(asked)
        return message

    def _shown(self, message: Message, status: int = 200) -> web.Response:
        return web.json_response(message_json(message, self._exchange.account), status=status)
