"""How requests go out to a carrier that speaks Twilio's API: to one address, once, and told to no log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from time import monotonic
from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response

from carriers.outcomes import TooLarge, Unavailable

TIMEOUT = 10.0
"""Seconds to connect, and seconds of silence while the answer is awaited."""
DOWNLOAD_TIME = 60.0
"""Seconds for one whole recording."""
CHUNK = 64 * 1024

# It writes addresses, and a list's address holds numbers: at DEBUG each, at WARNING those it can't read.
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Download:
    """What a download came to: the body of a 200, or empty with any other status."""

    status: int
    body: bytes = b""


class OneHost(HttpClient):  # type: ignore[misc]
    """Sends whatever address the library makes to the path of it at `base`, and nowhere else.

    Each request has a connection of its own: on a kept one that the carrier closes at the same moment
    it could not be told whether the request was received. Nothing is retried, no redirect is followed
    (credentials would go along), and nothing is logged: addresses and bodies hold numbers and texts.
    """

    def __init__(self, base: str, timeout: float = TIMEOUT, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(logging.getLogger("careline.carriers"), False, timeout)
        self._base = base
        self._clock = clock
        # A proxy of the machine's environment has no way to a carrier on the same machine.
        self._direct = _is_loopback(base)

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, str] | None = None,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Called by the library. Raises `requests`' exceptions as they are."""
        with self._session() as session:
            answer = session.request(
                method, self._address(uri), params=params, data=data, headers=headers, auth=auth,
                timeout=timeout or self.timeout, allow_redirects=False,
            )  # fmt: skip
            return Response(
                answer.status_code, answer.content.decode("utf-8", "replace"), dict(answer.headers)
            )

    def download(self, path: str, auth: tuple[str, str], limit: int) -> Download:
        """GET `path`, holding no more than `limit` bytes. Raises TooLarge, Unavailable, `requests`' own."""
        with self._session() as session:
            address = self._address(path)
            timeout, give_up = self.timeout, self._clock() + DOWNLOAD_TIME
            with session.get(
                address, auth=auth, timeout=timeout, stream=True, allow_redirects=False
            ) as answer:
                if answer.status_code != 200:
                    return Download(answer.status_code)
                body = bytearray()
                for chunk in answer.iter_content(CHUNK):
                    body += chunk
                    if len(body) > limit:
                        raise TooLarge(f"more than {limit} bytes")
                    if self._clock() > give_up:
                        raise Unavailable("the download took too long")
                return Download(200, bytes(body))

    @contextmanager
    def _session(self) -> Iterator[requests.Session]:
        with requests.Session() as session:
            session.trust_env = not self._direct
            session.headers["Connection"] = "close"
            yield session

    def _address(self, uri: str) -> str:
        parts = urlsplit(uri)
        if not parts.path.startswith("/"):
            raise TwilioException("not an address of the carrier's API")
        return f"{self._base}{parts.path}{'?' + parts.query if parts.query else ''}"


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
