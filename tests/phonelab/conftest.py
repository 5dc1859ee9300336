"""A customer's server and telephone companies to test against each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl

import pytest
from twilio.rest import Client
from werkzeug import Request, Response
from werkzeug.serving import make_server

from phonelab.handset_client import Handset
from phonelab.serving import serve_in_thread
from phonelab.settings import DEMO_ACCOUNT, DEMO_TOKEN, NumberSetting, Settings

LINE = "+16175550100"
ROSA = "+16175550101"
JAMES = "+16175550102"
DEADLINE = 10.0  # seconds


@dataclass
class Asked:
    """One request that the customer's server got."""

    method: str
    path: str
    url: str
    target: str  # as it stood in the request, not decoded
    form: dict[str, str]
    headers: dict[str, str]


@dataclass
class Customer:
    """A server of somebody who has a line: `replies` by path, TwiML or what makes a response of a request."""

    url: str = ""
    replies: dict[str, str | Callable[[Asked], Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def of(self, path: str) -> list[Asked]:
        return [request for request in self.asked if request.path == path]

    def waits_for(self, path: str, count: int = 1) -> list[Asked]:
        """Requests to a path, once there are so many."""
        end = monotonic() + DEADLINE
        with self.changed:
            while len(self.of(path)) < count:
                assert self.changed.wait(end - monotonic()), (
                    f"{len(self.of(path))} of {count} requests to {path}: {[a.path for a in self.asked]}"
                )
        return self.of(path)

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        form = dict(parse_qsl(request.get_data(as_text=True), keep_blank_values=True))
        form = form or dict(request.args)
        asked = Asked(
            request.method, request.path, request.url, environ["REQUEST_URI"], form, dict(request.headers)
        )
        with self.changed:
            self.asked.append(asked)
            self.changed.notify_all()
        reply = self.replies.get(request.path, "")
        made = reply(asked) if callable(reply) else reply
        if isinstance(made, str):
            made = Response(made, content_type="text/xml")
        return made(environ, start)


@pytest.fixture
def customer() -> Iterator[Customer]:
    served = Customer()
    server = make_server("127.0.0.1", 0, served, threaded=True)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


class Lab:
    """A telephone company with one line of the customer's, at fifty times the world's speed."""

    def __init__(self, customer: Customer, stack: ExitStack) -> None:
        self._customer, self._stack = customer, stack
        self.url = ""
        self.twilio: Any = None

    def opens(self, *, number: dict[str, str] | None = None, **settings: Any) -> Lab:
        webhooks = {"voice_url": f"{self._customer.url}/voice", "sms_url": f"{self._customer.url}/sms"}
        line = NumberSetting(LINE, **{**webhooks, **(number or {})})
        chosen = Settings(**{"port": 0, "speed": 50.0, "numbers": (line,), **settings})
        self.url = self._stack.enter_context(serve_in_thread(chosen))
        self.twilio = Client(DEMO_ACCOUNT, DEMO_TOKEN)
        self.twilio.api.base_url = self.url
        return self

    def handset(self, number: str = ROSA, **options: Any) -> Handset:
        return self._stack.enter_context(Handset(self.url, number, deadline=DEADLINE, **options))

    def get(self, path: str) -> Any:
        return self.twilio.http_client.session.get(self.url + path, timeout=DEADLINE).json()

    def post(self, path: str, **changes: Any) -> Any:
        return self.twilio.http_client.session.post(self.url + path, json=changes, timeout=DEADLINE)

    def set_number(self, number: str, **behaviour: Any) -> None:
        assert self.post(f"/lab/numbers/{number}", **behaviour).status_code == 200

    def errors(self) -> list[str]:
        return [error["message"] for error in self.get("/lab/errors")["errors"]]

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Look until something is so. For what nobody announces."""
        end = monotonic() + DEADLINE
        pause = threading.Event()
        while not (seen := condition()):
            assert monotonic() < end, what
            pause.wait(0.01)
        return seen


@pytest.fixture
def closed_lab(customer: Customer) -> Iterator[Lab]:
    """A lab that the test opens with settings of its own."""
    with ExitStack() as stack:
        yield Lab(customer, stack)


@pytest.fixture
def lab(closed_lab: Lab) -> Lab:
    return closed_lab.opens()
