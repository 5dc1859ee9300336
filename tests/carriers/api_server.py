"""The carrier's API as a small server: it keeps what it was asked and answers what it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Handle = Callable[["Handler"], None]


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Message
    body: bytes

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode(), keep_blank_values=True)


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the next of the server's answers; the last one is given from then on."""

    protocol_version = "HTTP/1.1"
    server: Server

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(Asked(self.command, parts.path, parse_qsl(parts.query), self.headers, body))
        answers = self.server.answers
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    do_POST = do_DELETE = do_GET

    def answer(
        self, status: int, body: bytes, content_type: str = "application/json", **headers: str
    ) -> None:
        self.send_response(status)
        for name, value in (
            {"Content-Type": content_type, "Content-Length": str(len(body))} | headers
        ).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Listens on a free port of this machine."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[Asked] = []
        self.answers: list[Handle] = []
        self.released = Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gives up is what some tests are about."""


@dataclass
class Api:
    """What a test holds of the server."""

    server: Server
    base: str
    released: Event = field(init=False)

    def __post_init__(self) -> None:
        self.released = self.server.released

    def answers(self, *answers: Handle) -> None:
        self.server.answers[:] = answers

    @property
    def asked(self) -> list[Asked]:
        return self.server.asked


@contextmanager
def api_server(tls: SSLContext | None = None) -> Iterator[Api]:
    server = Server()
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Api(server, f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}")
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def gives(status: int, body: Any = None, **headers: str) -> Handle:
    """A JSON answer."""
    encoded = b"" if body is None else json.dumps(body).encode()
    return lambda handler: handler.answer(status, encoded, **headers)


def gives_bytes(status: int, body: bytes, content_type: str = "audio/x-wav", **headers: str) -> Handle:
    return lambda handler: handler.answer(status, body, content_type, **headers)


def refuses(status: int, code: int) -> Handle:
    """An error in the carrier's own format; its message holds a number, as the carrier's do."""
    message = "The 'To' number +16175550101 is not right."
    more = f"https://www.twilio.com/docs/errors/{code}"
    return gives(status, {"code": code, "message": message, "more_info": more, "status": status})


def never_answers(handler: Handler) -> None:
    """Holds the request until the test is over."""
    handler.server.released.wait(30)
    handler.close_connection = True


def hangs_up(handler: Handler) -> None:
    """Takes the request and closes the connection."""
    handler.close_connection = True


def breaks_off(handler: Handler) -> None:
    """Begins an answer and closes the connection."""
    handler.send_response(201)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"sid": "SM')
    handler.close_connection = True
