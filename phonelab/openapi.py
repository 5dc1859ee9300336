"""Requests held against Twilio's own OpenAPI description, with openapi-core, where the file is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.validation.request.exceptions import ParameterValidationError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from .fields import API_VERSION
from .rest_errors import INVALID, NOT_FOUND, RestError

HOST = "https://api.twilio.com"  # the description's server; where we listen does not matter
DATES = ("DateSent", "DateCreated", "StartTime", "EndTime")
RESOURCES = ("Messages", "Calls", "Recordings", "IncomingPhoneNumbers")


class _Request:
    """A request as openapi-core wants to see it."""

    def __init__(self, method: str, path: str, given: dict[str, list[str]], token: str) -> None:
        pairs = [(name, _as_moment(name, value)) for name, values in given.items() for value in values]
        self.host_url = HOST
        self.path = path
        self.method = method.lower()
        in_form = self.method == "post"
        self.body = urlencode(pairs).encode() if in_form else None
        self.content_type = "application/x-www-form-urlencoded" if in_form else ""
        self.parameters = RequestParameters(
            query=ImmutableMultiDict([] if in_form else pairs),
            header=Headers({"Authorization": f"Basic {token}"}),
            cookie=ImmutableMultiDict(),
            path={},
        )


class Description:
    """The operations that phonelab has, cut out of the whole: loading it all would take seconds."""

    def __init__(self, path: Path) -> None:
        self._api = OpenAPI.from_dict(_cut(json.loads(path.read_text(encoding="utf-8"))))

    def check(self, method: str, path: str, given: dict[str, list[str]]) -> None:
        """Refuse a request that the description refuses. Raises RestError naming the field."""
        if not path.endswith(".json"):
            return
        try:
            self._api.validate_request(_Request(method, path, given, "YTpi"))
        except ParameterValidationError as error:
            if error.location == "path":
                raise RestError(NOT_FOUND, f"The requested resource {path} was not found", 404) from error
            raise RestError(
                INVALID, f"Twilio's description refuses the request: {_said(error, given)}"
            ) from error
        except OpenAPIError as error:
            if said := _said(error, given):
                raise RestError(INVALID, f"Twilio's description refuses the request: {said}") from error


def _cut(whole: dict[str, Any]) -> dict[str, Any]:
    root = f"/{API_VERSION}/Accounts/"
    wanted = {f"{root}{{Sid}}.json"}
    for resource in RESOURCES:
        wanted |= {f"{root}{{AccountSid}}/{resource}.json", f"{root}{{AccountSid}}/{resource}/{{Sid}}.json"}
    wanted.add(f"{root}{{AccountSid}}/Calls/{{CallSid}}/Recordings.json")
    return {**whole, "paths": {path: item for path, item in whole["paths"].items() if path in wanted}}


def _said(error: BaseException, given: dict[str, list[str]]) -> str:
    """The innermost reasons, with the field. Empty where one is only missing: Twilio has codes for that."""
    reasons: list[str] = []
    missing = False
    seen: BaseException | None = error
    while seen is not None:
        for inner in getattr(seen, "schema_errors", ()):
            if inner.validator == "required":
                missing = True
                continue
            field = ".".join(str(part) for part in inner.path) or _field_of(inner.instance, given)
            reasons.append(f"{field}: {inner.message}")
        if isinstance(value := getattr(seen, "value", None), str):
            reasons.append(f"{_field_of(value, given)}: {value!r} is not of its type")
        seen = seen.__cause__ or seen.__context__
    return "; ".join(reasons) or ("" if missing else str(error))


def _field_of(value: object, given: dict[str, list[str]]) -> str:
    """The field that holds a value: the errors of forms and queries do not always say."""
    return next((name for name, values in given.items() if str(value) in values), "(unnamed)")


def _as_moment(name: str, value: str) -> str:
    """Twilio's pages let a day filter dates; its description knows moments only."""
    return f"{value}T00:00:00Z" if name.startswith(DATES) and len(value) == 10 else value
