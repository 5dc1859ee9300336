"""Nobody but the carrier gets past the door, on any route, in any disguise."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from flask import Blueprint
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

import sms.webhooks
import voice.webhooks
from tests.carriers.carrier_side import OLD_TOKEN, PUBLIC_URL, TOKEN, CarrierSide, call_form, text_form

BLUEPRINTS = [voice.webhooks.blueprint, sms.webhooks.blueprint]
EVERYTHING = call_form() | text_form() | {"MessageStatus": "sent", "Digits": "1"}


def targets(blueprint: Blueprint) -> list[str]:
    rules = CarrierSide(blueprint).app.url_map.iter_rules()
    return [
        rule.rule.replace("<conversation>", "talk-1").replace("<turn>", "1")
        for rule in rules
        if rule.endpoint != "static"
    ]


ROUTES = [(blueprint, target) for blueprint in BLUEPRINTS for target in targets(blueprint)]
ANSWER = "/voice/answer"


@pytest.fixture(params=ROUTES, ids=[target for _, target in ROUTES])
def route(request: pytest.FixtureRequest) -> tuple[CarrierSide, str]:
    blueprint, target = request.param
    return CarrierSide(blueprint), target


@pytest.fixture
def carrier() -> CarrierSide:
    return CarrierSide(voice.webhooks.blueprint)


def signed(target: str, form: object, token: str = TOKEN, base: str = PUBLIC_URL) -> str:
    return str(RequestValidator(token).compute_signature(f"{base}{target}", form))


def test_every_route_was_found():
    assert {target for _, target in ROUTES} == {
        "/voice/answer", "/voice/status", "/voice/turn/talk-1/1", "/voice/whisper/talk-1/1",
        "/voice/whisper/talk-1/1/accept", "/sms/receive", "/sms/status",
    }  # fmt: skip


def test_every_route_lets_the_carrier_in(route):
    carrier, target = route
    assert carrier.post(target, EVERYTHING).status_code in (200, 204)
    assert carrier.house.turned_away == []


def test_no_route_takes_an_unsigned_form(route):
    carrier, target = route
    for signature in (None, "", "AAAA", "ÿ" * 28, signed(target, EVERYTHING, "another's token")):
        assert carrier.send(target, urlencode(EVERYTHING), signature).status_code == 403
    assert carrier.house.untouched
    assert carrier.house.turned_away == ["unsigned"] * 5


def test_no_route_takes_another_method(route):
    carrier, target = route
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
        assert carrier.web.open(target, method=method).status_code == 405
    assert carrier.house.untouched


def test_no_route_takes_a_body_that_is_too_long(route):
    carrier, target = route
    long = EVERYTHING | {"Body": "x" * 70_000}
    assert carrier.post(target, long).status_code == 413
    assert carrier.house.untouched
    assert carrier.house.turned_away == ["too long"]


def test_a_long_body_whose_length_was_not_announced_is_cut_and_so_fits_no_signature(carrier):
    long = call_form(CallerCity="x" * 70_000)
    answer = carrier.web.post(
        ANSWER,
        data=urlencode(long),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signed(ANSWER, long)},
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert answer.status_code == 403
    assert carrier.house.untouched


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data; boundary=b", "text/plain", ""]
)
def test_no_route_takes_a_body_that_is_no_form(route, content_type):
    carrier, target = route
    body = urlencode(EVERYTHING)
    assert carrier.send(target, body, signed(target, {}), content_type).status_code == 400
    assert carrier.send(target, body, signed(target, EVERYTHING), content_type).status_code == 403
    assert carrier.house.untouched


def test_a_token_that_is_being_changed_still_opens(carrier):
    assert carrier.post(ANSWER, call_form(), token=OLD_TOKEN).status_code == 200


def test_a_form_that_was_changed_on_the_way_is_refused(carrier):
    signature = signed(ANSWER, call_form())
    for changed in (
        call_form(From="+16175550102"),
        call_form(Extra="1"),
        {name: value for name, value in call_form().items() if name != "CallerCity"},
        [*call_form().items(), ("From", "+16175550102")],
    ):
        assert carrier.send(ANSWER, urlencode(changed), signature).status_code == 403
    assert carrier.house.untouched


def test_a_signature_opens_its_own_address_only(carrier):
    form = call_form(Digits="1")
    body, signature = urlencode(form), signed("/voice/turn/talk-1/1", form)
    assert carrier.send("/voice/turn/talk-1/2", body, signature).status_code == 403
    assert carrier.send("/voice/turn/talk-1/1?token=x", body, signature).status_code == 403
    assert carrier.send(ANSWER, body, signature).status_code == 403
    assert carrier.send("/voice/turn/talk-1/1", body, signature).status_code == 200


@pytest.mark.parametrize(
    "query", ["?token=abc", "?token=abc&x=a%20b", "?token=abc&x=a+b", "?x=%C3%A9&token=abc"]
)
def test_the_query_is_signed_as_it_was_written(carrier, query):
    assert carrier.post(ANSWER + query, call_form()).status_code == 200


def test_fields_that_come_twice_are_signed_both_and_once_each(carrier):
    """The carrier signs the distinct values of a name, in order."""
    twice = [*call_form().items(), ("Extra", "b"), ("Extra", "a"), ("Extra", "b")]
    assert carrier.send(ANSWER, urlencode(twice), signed(ANSWER, MultiDict(twice))).status_code == 200
    only_first = dict(reversed(twice)) | {"Extra": "b"}
    assert carrier.send(ANSWER, urlencode(twice), signed(ANSWER, only_first)).status_code == 403


def test_forwarded_headers_and_host_say_nothing(carrier):
    elsewhere = {
        "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "http", "X_Forwarded_Prefix": "/x",
        "X_Original_URL": "/voice/turn/talk-1/9", "Forwarded": "host=evil.example", "Host": "evil.example",
    }  # fmt: skip
    assert carrier.post(ANSWER, call_form(), **elsewhere).status_code == 200
    signature = signed(ANSWER, call_form(), base="http://evil.example")
    assert carrier.send(ANSWER, urlencode(call_form()), signature, **elsewhere).status_code == 403


def test_values_of_every_script_are_signed(carrier):
    form = call_form(CallerCity="كيمبريدج", CallerState="👩‍⚕️ñ\x07", CallerZip=" 02139 ")
    assert carrier.post(ANSWER, form).status_code == 200


def test_bytes_that_are_no_text_are_refused(carrier):
    body = urlencode(call_form()) + "&CallerCity=%ff%fe"
    signature = signed(ANSWER, call_form() | {"CallerCity": "ÿþ"})
    assert carrier.send(ANSWER, body, signature).status_code == 403


def test_a_stronger_signature_is_taken_where_its_header_names_it(carrier):
    signature = str(
        RequestValidator(TOKEN).compute_signature(PUBLIC_URL + ANSWER, call_form(), "HMAC_SHA256")
    )
    body, named = urlencode(call_form()), "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
    taken = carrier.send(ANSWER, body, signature, X_Twilio_Webhooks_Signature_Settings=named)
    assert taken.status_code == 200
    assert carrier.send(ANSWER, body, signature).status_code == 403
    unheard = carrier.send(ANSWER, body, signature, X_Twilio_Webhooks_Signature_Settings="algorithm=NONE")
    assert unheard.status_code == 403
