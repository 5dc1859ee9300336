"""Twilio's JSON for calls, messages, recordings and numbers, and its pages of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from .fields import API_VERSION
from .state import Call, Message, Number, Recording

Thing = TypeVar("Thing")


def _date(value: datetime | None) -> str | None:
    return format_datetime(value) if value else None


def _path(account: str, rest: str) -> str:
    return f"/{API_VERSION}/Accounts/{account}/{rest}"


def call_json(call: Call, account: str) -> dict[str, Any]:
    path = _path(account, f"Calls/{call.sid}")
    return {
        "sid": call.sid,
        "account_sid": account,
        "api_version": API_VERSION,
        "parent_call_sid": call.parent_sid,
        "from": call.from_,
        "from_formatted": call.from_,
        "to": call.to,
        "to_formatted": call.to,
        "phone_number_sid": call.number_sid,
        "status": call.status if call.status != "initiated" else "queued",
        "direction": call.direction,
        "date_created": _date(call.created),
        "date_updated": _date(call.updated or call.created),
        "start_time": _date(call.started),
        "end_time": _date(call.ended),
        "duration": None if call.duration is None else str(call.duration),
        "queue_time": str(round(call.queued_seconds * 1000)),
        "answered_by": call.answered_by,
        "caller_name": "",
        "forwarded_from": "",
        "group_sid": None,
        "trunk_sid": "",
        "price": None,
        "price_unit": "USD",
        "uri": f"{path}.json",
        "subresource_uris": {"recordings": f"{path}/Recordings.json"},
    }


def message_json(message: Message, account: str) -> dict[str, Any]:
    path = _path(account, f"Messages/{message.sid}")
    return {
        "sid": message.sid,
        "account_sid": account,
        "api_version": API_VERSION,
        "messaging_service_sid": None,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "num_segments": str(message.segments),
        "num_media": str(len(message.media)),
        "direction": message.direction,
        "status": message.status,
        "error_code": message.error_code,
        "error_message": None if message.error_code is None else f"error {message.error_code}",
        "date_created": _date(message.created),
        "date_updated": _date(message.updated or message.created),
        "date_sent": _date(message.sent),
        "price": None,
        "price_unit": "USD",
        "uri": f"{path}.json",
        "subresource_uris": {"media": f"{path}/Media.json"},
    }


def recording_json(recording: Recording, account: str, base_url: str) -> dict[str, Any]:
    path = _path(account, f"Recordings/{recording.sid}")
    return {
        "sid": recording.sid,
        "account_sid": account,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "date_created": _date(recording.created),
        "date_updated": _date(recording.created),
        "start_time": _date(recording.created),
        "duration": str(recording.duration) if recording.over else None,
        "channels": 1,
        "source": recording.source,
        "status": recording.status,
        "error_code": None,
        "price": None,
        "price_unit": "USD",
        "encryption_details": None,
        "media_url": f"{base_url}{path}",
        "uri": f"{path}.json",
        "subresource_uris": {},
    }


def number_json(number: Number, account: str) -> dict[str, Any]:
    return {
        "sid": number.sid,
        "account_sid": account,
        "api_version": API_VERSION,
        "phone_number": number.phone_number,
        "friendly_name": number.friendly_name,
        "date_created": _date(number.created),
        "date_updated": _date(number.updated),
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "beta": False,
        "origin": "twilio",
        "address_requirements": "none",
        "status": "in-use",
        "voice_url": number.voice_url,
        "voice_method": number.voice_method,
        "voice_fallback_url": number.voice_fallback_url,
        "voice_fallback_method": number.voice_fallback_method,
        "voice_caller_id_lookup": False,
        "voice_application_sid": "",
        "sms_url": number.sms_url,
        "sms_method": number.sms_method,
        "sms_fallback_url": number.sms_fallback_url,
        "sms_fallback_method": number.sms_fallback_method,
        "sms_application_sid": "",
        "status_callback": number.status_callback,
        "status_callback_method": number.status_callback_method,
        "uri": _path(account, f"IncomingPhoneNumbers/{number.sid}.json"),
    }


def page_json(
    key: str,
    path: str,
    things: list[Thing],
    sid: Callable[[Thing], str],
    shape: Callable[[Thing], dict[str, Any]],
    query: dict[str, str],
) -> dict[str, Any]:
    """One page of a list, newest first. The next begins after the last thing of this one, whatever came."""
    size = min(1000, max(1, int(query.get("PageSize", "50"))))
    number = int(query.get("Page", "0"))
    start = 0
    if token := query.get("PageToken", "").removeprefix("PA"):
        start = next((index + 1 for index, thing in enumerate(things) if sid(thing) == token), len(things))
    chosen = things[start : start + size]
    kept = {name: value for name, value in query.items() if name not in ("Page", "PageToken")}
    kept["PageSize"] = str(size)

    def uri(page: int, token: str = "") -> str:
        return f"{path}?{urlencode({**kept, 'Page': str(page), **({'PageToken': token} if token else {})})}"

    more = start + size < len(things)
    return {
        key: [shape(thing) for thing in chosen],
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(0, len(chosen) - 1),
        "uri": uri(number, query.get("PageToken", "")),
        "first_page_uri": uri(0),
        "previous_page_uri": None,
        "next_page_uri": uri(number + 1, "PA" + sid(chosen[-1])) if more and chosen else None,
    }
