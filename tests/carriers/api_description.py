"""The carrier's own description of its API, where it is at hand beside the repository."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.carriers.api_server import Asked

PLACE = Path(__file__).resolve().parents[3] / "shared" / "twilio" / "twilio_api_v2010.json"
HOST = "https://api.twilio.com"
ACCOUNT = f"{HOST}/2010-04-01/Accounts/{{AccountSid}}"
PATHS = (
    "/Messages.json",
    "/Messages/{Sid}.json",
    "/Calls.json",
    "/Calls/{Sid}.json",
    "/Recordings/{Sid}.json",
)


class DescribedRequest:
    """A request as openapi-core reads one, addressed to the carrier itself."""

    host_url = HOST

    def __init__(self, asked: Asked) -> None:
        self.method = asked.method.lower()
        self.path = asked.path
        self.body = asked.body or None
        self.content_type = asked.headers.get("Content-Type", "")
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(asked.query), header=Headers(list(asked.headers.items()))
        )


@cache
def description() -> tuple[OpenAPI, dict[str, Any]]:
    """The description, cut down to the paths that we ask: all of it takes seconds to read."""
    whole = json.loads(PLACE.read_text("utf-8"))
    prefix = "/2010-04-01/Accounts/{AccountSid}"
    whole["paths"] = {prefix + path: whole["paths"][prefix + path] for path in PATHS}
    return OpenAPI.from_dict(whole), whole["paths"]


def check(asked: Asked) -> None:
    """Raises if the carrier's description does not know the request, or a field or parameter in it."""
    openapi, _ = description()
    openapi.validate_request(DescribedRequest(asked))
    known = _known_names(asked)
    unknown = {name for name, _ in [*asked.query, *asked.form]} - known
    assert not unknown, f"the carrier does not know {unknown}"


def _known_names(asked: Asked) -> set[str]:
    _, paths = description()
    (pattern,) = [path for path in paths if _fits(path, asked.path)]
    operation = paths[pattern][asked.method.lower()]
    names = {parameter["name"] for parameter in operation.get("parameters", [])}
    body = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
    return names | set(body.get("schema", {}).get("properties", {}))


def _fits(pattern: str, path: str) -> bool:
    theirs, ours = pattern.split("/"), path.split("/")
    return len(theirs) == len(ours) and all(
        part == our or (part.startswith("{") and our.endswith(part.partition("}")[2]))
        for part, our in zip(theirs, ours, strict=True)
    )
