"""The account and its numbers through the REST API: looked at, listed, their webhooks set."""

from __future__ import annotations

from aiohttp import web

from .exchange import Exchange
from .overrides import OverrideError, split
from .resources import number_json, page_json
from .rest import ROOT, Asked, Door, not_found
from .rest_errors import BAD_URL, INVALID, RestError
from .state import Number
from .values import url as url_problem

URLS = {
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "SmsUrl": "sms_url",
    "SmsFallbackUrl": "sms_fallback_url",
    "StatusCallback": "status_callback",
}
METHODS = {
    "VoiceMethod": "voice_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "SmsMethod": "sms_method",
    "SmsFallbackMethod": "sms_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
}


class RestNumbers:
    """The routes of the account and of `IncomingPhoneNumbers`."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def add_to(self, door: Door, router: web.UrlDispatcher) -> None:
        door.add(router, "GET", ".json", "FetchAccount", self.account)
        door.add(router, "GET", "/IncomingPhoneNumbers.json", "ListIncomingPhoneNumber", self.list)
        door.add(router, "GET", "/IncomingPhoneNumbers/{sid}.json", "FetchIncomingPhoneNumber", self.fetch)
        door.add(router, "POST", "/IncomingPhoneNumbers/{sid}.json", "UpdateIncomingPhoneNumber", self.update)

    async def account(self, asked: Asked) -> web.Response:
        account = self._exchange.account
        return web.json_response(
            {
                "sid": account,
                "friendly_name": "phonelab",
                "status": "active",
                "type": "Full",
                "uri": ROOT.format(account=account) + ".json",
            }
        )

    async def list(self, asked: Asked) -> web.Response:
        numbers = [
            number
            for number in self._exchange.records.numbers.values()
            if asked.get("PhoneNumber", number.phone_number) == number.phone_number
            and asked.get("FriendlyName", number.friendly_name) == number.friendly_name
        ]
        account = self._exchange.account
        page = page_json(
            "incoming_phone_numbers",
            asked.path,
            numbers,
            lambda number: number.sid,
            lambda number: number_json(number, account),
            {name: values[-1] for name, values in asked.given.items()},
        )
        return web.json_response(page)

    async def fetch(self, asked: Asked) -> web.Response:
        return web.json_response(number_json(self._number(asked), self._exchange.account))

    async def update(self, asked: Asked) -> web.Response:
        """Set webhooks. Fragments are checked now: a wrong one should not be found out by a lost call."""
        number = self._number(asked)
        changes = {}
        for name, values in asked.given.items():
            value = values[-1]
            if name in URLS:
                _check_url(name, value)
                changes[URLS[name]] = value
            elif name in METHODS:
                if value not in ("GET", "POST"):
                    raise RestError(INVALID, f"{name} is {value!r}: GET or POST")
                changes[METHODS[name]] = value
            elif name == "FriendlyName":
                changes["friendly_name"] = value
            else:
                raise RestError(INVALID, f"{name}: phonelab does not have it")
        for name, value in changes.items():
            setattr(number, name, value)
        number.updated = self._exchange.clock.now()
        return web.json_response(number_json(number, self._exchange.account))

    def _number(self, asked: Asked) -> Number:
        for number in self._exchange.records.numbers.values():
            if number.sid == asked.sid:
                return number
        raise not_found(asked)


def _check_url(name: str, value: str) -> None:
    if not value:
        return
    if url_problem(value) or not value.startswith(("http://", "https://")):
        raise RestError(BAD_URL, f"{name} is not a valid URL: {value}")
    try:
        split(value)
    except OverrideError as error:
        raise RestError(BAD_URL, f"{name}: {error}") from error
