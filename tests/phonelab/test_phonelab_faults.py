"""Seeded misfortune: callbacks dropped, doubled, late and out of order; REST answers lost or refused."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from requests.exceptions import ConnectionError as Disconnected
from twilio.base.exceptions import TwilioRestException

from phonelab.faults import Faults
from phonelab.settings import Settings

LINE, ROSA = "+16175550100", "+16175550101"


def send(lab: Any, customer: Any, count: int = 1) -> list[str]:
    return [
        lab.twilio.messages.create(
            to=ROSA, from_=LINE, body=f"text {i}", status_callback=f"{customer.url}/status"
        ).sid
        for i in range(count)
    ]


def told(customer: Any) -> dict[str, list[str]]:
    """Statuses by text, in the order in which they came."""
    by_sid: dict[str, list[str]] = {}
    for request in customer.of("/status"):
        by_sid.setdefault(request.form["MessageSid"], []).append(request.form["MessageStatus"])
    return by_sid


def test_callbacks_come_in_order_without_faults(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(messages_per_second=1000.0)
    send(lab, customer, 5)
    customer.waits_for("/status", 15)
    assert list(told(customer).values()) == [["queued", "sent", "delivered"]] * 5


def test_callbacks_come_twice(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(callback_double=1.0)
    [sid] = send(lab, customer)
    customer.waits_for("/status", 6)
    assert Counter(told(customer)[sid]) == {"queued": 2, "sent": 2, "delivered": 2}


def test_callbacks_never_come(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(callback_drop=1.0)
    [sid] = send(lab, customer)
    lab.until(lambda: lab.twilio.messages(sid).fetch().status == "delivered", "arrival")
    lab.post("/lab/settings", callback_drop=0)
    [second] = send(lab, customer)
    customer.waits_for("/status", 3)
    assert set(told(customer)) == {second}


def test_callbacks_come_out_of_order(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(callback_shuffle=1.0)
    [sid] = send(lab, customer)
    customer.waits_for("/status", 3)
    assert sorted(told(customer)[sid]) == ["delivered", "queued", "sent"]
    assert told(customer)[sid] != ["queued", "sent", "delivered"]


def test_callbacks_come_late(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(callback_delay=1.0, callback_delay_seconds=60.0, seed=3)
    [sid] = send(lab, customer)
    customer.waits_for("/status", 3)
    entry = next(m for m in lab.get("/lab/messages")["messages"] if m["sid"] == sid)
    assert entry["status"] == "delivered"


def test_a_seed_gives_the_same_misfortune_again() -> None:
    def fates(seed: int) -> list[Any]:
        settings = Settings(seed=seed, callback_drop=0.3, callback_double=0.3, callback_delay=0.5)
        faults = Faults(lambda: settings)
        return [faults.fate() for _ in range(50)]

    assert fates(1) == fates(1)
    assert fates(1) != fates(2)
    dropped = sum(fate.drop for fate in fates(1))
    assert 5 < dropped < 25


def test_a_webhook_is_delivered_twice_and_answered_once(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(webhook_double=1.0)
    customer.replies["/sms"] = "<Response><Message>Got it</Message></Response>"
    rosa = lab.handset()
    rosa.texts(LINE, "hola")
    rosa.reads("Got it")
    first, second = customer.waits_for("/sms", 2)
    assert first.form == second.form
    assert first.headers["I-Twilio-Idempotency-Token"] == second.headers["I-Twilio-Idempotency-Token"]
    assert len([text for text in rosa.events if text.get("body") == "Got it"]) == 1


def test_an_accepted_text_whose_answer_is_lost(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(rest_lose_response=1.0)
    rosa = lab.handset()
    with pytest.raises(Disconnected):
        send(lab, customer)
    rosa.reads("text 0")
    lab.post("/lab/settings", rest_lose_response=0)
    [found] = lab.twilio.messages.list(to=ROSA, from_=LINE)
    assert found.body == "text 0"


@pytest.mark.parametrize(
    ("fault", "value", "status", "code"),
    [
        ("rest_refuse_500", 1.0, 500, 20500),
        ("rest_refuse_429", 1.0, 429, 20429),
        ("rest_concurrency", 0, 429, 20429),
    ],
)
def test_a_refused_text_is_not_sent(
    closed_lab: Any, customer: Any, fault: str, value: float, status: int, code: int
) -> None:
    lab = closed_lab.opens(**{fault: value})
    with pytest.raises(TwilioRestException) as refused:
        send(lab, customer)
    assert (refused.value.status, refused.value.code) == (status, code)
    lab.post("/lab/settings", **{fault: 100 if fault == "rest_concurrency" else 0})
    assert lab.twilio.messages.list() == []
