"""What a carrier's webhook must be before anyone reads it: a form, not too long, signed for our address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from flask import Blueprint, Response, g, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException

from carriers import Carrier
from carriers.twilio_forms import Malformed

LONGEST_BODY = 64 * 1024
"""Bytes. A text of 1,600 emoji is 19 kB of percent signs; nothing else that comes is near it."""
_UNRESERVED = re.compile(r"[A-Za-z0-9/._~-]+")
FORM = "application/x-www-form-urlencoded"


class Settings(Protocol):
    """The part of the installation's settings that is needed here."""

    @property
    def public_url(self) -> str: ...


class Guarding(Protocol):
    """What a webhook needs of the house to be let in."""

    @property
    def settings(self) -> Settings: ...
    @property
    def carrier(self) -> Carrier: ...
    def refused(self, reason: str) -> None:
        """Count a request that was turned away."""


def guard(blueprint: Blueprint, house: Callable[[], Guarding]) -> None:
    """Let none of the blueprint's views see a request that the carrier did not sign; count those refused.

    The verified form is then `received()`; a Malformed that a view raises is answered with 400.
    """

    @blueprint.before_request
    def _verify() -> None:
        g.carrier_form = verified_form(house())

    @blueprint.errorhandler(HTTPException)
    def _turned_away(error: HTTPException) -> Response:
        reason = {403: "unsigned", 413: "too long"}.get(error.code or 0, "malformed")
        house().refused(reason)
        return Response(f"{error.name}\n", error.code, mimetype="text/plain")

    @blueprint.errorhandler(Malformed)
    def _malformed(error: Malformed) -> Response:
        house().refused("malformed")
        return Response(f"missing or malformed: {error.field}\n", 400, mimetype="text/plain")


def received() -> MultiDict[str, str]:
    """The verified form of the request being answered."""
    form: MultiDict[str, str] = g.carrier_form
    return form


def verified_form(house: Guarding) -> MultiDict[str, str]:
    """The form of the request being answered. Raises Forbidden, BadRequest and, as it is read, its own 413.

    A body that is no form is not read: the signature is then held against the address alone, so that who
    is not the carrier learns nothing but 403.
    """
    request.max_content_length = LONGEST_BODY
    is_form = request.mimetype == FORM
    form: MultiDict[str, str] = request.form if is_form else MultiDict()
    url = signed_url(request.environ, house.settings.public_url)
    signature = request.headers.get("X-Twilio-Signature", "")
    algorithm = request.headers.get("X-Twilio-Webhooks-Signature-Settings", "")
    if not house.carrier.signed(url, form, signature, algorithm):
        raise Forbidden
    if not is_form:
        raise BadRequest
    return form


def signed_url(environ: Mapping[str, Any], public_url: str) -> str:
    """The address that the carrier signed: ours as settings give it, and the request target as it was sent.

    No header is asked (Host, X-Forwarded-*): whoever sends the request writes those. Servers that pass the
    raw target on are believed; where ours gives the decoded path alone (granian), that is the path as sent if
    it was written in the unreserved characters that our own addresses consist of. A path with any other
    gives "", which no signature fits; nor does one that was written %-encoded without need.
    """
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI") or _quoted_target(environ)
    return f"{public_url}{target}" if target.startswith("/") else ""


def _quoted_target(environ: Mapping[str, Any]) -> str:
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    if not _UNRESERVED.fullmatch(path):
        return ""
    query = environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else str(path)
