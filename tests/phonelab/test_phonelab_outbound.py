"""Calls that the customer places: their pace, their statuses, and who or what answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from phonelab.clock import Clock
from phonelab.pacing import Pacer

LINE, ROSA = "+16175550100", "+16175550101"
ALL = ["initiated", "ringing", "answered", "completed"]
GREETING = "<Response><Say>This is the clinic</Say></Response>"


def place(lab: Any, customer: Any, to: str = ROSA, **wishes: Any) -> Any:
    asked = {"url": f"{customer.url}/voice", "status_callback": f"{customer.url}/status?id=7", **wishes}
    return lab.twilio.calls.create(to=to, from_=LINE, status_callback_event=ALL, **asked)


def statuses(customer: Any) -> list[str]:
    return [request.form["CallStatus"] for request in customer.of("/status")]


def test_an_answered_call_tells_its_statuses(lab: Any, customer: Any) -> None:
    customer.replies["/voice"] = GREETING
    rosa = lab.handset()
    call = place(lab, customer)
    assert (call.status, call.direction) == ("queued", "outbound-api")
    rosa.answers()
    rosa.hears("This is the clinic")
    rosa.is_hung_up()
    told = customer.waits_for("/status", 4)
    assert statuses(customer) == ["initiated", "ringing", "in-progress", "completed"]
    assert [request.form["SequenceNumber"] for request in told] == ["0", "1", "2", "3"]
    assert "CallDuration" in told[-1].form
    assert told[0].url.endswith("/status?id=7")
    assert customer.of("/voice")[0].form["CallStatus"] == "in-progress"
    fetched = lab.twilio.calls(call.sid).fetch()
    assert fetched.status == "completed"
    assert fetched.start_time is not None


def test_only_the_end_is_told_where_no_event_is_named(lab: Any, customer: Any) -> None:
    customer.replies["/voice"] = GREETING
    lab.set_number(ROSA, auto_answer=True)
    lab.twilio.calls.create(
        to=ROSA, from_=LINE, url=f"{customer.url}/voice", status_callback=f"{customer.url}/status"
    )
    customer.waits_for("/status")
    assert statuses(customer) == ["completed"]


@pytest.mark.parametrize("kind", ["busy", "no-answer", "failed"])
def test_nobody_answers(lab: Any, customer: Any, kind: str) -> None:
    lab.set_number(ROSA, kind=kind)
    call = place(lab, customer, timeout=5)
    customer.waits_for("/status", 3)
    assert statuses(customer) == ["initiated", "ringing", kind]
    assert lab.twilio.calls(call.sid).fetch().duration == "0"
    assert not customer.of("/voice")


def test_a_person_who_rejects_is_busy(lab: Any, customer: Any) -> None:
    rosa = lab.handset()
    place(lab, customer)
    rosa.rejects()
    customer.waits_for("/status", 3)
    assert statuses(customer)[-1] == "busy"


def test_twiml_can_come_with_the_request(lab: Any, customer: Any) -> None:
    rosa = lab.handset()
    lab.twilio.calls.create(to=ROSA, from_=LINE, twiml="<Response><Say>Straight on</Say></Response>")
    rosa.answers()
    rosa.hears("Straight on")


def test_a_running_call_is_sent_elsewhere_and_ended(lab: Any, customer: Any) -> None:
    customer.replies["/voice"] = "<Response><Say>Please hold</Say><Pause length='4000'/></Response>"
    customer.replies["/elsewhere"] = "<Response><Say>Here we are</Say><Pause length='4000'/></Response>"
    rosa = lab.handset()
    call = place(lab, customer)
    rosa.answers()
    rosa.hears("Please hold")
    lab.twilio.calls(call.sid).update(url=f"{customer.url}/elsewhere")
    rosa.hears("Here we are")
    assert lab.twilio.calls(call.sid).update(status="completed").status == "completed"
    rosa.is_hung_up()
    with pytest.raises(TwilioRestException) as refused:
        lab.twilio.calls(call.sid).update(twiml="<Response/>")
    assert refused.value.code == 21220


def test_a_queued_call_can_be_called_off(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(calls_per_second=0.01)
    lab.set_number(ROSA, auto_answer=True)
    first, second = place(lab, customer), place(lab, customer)
    assert lab.twilio.calls(second.sid).update(status="canceled").status == "canceled"
    lab.until(lambda: lab.twilio.calls(first.sid).fetch().status == "completed", "the first call")
    assert not [r for r in customer.of("/voice") if r.form["CallSid"] == second.sid]


def test_calls_start_one_a_second(closed_lab: Any, customer: Any) -> None:
    """Four calls take three carrier seconds to start, however fast they are asked for."""
    lab = closed_lab.opens(calls_per_second=1, speed=5)
    for i in range(4):
        lab.set_number(f"+1617555011{i}", kind="busy")
    calls = [place(lab, customer, to=f"+1617555011{i}") for i in range(4)]
    assert {call.status for call in calls} == {"queued"}
    lab.until(lambda: len(lab.twilio.calls.list(status="busy")) == 4, "all to be over")
    started = [
        next(e["at"] for e in lab.get(f"/lab/calls/{c.sid}")["trace"] if e.get("status") == "initiated")
        for c in calls
    ]
    assert started == sorted(started)
    assert started[-1] - started[0] > 2.5  # three, less what a busy machine may delay the first by


class StillClock(Clock):
    """Time that passes only when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__(1.0)
        self.time = 0.0

    def elapsed(self) -> float:
        return self.time

    async def wait(self, seconds: float) -> None:
        self.time += max(0.0, seconds)


def test_the_pacer_keeps_its_rate_to_the_second() -> None:
    clock = StillClock()
    pacer = Pacer(lambda: 2.0, clock)
    passed = []

    async def go() -> None:
        for units in (1.0, 1.0, 3.0, 1.0):
            await pacer.pass_through(units)
            passed.append(clock.time)
        clock.time = 10.0  # rest is not saved up
        for _ in range(2):
            await pacer.pass_through()
            passed.append(clock.time)

    asyncio.run(go())
    assert passed == [0.0, 0.5, 1.0, 2.5, 10.0, 10.5]


class TestMachines:
    """Answering-machine detection, and what is left on the machine."""

    @pytest.mark.parametrize(
        ("behaviour", "mode", "verdict"),
        [
            ({"kind": "machine"}, "Enable", "machine_start"),
            ({"kind": "machine"}, "DetectMessageEnd", "machine_end_beep"),
            ({"kind": "machine", "end": "silence"}, "DetectMessageEnd", "machine_end_silence"),
            ({"kind": "machine", "greeting_seconds": 40}, "DetectMessageEnd", "unknown"),
            ({"kind": "human", "auto_answer": True}, "DetectMessageEnd", "human"),
            ({"kind": "fax"}, "Enable", "fax"),
            ({"kind": "unknown"}, "Enable", "unknown"),
        ],
    )
    def test_the_first_request_says_who_answered(
        self, lab: Any, customer: Any, behaviour: dict[str, Any], mode: str, verdict: str
    ) -> None:
        lab.set_number(ROSA, **behaviour)
        customer.replies["/voice"] = GREETING
        call = place(lab, customer, machine_detection=mode)
        [asked] = customer.waits_for("/voice")
        assert asked.form["AnsweredBy"] == verdict
        assert lab.twilio.calls(call.sid).fetch().answered_by == verdict

    def test_a_call_is_sent_elsewhere_while_it_listens(self, lab: Any, customer: Any) -> None:
        lab.set_number(ROSA, human_seconds=1500)
        rosa = lab.handset()
        call = place(lab, customer, machine_detection="DetectMessageEnd", machine_detection_timeout=59)
        rosa.answers()
        lab.twilio.calls(call.sid).update(twiml="<Response><Say>Here we are</Say></Response>")
        rosa.hears("Here we are")
        assert not customer.of("/voice")

    def test_nobody_is_detected_unasked(self, lab: Any, customer: Any) -> None:
        lab.set_number(ROSA, kind="machine")
        place(lab, customer)
        assert "AnsweredBy" not in customer.waits_for("/voice")[0].form

    def test_detection_beside_the_call(self, lab: Any, customer: Any) -> None:
        lab.set_number(ROSA, kind="machine", greeting_seconds=10)
        customer.replies["/voice"] = "<Response><Pause length='60'/></Response>"
        place(
            lab,
            customer,
            machine_detection="DetectMessageEnd",
            async_amd="true",
            async_amd_status_callback=f"{customer.url}/amd",
        )
        [asked] = customer.waits_for("/voice")
        assert "AnsweredBy" not in asked.form
        [told] = customer.waits_for("/amd")
        assert told.form["AnsweredBy"] == "machine_end_beep"
        assert int(told.form["MachineDetectionDuration"]) >= 10_000

    def test_what_is_said_after_the_beep_is_left(self, lab: Any, customer: Any) -> None:
        lab.set_number(ROSA, kind="machine")
        customer.replies["/voice"] = GREETING
        call = place(lab, customer, machine_detection="DetectMessageEnd")
        lab.until(lambda: lab.twilio.calls(call.sid).fetch().status == "completed", "the end")
        [left] = lab.get(f"/lab/calls/{call.sid}")["left"]
        assert (left["text"], left["clipped"]) == ("This is the clinic", False)

    def test_what_is_said_into_the_greeting_is_clipped(self, closed_lab: Any, customer: Any) -> None:
        lab = closed_lab.opens(speed=200.0)
        lab.set_number(ROSA, kind="machine", greeting_seconds=100)
        words = "word " * 500
        customer.replies["/voice"] = f"<Response><Say>Lost</Say><Say>{words}</Say></Response>"
        call = place(lab, customer)
        lab.until(lambda: lab.twilio.calls(call.sid).fetch().status == "completed", "the end")
        [left] = lab.get(f"/lab/calls/{call.sid}")["left"]
        assert left["clipped"]
        assert left["text"].startswith("word")
