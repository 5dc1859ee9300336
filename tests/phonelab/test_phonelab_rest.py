"""The REST API as Twilio's own client and its errors know it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

LINE, ROSA, JAMES = "+16175550100", "+16175550101", "+16175550102"
OPENAPI = Path(__file__).parents[3] / "shared" / "twilio" / "twilio_api_v2010.json"
needs_description = pytest.mark.skipif(
    not OPENAPI.exists(), reason=f"Twilio's OpenAPI description is absent: {OPENAPI}"
)

# What is sent, and Twilio's code for what is wrong with it.
BAD_TEXTS = [
    ({"to": ""}, 21604),
    ({"to": "617"}, 21211),
    ({"to": "+16175550199"}, 21211),  # set to be invalid
    ({"to": "+16175550198"}, 21614),  # set to be no mobile
    ({"from_": None}, 21603),
    ({"from_": "clinic"}, 21212),
    ({"from_": ROSA}, 21606),
    ({"body": None}, 21602),
    ({"body": "a" * 1601}, 21617),
    ({"status_callback": "nowhere"}, 21609),
    ({"media_url": ["ftp://x/y"]}, 21620),
    ({"messaging_service_sid": "MG1"}, 20001),
]
BAD_CALLS = [
    ({"to": ""}, 21201),
    ({"to": "617"}, 21211),
    ({"from_": ""}, 21213),
    ({"from_": "clinic"}, 21212),
    ({"from_": ROSA}, 21210),
    ({"url": None}, 21205),
    ({"url": "/voice"}, 21205),
    ({"status_callback": "nowhere"}, 21205),
    ({"status_callback_event": ["started"]}, 20001),
    ({"method": "PUT"}, 20001),
    ({"machine_detection": "Maybe"}, 20001),
    ({"timeout": 700}, 20001),
    ({"record": True}, 20001),
]


def refused(act: Any) -> TwilioRestException:
    with pytest.raises(TwilioRestException) as error:
        act()
    return error.value


@pytest.mark.parametrize(("wrong", "code"), BAD_TEXTS)
def test_a_text_that_is_refused(lab: Any, wrong: dict[str, Any], code: int) -> None:
    lab.set_number("+16175550199", kind="invalid")
    lab.set_number("+16175550198", kind="not-mobile")
    good = {"to": ROSA, "from_": LINE, "body": "hello"}
    wishes = {name: value for name, value in {**good, **wrong}.items() if value is not None}
    error = refused(lambda: lab.twilio.messages.create(**wishes))
    assert (error.code, error.status) == (code, 400)
    assert lab.twilio.messages.list() == []


@pytest.mark.parametrize(("wrong", "code"), BAD_CALLS)
def test_a_call_that_is_refused(lab: Any, wrong: dict[str, Any], code: int) -> None:
    good = {"to": ROSA, "from_": LINE, "url": "http://127.0.0.1:9/voice"}
    wishes = {name: value for name, value in {**good, **wrong}.items() if value is not None}
    error = refused(lambda: lab.twilio.calls.create(**wishes))
    assert (error.code, error.status) == (code, 400)
    assert lab.twilio.calls.list() == []


def test_wrong_credentials_are_refused(lab: Any) -> None:
    stranger = Client(lab.twilio.account_sid, "guess")
    stranger.api.base_url = lab.url
    assert refused(lambda: stranger.messages("SM" + "0" * 32).fetch()).status == 401
    body = stranger.http_client.session.get(f"{lab.url}/2010-04-01/Accounts/{'AC' + 'f' * 32}/Calls.json")
    assert (body.status_code, body.json()["code"]) == (401, 20003)
    other = Client(lab.twilio.account_sid, lab.twilio.password, account_sid="AC" + "f" * 32)
    other.api.base_url = lab.url
    assert refused(lambda: other.messages("SM" + "0" * 32).fetch()).status == 404


@pytest.mark.parametrize("kind", ["calls", "messages", "recordings", "incoming_phone_numbers"])
def test_what_is_not_there(lab: Any, kind: str) -> None:
    error = refused(lambda: getattr(lab.twilio, kind)("XX" + "0" * 32).fetch())
    assert (error.status, error.code) == (404, 20404)


def test_an_unknown_parameter_is_named(lab: Any) -> None:
    session = lab.twilio.http_client.session
    path = f"{lab.url}/2010-04-01/Accounts/{lab.twilio.account_sid}/Messages.json"
    form = {"To": ROSA, "From": LINE, "Body": "x", "StatusCallbak": "http://127.0.0.1/"}
    answer = session.post(path, data=form, auth=(lab.twilio.username, lab.twilio.password))
    assert answer.status_code == 400
    assert "'StatusCallbak'" in answer.json()["message"]


def test_texts_are_found_by_whom_and_when(closed_lab: Any) -> None:
    lab = closed_lab.opens(messages_per_second=1000.0)
    for i in range(5):
        lab.twilio.messages.create(to=(ROSA, JAMES)[i % 2], from_=LINE, body=f"text {i}")
    messages = lab.twilio.messages
    assert [message.body for message in messages.list(to=ROSA)] == ["text 4", "text 2", "text 0"]
    assert len(messages.list(from_=ROSA)) == 0
    today = datetime.now(UTC)
    assert len(messages.list(date_sent=today.date())) == 5
    assert len(messages.list(date_sent_after=today - timedelta(minutes=1))) == 5
    assert messages.list(date_sent_before=today - timedelta(minutes=1)) == []
    assert messages.list(date_sent=today.date() - timedelta(days=1)) == []


def test_pages_hold_still_while_texts_arrive(closed_lab: Any) -> None:
    lab = closed_lab.opens(messages_per_second=1000.0)
    for i in range(5):
        lab.twilio.messages.create(to=ROSA, from_=LINE, body=f"text {i}")
    page = lab.twilio.messages.page(page_size=2)
    seen = [message.body for message in page]
    lab.twilio.messages.create(to=ROSA, from_=LINE, body="late")
    while page := page.next_page():
        seen += [message.body for message in page]
    assert seen == [f"text {i}" for i in (4, 3, 2, 1, 0)]


def test_calls_are_found_by_whom_when_and_status(lab: Any) -> None:
    lab.set_number(ROSA, kind="busy")
    lab.twilio.calls.create(to=ROSA, from_=LINE, url="http://127.0.0.1:9/")
    lab.until(lambda: lab.twilio.calls.list(status="busy"), "the call to end")
    assert len(lab.twilio.calls.list(to=ROSA, start_time=datetime.now(UTC).date())) == 1
    assert lab.twilio.calls.list(to=JAMES) == []
    assert lab.twilio.calls.list(status="completed") == []
    assert lab.twilio.calls.list(start_time_before=datetime.now(UTC) - timedelta(days=1)) == []


def test_a_numbers_webhooks_are_set(lab: Any, customer: Any) -> None:
    [number] = lab.twilio.incoming_phone_numbers.list(phone_number=LINE)
    url = f"{customer.url}/other?x=1#rc=2&rp=all"
    changed = number.update(voice_url=url, voice_method="GET")
    assert (changed.voice_url, changed.voice_method) == (url, "GET")
    customer.replies["/other"] = "<Response><Say>Moved</Say></Response>"
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears("Moved")
    assert customer.of("/other")[0].form["x"] == "1"
    assert "rp=9xx" in refused(lambda: number.update(sms_url=f"{customer.url}/#rp=9xx")).msg


def test_the_account_itself(lab: Any) -> None:
    assert lab.twilio.api.accounts(lab.twilio.account_sid).fetch().status == "active"


def test_what_is_over_and_old_is_forgotten(closed_lab: Any) -> None:
    lab = closed_lab.opens(keep=3, messages_per_second=1000.0)
    for i in range(6):
        message = lab.twilio.messages.create(to=ROSA, from_=LINE, body=f"text {i}")
        lab.until(lambda sid=message.sid: lab.twilio.messages(sid).fetch().status == "delivered", "arrival")
    assert [message.body for message in lab.twilio.messages.list()] == ["text 5", "text 4", "text 3"]


@needs_description
class TestDescription:
    """Requests held against Twilio's own OpenAPI description."""

    @pytest.fixture
    def described(self, closed_lab: Any) -> Any:
        return closed_lab.opens(openapi=str(OPENAPI), messages_per_second=1000.0)

    def test_good_requests_pass(self, described: Any, customer: Any) -> None:
        described.set_number(ROSA, auto_answer=True)
        message = described.twilio.messages.create(to=ROSA, from_=LINE, body="hello")
        call = described.twilio.calls.create(
            to=ROSA, from_=LINE, url=f"{customer.url}/voice", status_callback_event=["initiated"], timeout=20
        )
        assert described.twilio.messages.list(to=ROSA, date_sent=datetime.now(UTC).date())
        assert described.twilio.messages.list(date_sent_after=datetime.now(UTC) - timedelta(days=1))
        assert described.twilio.messages(message.sid).fetch()
        assert described.twilio.calls(call.sid).update(status="completed")
        assert described.twilio.recordings.list(call_sid=call.sid) == []
        [number] = described.twilio.incoming_phone_numbers.list()
        assert number.update(voice_url=f"{customer.url}/voice#rc=2&rp=all")

    @pytest.mark.parametrize(
        ("act", "field"),
        [
            (lambda api: api.calls.create(to=ROSA, from_=LINE, url="http://x/", timeout="soon"), "Timeout"),
            (lambda api: api.messages.create(to=ROSA, from_=LINE, body="x", max_price="dear"), "MaxPrice"),
            (lambda api: api.calls("CA" + "0" * 32).update(status="over"), "Status"),
        ],
    )
    def test_the_field_is_named(self, described: Any, act: Any, field: str) -> None:
        error = refused(lambda: act(described.twilio))
        assert (error.code, error.status) == (20001, 400)
        assert field in error.msg
        assert "description" in error.msg

    @pytest.mark.parametrize(
        ("act", "field"),
        [
            (lambda api: api.messages.list(page_size="many"), "PageSize"),
            (lambda api: api.calls.list(parent_call_sid="CA1"), "ParentCallSid"),
        ],
    )
    def test_the_field_of_a_list_is_named(self, described: Any, act: Any, field: str) -> None:
        with pytest.raises(TwilioException, match=field):
            act(described.twilio)

    def test_twilios_own_codes_come_first(self, described: Any) -> None:
        assert refused(lambda: described.twilio.messages.create(to="", from_=LINE, body="x")).code == 21604
        assert refused(lambda: described.twilio.calls("CA1").fetch()).code == 20404
