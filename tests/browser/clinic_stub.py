"""A tiny customer of the telephone company: answers its webhooks with TwiML, and remembers them."""

from __future__ import annotations

import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Webhook = tuple[str, dict[str, str]]  # path, fields


class Clinic:
    """Answers `/path` with the TwiML given for it; `wait_for` waits until a webhook has come."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self.url = ""
        self.documents = documents
        self._webhooks: list[Webhook] = []
        self._came = threading.Condition()

    def answer(self, path: str, fields: dict[str, str]) -> bytes:
        with self._came:
            self._webhooks.append((path, fields))
            self._came.notify_all()
        return f'<?xml version="1.0" encoding="UTF-8"?><Response>{self.documents[path]}</Response>'.encode()

    def wait_for(self, path: str, seconds: float = 20.0) -> dict[str, str]:
        """The fields of the oldest webhook to `path` that was not waited for yet."""
        with self._came:
            if not self._came.wait_for(lambda: any(came == path for came, _ in self._webhooks), seconds):
                raise AssertionError(f"no webhook to {path} within {seconds} s; there were {self._webhooks}")
            at = next(at for at, (came, _) in enumerate(self._webhooks) if came == path)
            return self._webhooks.pop(at)[1]


@contextmanager
def open_clinic(documents: Mapping[str, str]) -> Iterator[Clinic]:
    """A clinic that serves `documents` on a free port of this machine."""
    clinic = Clinic(documents)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            fields = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
            reply = clinic.answer(urllib.parse.urlsplit(self.path).path, fields)
            self.send_response(200)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    clinic.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield clinic
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
