"""What we ask of the carrier, over HTTP, and what we make of its answers."""

from __future__ import annotations

import base64
import logging
import socket
import ssl
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from carriers import (
    CallState,
    CarrierError,
    Found,
    Gone,
    Meaning,
    NotYet,
    OutcomeUnknown,
    Refused,
    Status,
    TextState,
    TooLarge,
    Unavailable,
)
from carriers.twilio import TwilioCarrier
from tests.carriers import api_description
from tests.carriers.api_server import (
    Api,
    Handle,
    api_server,
    breaks_off,
    gives,
    gives_bytes,
    hangs_up,
    never_answers,
    refuses,
)
from tests.carriers.carrier_side import ACCOUNT, CALL, LINE, OLD_TOKEN, RECORDING, ROSA, TEXT, TOKEN

NOW = datetime(2026, 11, 21, 15, 0, 0, tzinfo=UTC)
BODY = "Hola, señora."
CALLBACK = "https://phone.example.org/sms/status?outbox=41"
WAV = b"RIFF" + b"\x00" * 40
ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"
Act = Callable[[TwilioCarrier], object]


@pytest.fixture
def api() -> Iterator[Api]:
    with api_server() as api:
        api.answers(gives(500))
        yield api


@pytest.fixture
def carrier(api: Api) -> TwilioCarrier:
    return TwilioCarrier(api.base, ACCOUNT, (TOKEN, OLD_TOKEN), timeout=5)


def text(sid: str = TEXT, ago: timedelta = timedelta(), **more: Any) -> dict[str, Any]:
    made = format_datetime(NOW - ago)
    return {"sid": sid, "status": "queued", "error_code": None, "body": "hola", "date_created": made} | more


def call(sid: str = CALL, ago: timedelta = timedelta(), **more: Any) -> dict[str, Any]:
    made = format_datetime(NOW - ago)
    return {"sid": sid, "status": "queued", "date_created": made, "start_time": None} | more


def send(carrier: TwilioCarrier) -> str:
    return carrier.send_text(ROSA, LINE, BODY, CALLBACK)


def ring(carrier: TwilioCarrier) -> str:
    return carrier.place_call(ROSA, LINE, "https://phone.example.org/voice/answer?token=t", CALLBACK, True)


def find(carrier: TwilioCarrier) -> list[Found]:
    return carrier.find_texts(ROSA, LINE, NOW - timedelta(days=1))


ACTS: list[Act] = [send, ring, lambda carrier: carrier.end_call(CALL)]
QUESTIONS: list[Act] = [
    find,
    lambda carrier: carrier.find_calls(ROSA, LINE, NOW),
    lambda carrier: carrier.text_status(TEXT),
    lambda carrier: carrier.call_status(CALL),
    lambda carrier: carrier.fetch_recording(RECORDING),
    lambda carrier: carrier.delete_recording(RECORDING),
]


def test_a_text_is_sent(api, carrier):
    api.answers(gives(201, text()))
    assert send(carrier) == TEXT
    (asked,) = api.asked
    assert (asked.method, asked.path) == ("POST", f"{ROOT}/Messages.json")
    assert sorted(asked.form) == [
        ("Body", BODY), ("From", LINE), ("StatusCallback", CALLBACK), ("To", ROSA),
    ]  # fmt: skip
    credentials = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert asked.headers["Authorization"] == f"Basic {credentials}"
    assert asked.headers["Connection"] == "close"


def test_a_call_is_placed(api, carrier):
    api.answers(gives(201, call()))
    assert ring(carrier) == CALL
    (asked,) = api.asked
    assert asked.path == f"{ROOT}/Calls.json"
    assert dict(asked.form) | {"StatusCallbackEvent": ""} == {
        "To": ROSA, "From": LINE, "Url": "https://phone.example.org/voice/answer?token=t", "Method": "POST",
        "StatusCallback": CALLBACK, "StatusCallbackMethod": "POST", "StatusCallbackEvent": "",
        "MachineDetection": "DetectMessageEnd",
    }  # fmt: skip
    events = [value for name, value in asked.form if name == "StatusCallbackEvent"]
    assert events == ["ringing", "answered", "completed"]


def test_a_call_is_placed_without_listening_for_a_machine(api, carrier):
    api.answers(gives(201, call()))
    carrier.place_call(ROSA, LINE, "https://phone.example.org/voice/answer", CALLBACK, False)
    assert "MachineDetection" not in dict(api.asked[0].form)


def test_a_call_is_ended(api, carrier):
    api.answers(gives(200, call(status="completed")))
    carrier.end_call(CALL)
    (asked,) = api.asked
    assert (asked.path, asked.form) == (f"{ROOT}/Calls/{CALL}.json", [("Status", "completed")])


def test_a_call_that_is_over_is_ended_already(api, carrier):
    api.answers(refuses(400, 21220))
    carrier.end_call(CALL)


def test_what_we_ask_is_in_the_carriers_own_description(api, carrier):
    if not api_description.PLACE.exists():
        pytest.skip(f"the carrier's API description is not at hand ({api_description.PLACE})")
    api.answers(gives(201, text()))
    send(carrier)
    api.answers(gives(201, call()))
    ring(carrier)
    carrier.end_call(CALL)
    api.answers(gives(200, {"messages": []}))
    find(carrier)
    api.answers(gives(200, {"calls": []}))
    carrier.find_calls(ROSA, LINE, NOW)
    api.answers(gives(200, text()))
    carrier.text_status(TEXT)
    carrier.call_status(CALL)
    api.answers(gives(204))
    carrier.delete_recording(RECORDING)
    assert len(api.asked) == 8
    for asked in api.asked:
        api_description.check(asked)


# What went wrong, and what we may believe of it -------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "meaning", "permanent"),
    [
        (400, 21211, Meaning.INVALID_NUMBER, True),
        (400, 21610, Meaning.OPTED_OUT, True),
        (400, 21614, Meaning.NOT_A_MOBILE, True),
        (400, 21612, Meaning.UNREACHABLE, False),
        (400, 21408, Meaning.NOT_ALLOWED, True),
        (400, 21617, Meaning.BAD_TEXT, True),
        (400, 21606, Meaning.BAD_SENDER, False),
        (401, 20003, Meaning.AUTHENTICATION, False),
        (403, 20403, Meaning.SUSPENDED, False),
        (404, 20404, Meaning.NOT_FOUND, True),
        (400, 99999, Meaning.UNKNOWN, False),
    ],
)
@pytest.mark.parametrize("act", [send, ring])
def test_a_refusal_says_why(api, carrier, act, status, code, meaning, permanent):
    api.answers(refuses(status, code))
    with pytest.raises(Refused) as caught:
        act(carrier)
    assert (caught.value.code, caught.value.meaning) == (code, meaning)
    assert caught.value.meaning.permanent is permanent
    assert len(api.asked) == 1, "nothing is tried again in here"


def test_a_refusal_in_the_newer_format_says_why_too(api, carrier):
    problem = {"type": "https://x", "title": "Bad", "status": 400, "code": 21610, "detail": f"{ROSA} left"}
    api.answers(gives(400, problem))
    with pytest.raises(Refused) as caught:
        send(carrier)
    assert caught.value.meaning is Meaning.OPTED_OUT


def test_a_refusal_by_something_that_is_not_the_carrier(api, carrier):
    api.answers(gives_bytes(401, b"<html>who are you?", "text/html"))
    with pytest.raises(Refused) as caught:
        send(carrier)
    assert caught.value.meaning is Meaning.AUTHENTICATION


NOT_ACTED: list[Handle] = [
    refuses(429, 20429),
    gives_bytes(429, b"slow down", "text/plain"),
    refuses(400, 21611),  # our number's queue at the carrier is full
    refuses(400, 14107),
    refuses(503, 20503),
    gives(301, None, Location="https://elsewhere.example"),
]
PERHAPS_ACTED: list[Handle] = [
    gives(500),
    refuses(500, 20500),
    gives(502),
    gives_bytes(503, b"<html>no healthy upstream", "text/html"),
    gives(504),
    gives(408),
    gives(201),
    gives(201, {}),
    gives(201, {"sid": None}),
    gives(201, {"sid": "../x"}),
    gives(201, ["a list"]),
    gives_bytes(201, b"<html>", "text/html"),
    hangs_up,
    breaks_off,
]


@pytest.mark.parametrize("answer", NOT_ACTED)
@pytest.mark.parametrize("act", ACTS)
def test_the_carrier_did_not_act(api, carrier, answer, act):
    api.answers(answer)
    with pytest.raises(Unavailable):
        act(carrier)
    assert len(api.asked) == 1


@pytest.mark.parametrize("answer", PERHAPS_ACTED)
@pytest.mark.parametrize("act", [send, ring])
def test_the_carrier_may_have_acted(api, carrier, answer, act):
    api.answers(answer)
    with pytest.raises(OutcomeUnknown):
        act(carrier)
    assert len(api.asked) == 1


@pytest.mark.parametrize("answer", [gives(500), gives(502), gives(503), hangs_up, refuses(429, 20429)])
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_may_always_be_asked_again(api, carrier, answer, question):
    api.answers(answer)
    with pytest.raises(Unavailable):
        question(carrier)


def test_no_answer_in_time(api):
    hasty = TwilioCarrier(api.base, ACCOUNT, (TOKEN,), timeout=0.1)
    api.answers(never_answers)
    with pytest.raises(OutcomeUnknown):
        send(hasty)
    with pytest.raises(Unavailable):
        find(hasty)
    assert len(api.asked) == 2


@pytest.mark.parametrize("act", ACTS + QUESTIONS)
def test_nobody_listens(act):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = TwilioCarrier(f"http://127.0.0.1:{taken.getsockname()[1]}", ACCOUNT, (TOKEN,), timeout=5)
        with pytest.raises(Unavailable):
            act(nobody)


@pytest.mark.parametrize("act", ACTS)
def test_a_carrier_that_cannot_prove_its_name_is_sent_nothing(tmp_path, act):
    with api_server(tls=self_signed(tmp_path)) as impostor:
        with pytest.raises(Unavailable):
            act(TwilioCarrier(impostor.base, ACCOUNT, (TOKEN,), timeout=5))
        assert impostor.asked == []


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    now = datetime.now(UTC)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = made.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    file = folder / "impostor.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize("act", [*ACTS, *QUESTIONS])
@pytest.mark.parametrize(
    "answer", [refuses(400, 21211), refuses(500, 20500), hangs_up, gives_bytes(502, b"{")]
)
def test_no_error_and_no_log_holds_a_number_a_text_or_a_token(api, carrier, caplog, act, answer):
    caplog.set_level(logging.DEBUG)
    api.answers(answer)
    with pytest.raises(CarrierError) as caught:
        act(carrier)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    for secret in (ROSA, ROSA[1:], LINE, "señora", TOKEN, "outbox"):
        assert secret not in told


def test_credentials_go_to_the_carrier_alone(api, carrier):
    """A list's next page is asked of the carrier wherever the answer points; a redirect is not followed."""
    with api_server() as elsewhere:
        elsewhere.answers(gives(200, {"messages": []}))
        page = {"messages": [text()], "next_page_uri": f"{elsewhere.base}{ROOT}/Messages.json?Page=1"}
        api.answers(gives(200, page), gives(200, {"messages": []}))
        assert len(find(carrier)) == 1
        api.answers(gives_bytes(302, b"", Location=f"{elsewhere.base}/x.wav"))
        with pytest.raises(Unavailable):
            carrier.fetch_recording(RECORDING)
        assert elsewhere.asked == []


# Looking for what may have been sent ------------------------------------------------------------------


def test_a_text_is_looked_for(api, carrier):
    api.answers(
        gives(
            200,
            {
                "messages": [
                    text("SM1", status="undelivered", error_code=30006),
                    text("SM2", timedelta(hours=1), status="levitating"),
                    text("SM3", timedelta(days=2)),
                ]
            },
        )
    )
    assert find(carrier) == [
        Found("SM1", NOW, Status("undelivered", TextState.UNDELIVERED, 30006), "hola"),
        Found("SM2", NOW - timedelta(hours=1), Status("levitating", None), "hola"),
    ]
    (asked,) = api.asked
    assert asked.path == f"{ROOT}/Messages.json"
    assert dict(asked.query) == {"To": ROSA, "From": LINE, "PageSize": "200"}


def test_a_call_is_looked_for(api, carrier):
    api.answers(gives(200, {"calls": [call("CA1", status="in-progress"), call("CA2", timedelta(hours=3))]}))
    assert carrier.find_calls(ROSA, LINE, NOW - timedelta(hours=2)) == [
        Found("CA1", NOW, Status("in-progress", CallState.ANSWERED))
    ]


def test_the_carrier_tells_whole_seconds_and_we_may_ask_for_parts_of_one(api, carrier):
    api.answers(gives(200, {"messages": [text()]}))
    assert len(carrier.find_texts(ROSA, LINE, NOW + timedelta(milliseconds=700))) == 1


def test_one_that_the_carrier_has_no_date_for_is_found(api, carrier):
    api.answers(gives(200, {"messages": [text("SM1", timedelta(days=2)), text("SM2", date_created=None)]}))
    assert [found.id for found in find(carrier)] == ["SM2"]


def test_a_long_list_is_read_until_a_whole_page_is_too_old(api, carrier):
    def page(number: int, days: int) -> Handle:
        texts = [text(f"SM{number}x{index}", timedelta(days=days)) for index in range(200)]
        return gives(200, {"messages": texts, "next_page_uri": f"{ROOT}/Messages.json?Page={number + 1}"})

    api.answers(page(0, 0), page(1, 0), page(2, 3), page(3, 4))
    assert len(find(carrier)) == 400
    assert len(api.asked) == 3
    assert [dict(asked.query).get("Page") for asked in api.asked] == [None, "1", "2"]


def test_what_became_of_a_text_and_of_a_call(api, carrier):
    api.answers(gives(200, text(status="failed", error_code=21610)))
    assert carrier.text_status(TEXT) == Status("failed", TextState.FAILED, 21610)
    api.answers(gives(200, call(status="no-answer")))
    assert carrier.call_status(CALL) == Status("no-answer", CallState.NO_ANSWER)
    assert [asked.path for asked in api.asked] == [
        f"{ROOT}/Messages/{TEXT}.json",
        f"{ROOT}/Calls/{CALL}.json",
    ]


def test_what_the_carrier_does_not_know(api, carrier):
    api.answers(refuses(404, 20404))
    for question in (lambda: carrier.text_status(TEXT), lambda: carrier.call_status(CALL)):
        with pytest.raises(Refused) as caught:
            question()
        assert caught.value.meaning is Meaning.NOT_FOUND


@pytest.mark.parametrize("bad", ["", "../../Accounts", "SM1/Media", "SM1?x=1", "SM1#", "SM 1", "x" * 65, "é"])
def test_an_id_that_is_none_is_never_made_a_path(api, carrier, bad):
    for question in (carrier.text_status, carrier.call_status, carrier.fetch_recording, carrier.end_call):
        with pytest.raises(Refused):
            question(bad)
    carrier.delete_recording(bad)
    assert api.asked == []


# Recordings -------------------------------------------------------------------------------------------


def test_a_recording_is_fetched(api, carrier):
    api.answers(gives_bytes(200, WAV))
    assert carrier.fetch_recording(RECORDING) == WAV
    (asked,) = api.asked
    assert asked.path == f"{ROOT}/Recordings/{RECORDING}.wav"
    assert asked.headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        (gives(200, {"sid": RECORDING, "status": "processing"}), NotYet),
        (gives(200, {"sid": RECORDING, "status": "in-progress"}), NotYet),
        (gives(200, {"sid": RECORDING, "status": "completed"}), NotYet),
        (gives(200, {"sid": RECORDING, "status": "pondering"}), NotYet),
        (gives(200, {"sid": RECORDING, "status": "absent"}), Gone),
        (gives(200, {"sid": RECORDING, "status": "deleted"}), Gone),
        (refuses(404, 20404), Gone),
        (gives(500), Unavailable),
        (refuses(401, 20003), Refused),
    ],
)
def test_a_recording_without_sound_is_not_ready_or_gone(api, carrier, metadata, error):
    api.answers(refuses(404, 20404), metadata)
    with pytest.raises(error):
        carrier.fetch_recording(RECORDING)
    assert [asked.path for asked in api.asked] == [
        f"{ROOT}/Recordings/{RECORDING}.wav",
        f"{ROOT}/Recordings/{RECORDING}.json",
    ]


@pytest.mark.parametrize("status", [401, 403])
def test_a_recording_that_we_may_not_have(api, carrier, status):
    api.answers(gives_bytes(status, b"no"))
    with pytest.raises(Refused) as caught:
        carrier.fetch_recording(RECORDING)
    assert caught.value.meaning is Meaning.AUTHENTICATION


@pytest.mark.parametrize("body", [b"", b"<html>sorry", b"RIF"])
def test_what_is_no_recording_is_not_taken_for_one(api, carrier, body):
    api.answers(gives_bytes(200, body))
    with pytest.raises(Unavailable):
        carrier.fetch_recording(RECORDING)


def test_a_recording_that_is_too_large_is_not_held(api):
    small = TwilioCarrier(api.base, ACCOUNT, (TOKEN,), recording_limit=100_000)
    api.answers(gives_bytes(200, WAV + b"\x00" * 200_000))
    with pytest.raises(TooLarge):
        small.fetch_recording(RECORDING)


def test_ten_minutes_of_recording_are_taken(api, carrier):
    ten_minutes = WAV + b"\x00" * (8000 * 2 * 600)
    api.answers(gives_bytes(200, ten_minutes))
    assert carrier.fetch_recording(RECORDING) == ten_minutes


def test_a_recording_that_breaks_off_is_fetched_another_time(api, carrier):
    def cut(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.wfile.write(WAV)
        handler.close_connection = True

    api.answers(cut)
    with pytest.raises(Unavailable):
        carrier.fetch_recording(RECORDING)


def test_a_recording_is_deleted_once_or_twice(api, carrier):
    api.answers(gives(204), refuses(404, 20404))
    carrier.delete_recording(RECORDING)
    carrier.delete_recording(RECORDING)
    assert [(asked.method, asked.path) for asked in api.asked] == [
        ("DELETE", f"{ROOT}/Recordings/{RECORDING}.json")
    ] * 2
