"""Requests from the carrier to its customer: signed, timed, retried as the URL asks."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlencode, urljoin

from aiohttp import (
    ClientError,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    DummyCookieJar,
    StreamReader,
    TCPConnector,
    WSServerHandshakeError,
)
from aiohttp.client_exceptions import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ConnectionTimeoutError,
    InvalidURL,
)
from twilio.request_validator import RequestValidator
from yarl import URL

from .overrides import OverrideError, Overrides, split
from .settings import Settings

# Error codes as in Twilio's dictionary.
BAD_URL, BAD_STATUS, NO_CONNECTION, BAD_HOST, BAD_CERTIFICATE = 11100, 11200, 11205, 11210, 11237
STREAM_TIMEOUT, STREAM_HANDSHAKE = 31901, 31920
LARGEST_FRAME = 16_000_000  # bytes: a quarter of an hour of audio in one message
LARGEST_REPLY = 1_000_000  # bytes


@dataclass(frozen=True)
class Reply:
    """What the customer's server answered. `url` has no fragment; relative URLs rest on it."""

    url: str
    status: int
    content_type: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class WebhookFailed(Exception):
    """No usable answer. `code` is Twilio's; `kind` is ct, rt, 4xx or 5xx."""

    def __init__(self, code: int, message: str, url: str, kind: str) -> None:
        super().__init__(message)
        self.code, self.message, self.url, self.kind = code, message, url, kind


class Webhooks:
    """The carrier's HTTP client. `trace` of a request gets one entry: what was asked, what came, how long."""

    def __init__(self, settings: Callable[[], Settings], doubles: Callable[[], bool]) -> None:
        self._settings = settings
        self._doubles = doubles
        self._session: ClientSession | None = None
        self._loose: set[asyncio.Task[Any]] = set()

    async def request(
        self,
        url: str,
        parameters: Mapping[str, str],
        *,
        method: str = "POST",
        trace: list[dict[str, Any]] | None = None,
    ) -> Reply:
        """The answer, status below 300. Raises WebhookFailed after the retries that the URL asks for."""
        try:
            bare, overrides = split(url, self._settings().webhook_seconds)
        except OverrideError as error:
            raise WebhookFailed(BAD_URL, str(error), url, "") from error
        token = str(uuid.uuid4())  # the same over the retries of one request: that is its use
        entry: dict[str, Any] = {
            "what": "webhook",
            "method": method,
            "url": bare,
            "parameters": dict(parameters),
        }
        entry["attempts"] = []
        if trace is not None:
            trace.append(entry)
        reply = await self._with_retries(bare, overrides, method, parameters, token, entry)
        if self._doubles():
            self._loosely(self._attempt(bare, overrides, method, parameters, token, overrides.total_seconds))
        entry.update(status=reply.status, reply=reply.text[:20_000])
        return reply

    async def get(self, url: str, limit: int = 20_000_000) -> Reply:
        """A plain signed GET, for what `<Play>` names. Raises WebhookFailed."""
        bare, overrides = split(url, self._settings().webhook_seconds)
        return await self._attempt(
            bare, overrides, "GET", {}, str(uuid.uuid4()), overrides.total_seconds, limit
        )

    async def websocket(self, url: str) -> ClientWebSocketResponse:
        """A signed websocket to the customer. Raises WebhookFailed with the codes of media streams."""
        timeout = self._settings().webhook_seconds
        try:
            async with asyncio.timeout(timeout):
                return await self._open().ws_connect(
                    URL(url, encoded=True),
                    headers={"X-Twilio-Signature": self.signature(url, {})},
                    max_msg_size=LARGEST_FRAME,
                )
        except TimeoutError as error:
            raise WebhookFailed(STREAM_TIMEOUT, "the websocket did not open in time", url, "rt") from error
        except WSServerHandshakeError as error:
            message = f"the websocket was refused with status {error.status}"
            raise WebhookFailed(STREAM_HANDSHAKE, message, url, "4xx") from error
        except (ClientError, OSError) as error:
            message = f"the websocket did not open: {type(error).__name__}"
            raise WebhookFailed(STREAM_HANDSHAKE, message, url, "ct") from error

    async def close(self) -> None:
        for task in list(self._loose):
            task.cancel()
        await asyncio.gather(*self._loose, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def signature(self, url: str, parameters: Mapping[str, str]) -> str:
        """Over the exact URL and the sorted form, with the first of the account's tokens."""
        validator = RequestValidator(self._settings().auth_tokens[0])
        return str(validator.compute_signature(url, dict(parameters)))

    async def _with_retries(
        self,
        url: str,
        overrides: Overrides,
        method: str,
        parameters: Mapping[str, str],
        token: str,
        entry: dict[str, Any],
    ) -> Reply:
        began = monotonic()
        for attempt in range(overrides.retries + 1):
            left = overrides.total_seconds - (monotonic() - began)
            try:
                reply = await self._attempt(url, overrides, method, parameters, token, left)
                entry["attempts"].append({"seconds": round(monotonic() - began, 3), "status": reply.status})
                return reply
            except WebhookFailed as failed:
                seconds = monotonic() - began
                entry["attempts"].append({"seconds": round(seconds, 3), "error": failed.message})
                last = attempt == overrides.retries or seconds >= overrides.total_seconds
                if last or failed.kind not in overrides.retry_on:
                    raise
        raise AssertionError("a request has at least one attempt")

    async def _attempt(
        self,
        url: str,
        overrides: Overrides,
        method: str,
        parameters: Mapping[str, str],
        token: str,
        seconds: float,
        limit: int = LARGEST_REPLY,
    ) -> Reply:
        target, data = url, None
        if method == "GET" and parameters:
            target = url + ("&" if "?" in url else "?") + urlencode(parameters)
        elif method != "GET":
            data = urlencode(parameters)
        headers = {
            "X-Twilio-Signature": self.signature(target, parameters if method != "GET" else {}),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        timeout = ClientTimeout(
            total=seconds, sock_connect=overrides.connect_seconds, sock_read=overrides.read_seconds
        )
        try:
            async with self._open().request(
                method,
                URL(target, encoded=True),  # sent as it is signed
                data=data,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                body = await _read(response.content, limit)
                reply = Reply(url, response.status, response.headers.get("Content-Type", ""), body)
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            raise _failure(error, url) from error
        if reply.status >= 300:
            kind = "5xx" if reply.status >= 500 else "4xx"
            raise WebhookFailed(BAD_STATUS, f"the answer's status is {reply.status}", url, kind)
        return reply

    def _open(self) -> ClientSession:
        if self._session is None:
            # One connection a request: a kept one that went stale would look like a failed request.
            self._session = ClientSession(
                connector=TCPConnector(force_close=True, limit=0),
                cookie_jar=DummyCookieJar(),
                auto_decompress=True,
            )
        return self._session

    def _loosely(self, work: Any) -> None:
        async def quietly() -> None:
            with suppress(WebhookFailed):
                await work

        task = asyncio.create_task(quietly())
        self._loose.add(task)
        task.add_done_callback(self._loose.discard)


async def _read(content: StreamReader, limit: int) -> bytes:
    """All of a body, or its first `limit` bytes; one read gives no more than has arrived."""
    body = bytearray()
    async for piece in content.iter_any():
        body += piece
        if len(body) >= limit:
            break
    return bytes(body[:limit])


def absolute(base: str, url: str) -> str:
    """`url` as it stands in a document fetched from `base`."""
    return urljoin(base, url) if base else url


def _failure(error: Exception, url: str) -> WebhookFailed:
    if isinstance(error, ClientConnectorCertificateError):
        return WebhookFailed(BAD_CERTIFICATE, "the server's certificate is not valid", url, "ct")
    if isinstance(error, ClientConnectorDNSError):
        return WebhookFailed(BAD_HOST, "the host's name is not known", url, "ct")
    if isinstance(error, ClientConnectorError | ConnectionTimeoutError):
        return WebhookFailed(NO_CONNECTION, "no connection to the server", url, "ct")
    if isinstance(error, InvalidURL) or (
        isinstance(error, ValueError) and not isinstance(error, ClientError)
    ):
        return WebhookFailed(BAD_URL, "the URL is not valid", url, "")
    if isinstance(error, TimeoutError):
        return WebhookFailed(BAD_STATUS, "the server did not answer in time", url, "rt")
    return WebhookFailed(NO_CONNECTION, f"the connection broke: {type(error).__name__}", url, "rt")
