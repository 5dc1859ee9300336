"""Which parameters each REST operation knows, read off the twilio client's own signatures."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from twilio.rest.api.v2010.account.call import CallContext, CallList
from twilio.rest.api.v2010.account.incoming_phone_number import (
    IncomingPhoneNumberContext,
    IncomingPhoneNumberList,
)
from twilio.rest.api.v2010.account.message import MessageContext, MessageList
from twilio.rest.api.v2010.account.recording import RecordingContext, RecordingList

from .rest_errors import INVALID, RestError

PAGING = frozenset({"PageSize", "Page", "PageToken"})
OPERATIONS: dict[str, Callable[..., Any]] = {
    "CreateCall": CallList.create,
    "ListCall": CallList.list,
    "FetchCall": CallContext.fetch,
    "UpdateCall": CallContext.update,
    "CreateMessage": MessageList.create,
    "ListMessage": MessageList.list,
    "FetchMessage": MessageContext.fetch,
    "UpdateMessage": MessageContext.update,
    "DeleteMessage": MessageContext.delete,
    "ListRecording": RecordingList.list,
    "FetchRecording": RecordingContext.fetch,
    "DeleteRecording": RecordingContext.delete,
    "ListIncomingPhoneNumber": IncomingPhoneNumberList.list,
    "FetchIncomingPhoneNumber": IncomingPhoneNumberContext.fetch,
    "UpdateIncomingPhoneNumber": IncomingPhoneNumberContext.update,
}


@cache
def known(operation: str) -> frozenset[str]:
    """The parameters of an operation, as they stand in a form or a query."""
    names = set()
    if method := OPERATIONS.get(operation):
        for name in inspect.signature(method).parameters:
            if name not in ("self", "limit", "page_size"):
                names.add(_wire_name(name))
    return frozenset(names) | (PAGING if operation.startswith("List") else frozenset())


def check(operation: str, given: dict[str, list[str]]) -> None:
    """Refuse a parameter that the operation does not know. Raises RestError naming it."""
    if operation not in OPERATIONS:
        return
    for name in given:
        if name not in known(operation):
            raise RestError(INVALID, f"{operation} knows no parameter {name!r}")


def whole(given: dict[str, list[str]], name: str, low: int, high: int) -> int | None:
    """A whole number, None if absent. Raises RestError."""
    if name not in given:
        return None
    value = given[name][-1]
    if not value.isdigit() or not low <= int(value) <= high:
        raise RestError(INVALID, f"{name} is {value!r}: a whole number from {low} to {high}")
    return int(value)


def dated(given: dict[str, list[str]], name: str, when: datetime) -> bool:
    """Whether a date passes the filters `name` (that day of UTC), `name<` and `name>` (both inclusive)."""
    moment = when.replace(microsecond=0)
    for mark in ("", "<", ">"):
        if name + mark not in given:
            continue
        asked = _moment(name + mark, given[name + mark][-1])
        if not mark and moment.date() != asked.date():
            return False
        if (mark == "<" and moment > asked) or (mark == ">" and moment < asked):
            return False
    return True


def _moment(name: str, value: str) -> datetime:
    """A filter's moment in UTC; a day is its midnight, as Twilio has it. Raises RestError."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise RestError(INVALID, f"{name} is {value!r}: YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ") from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _wire_name(name: str) -> str:
    for ending, mark in (("_before", "<"), ("_after", ">")):
        if name.endswith(ending):
            return _wire_name(name.removesuffix(ending)) + mark
    return "".join(part.title() for part in name.strip("_").split("_"))
