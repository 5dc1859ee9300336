"""Webhooks: signed, retried as the URL asks, given up in time, and then the fallback."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from twilio.request_validator import RequestValidator
from werkzeug import Response

from phonelab.overrides import OverrideError, split
from phonelab.settings import DEMO_TOKEN

LINE, ROSA = "+16175550100", "+16175550101"
GREETING = "<Response><Say>Good morning</Say></Response>"


def test_every_request_is_signed_over_its_exact_address(closed_lab: Any, customer: Any) -> None:
    address = f"{customer.url}/voice?a=b%20c&d=%7E%C3%A9+f%2C#rc=1&rp=all"
    lab = closed_lab.opens(number={"voice_url": address})
    customer.replies["/voice"] = "<Response><Redirect method='GET'>/next?x=1</Redirect></Response>"
    customer.replies["/next"] = GREETING
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears("Good morning")
    [post], [get] = customer.of("/voice"), customer.of("/next")
    validator = RequestValidator(DEMO_TOKEN)
    bare = address.partition("#")[0]
    assert customer.url + post.target == bare
    assert post.headers["X-Twilio-Signature"] == validator.compute_signature(bare, post.form)
    assert post.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert get.headers["X-Twilio-Signature"] == validator.compute_signature(get.url, {})


def test_the_first_of_several_tokens_signs_and_all_are_let_in(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(auth_tokens=("new", "old"))
    customer.replies["/voice"] = GREETING
    rosa = lab.handset()
    rosa.call(LINE)
    [asked] = customer.waits_for("/voice")
    expected = RequestValidator("new").compute_signature(f"{customer.url}/voice", asked.form)
    assert asked.headers["X-Twilio-Signature"] == expected
    get = lab.twilio.http_client.session.get
    path = f"{lab.url}/2010-04-01/Accounts/{lab.twilio.account_sid}/Calls.json"
    statuses = [get(path, auth=(lab.twilio.account_sid, token)).status_code for token in ("new", "old", "x")]
    assert statuses == [200, 200, 401]


def failing_first(customer: Any, times: int, status: int) -> Any:
    """Fails so many times, then answers."""

    def reply(asked: Any) -> Response:
        if len(customer.of("/voice")) <= times:
            return Response(status=status)
        return Response(GREETING, content_type="text/xml")

    return reply


@pytest.mark.parametrize(
    ("fragment", "status", "failures", "heard", "attempts"),
    [
        ("", 500, 1, "application error", 1),  # by default only a failed connection is tried again
        ("#rc=2&rp=all", 500, 2, "Good morning", 3),
        ("#rc=2&rp=5xx", 503, 2, "Good morning", 3),
        ("#rc=2&rp=5xx", 404, 1, "application error", 1),
        ("#rc=1&rp=4xx", 404, 1, "Good morning", 2),
        ("#rc=1&rp=all", 500, 2, "application error", 2),
    ],
)
def test_retries_are_as_the_fragment_asks(
    closed_lab: Any, customer: Any, fragment: str, status: int, failures: int, heard: str, attempts: int
) -> None:
    lab = closed_lab.opens(number={"voice_url": f"{customer.url}/voice{fragment}"})
    customer.replies["/voice"] = failing_first(customer, failures, status)
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears(heard)
    asked = customer.of("/voice")
    assert len(asked) == attempts
    assert len({request.headers["I-Twilio-Idempotency-Token"] for request in asked}) == 1


def test_each_request_has_a_token_of_its_own(lab: Any, customer: Any) -> None:
    customer.replies["/sms"] = "<Response/>"
    rosa = lab.handset()
    rosa.texts(LINE, "one")
    rosa.texts(LINE, "two")
    asked = customer.waits_for("/sms", 2)
    assert len({request.headers["I-Twilio-Idempotency-Token"] for request in asked}) == 2


class Refuser:
    """A port that lets nobody in, and then somebody: counts connections by closing each at once."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.connections = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


def test_a_connection_that_breaks_is_not_tried_again_by_default(closed_lab: Any) -> None:
    refuser = Refuser()
    try:
        lab = closed_lab.opens(number={"voice_url": f"http://127.0.0.1:{refuser.port}/voice"})
        rosa = lab.handset()
        rosa.call(LINE)
        rosa.hears("application error")
        assert refuser.connections == 1
    finally:
        refuser.close()


def test_a_connection_that_fails_is_tried_once_more(closed_lab: Any) -> None:
    lab = closed_lab.opens(number={"voice_url": "http://127.0.0.1:9/voice"})
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears("application error")
    trace = lab.get(f"/lab/calls/{rosa.call_sid}")["trace"]
    [webhook] = [entry for entry in trace if entry["what"] == "webhook"]
    assert len(webhook["attempts"]) == 2
    assert lab.get("/lab/errors")["errors"][0]["code"] == 11205


def test_a_slow_server_is_given_up_and_the_fallback_asked(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(
        webhook_seconds=0.3, number={"voice_fallback_url": f"{customer.url}/fallback?from=carrier"}
    )
    let_go = threading.Event()

    def slow(asked: Any) -> str:
        let_go.wait(5)
        return GREETING

    customer.replies["/voice"] = slow
    customer.replies["/fallback"] = "<Response><Say>Please call 911</Say></Response>"
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears("Please call 911")
    let_go.set()
    [asked] = customer.of("/fallback")
    assert (asked.form["ErrorCode"], asked.form["ErrorUrl"]) == ("11200", f"{customer.url}/voice")
    assert len(customer.of("/voice")) == 1


def test_hanging_up_does_not_break_off_a_request(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens()
    asked, let_go, done = threading.Event(), threading.Event(), threading.Event()

    def slow(request: Any) -> str:
        asked.set()
        let_go.wait(5)
        done.set()
        return GREETING

    customer.replies["/voice"] = slow
    rosa = lab.handset()
    rosa.call(LINE)
    assert asked.wait(5)
    rosa.hangs_up()
    let_go.set()
    assert done.wait(5)
    assert lab.errors() == []


@pytest.mark.parametrize("status", [301, 302, 307])
def test_redirects_of_http_are_not_followed(lab: Any, customer: Any, status: int) -> None:
    customer.replies["/voice"] = lambda asked: Response(status=status, headers={"Location": "/next"})
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears("application error")
    assert not customer.of("/next")


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://x/#rc=9", "rc=9"),
        ("http://x/#rp=6xx", "rp=6xx"),
        ("http://x/#top", "'top'"),
        ("http://x/#rt=5", "rt=5"),
    ],
)
def test_a_fragment_that_the_carrier_refuses(url: str, word: str) -> None:
    with pytest.raises(OverrideError, match=word):
        split(url)
