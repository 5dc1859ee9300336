"""What is sent has its price before it goes, a month has its sum, and a budget holds what can wait."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from care import costs, outbox
from care.rules.kinds import kinds
from care.rules.prices import our_prices
from carriers import CallState, Meaning, OutcomeUnknown, Refused, Status, Unavailable
from conversation import sending
from records.audit import AuditEntry
from records.clinics import Clinic
from records.costs import Spending
from records.outbox import OutboxRow
from records.patients import Consent, Contact, PatientNumber
from records.sealing import hashed
from records.tasks import Task
from tests.conversation.at_once import at_once
from tests.conversation.clinic_day import NOON, NUMBERS, Day, Premises

US = our_prices().of["US"]
SEGMENT, MINUTE = US["text_segment"] + US["carrier_fee"], US["call_minute"]
WAYS = settings(
    max_examples=12, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip


@pytest.fixture(autouse=True)
def kinds_of_tests() -> Iterator[None]:
    """Two kinds of message more, as the table of kinds may have them: one that is not clinical, and one that is."""
    table = cast("dict[str, Any]", kinds())
    often = replace(table["call_me_back"], most_a_day=99, most_a_week=99)
    table["survey"] = replace(often, name="survey", topic="surveys", clinical=False)
    table["notice"] = replace(often, name="notice")
    yield
    del table["survey"], table["notice"]


def put_surveys(day: Day, many: int) -> list[str]:
    """That many people are to be asked how we did, by text; none of them waits for anything else."""
    numbers = day.enrol(many)
    with day.house.database.writing() as connection:
        people = connection.execute(
            select(PatientNumber.patient_id, PatientNumber.number, PatientNumber.number_hash).where(
                PatientNumber.number_hash.in_(
                    select(PatientNumber.number_hash).order_by(PatientNumber.id.desc()).limit(many)
                )
            )
        ).all()
        for who, number, number_hash in people:
            connection.execute(
                insert(Consent).values(
                    clinic_id=1, patient_id=who, topic="surveys", channel="any", given=True,
                    text_version="surveys-1", at=day.clock(), language="en", by="import",
                )
            )  # fmt: skip
            outbox.put(
                day.house.database, connection, key=f"survey:{number}:{day.clock()}", kind="survey", channel="text",
                clinic_id=1, now=day.clock(), number=number, number_hash=number_hash, patient_id=who,
                flow="call_me_back", language="en",
            )  # fmt: skip
    return numbers


def spent(day: Day) -> int:
    return sum(row.price for row in day.rows(Spending))


def priced(day: Day) -> int:
    with day.house.database.reading() as connection:
        return int(connection.scalar(select(func.sum(OutboxRow.price))) or 0)


def set_budget(day: Day, dollars: float | None) -> None:
    amount = None if dollars is None else round(dollars * 1_000_000)
    with day.house.database.writing() as connection:
        costs.set_budget(day.house.database, connection, 1, amount, by="demo", now=day.clock())


# Before it goes


def test_a_text_has_its_segments_and_its_price_before_the_carrier_has_it(day: Day) -> None:
    day.ask_rosa()
    seen: list[Any] = []
    day.company.on_send = lambda: seen.append(day.outbox("check_in"))
    day.send()
    assert [(row.status, row.segments, row.price) for row in seen] == [("sending", 1, SEGMENT)]
    assert day.outbox("check_in").price == SEGMENT
    sums = day.the(Spending)
    assert (sums.kind, sums.channel, sums.language) == ("check_in", "text", "en")
    assert (sums.month, sums.messages, sums.units, sums.price) == (date(2026, 11, 1), 1, 1, SEGMENT)


def test_it_is_counted_in_the_language_that_she_chose(day: Day) -> None:
    day.set(Contact, language="es")
    day.ask_rosa()
    day.send()
    assert (day.the(Spending).language, day.the(Spending).units) == ("es", day.outbox("check_in").segments)


def test_a_reply_has_its_price_and_the_same_text_again_costs_nothing_more(day: Day) -> None:
    phone = day.phone("rosa")
    first = phone.text("hi", sid="SM-once")
    assert phone.text("hi", sid="SM-once") == first
    row = day.outbox("reply")
    assert (row.segments, row.price) == (len(first), SEGMENT * len(first))
    assert spent(day) == row.price
    assert day.the(Spending).language == "en"


def test_a_reply_that_is_not_let_out_costs_nothing(premises: Premises, tmp_path: Path) -> None:
    with premises.day(tmp_path, allowed_countries=("CA",)) as day:
        assert day.phone("rosa").text("hi") == []
        assert (day.outbox("reply").status, day.outbox("reply").price) == ("dropped", None)
        assert day.rows(Spending) == []


@pytest.mark.parametrize(
    ("word", "fields", "minutes"),
    [
        ("completed", {"CallDuration": "150"}, 3),
        ("completed", {"CallDuration": "60"}, 1),
        ("completed", {}, 1),
        ("completed", {"CallDuration": "long"}, 1),
        ("busy", {"CallDuration": "0"}, 0),
        ("no-answer", {}, 0),
        ("failed", {}, 0),
        ("canceled", {}, 0),
    ],
)
def test_a_call_is_a_minute_until_the_carrier_says_how_long_it_was(
    day: Day, word: str, fields: dict[str, str], minutes: int
) -> None:
    day.ask_rosa(kind="landline")
    day.send()
    call = day.company.calls[0]
    assert (day.outbox("check_in").price, spent(day)) == (MINUTE, MINUTE)
    form = {"CallSid": call.id, "Direction": "outbound-api", "From": call.sender, "To": call.to}
    for _ in range(2):
        day.webhooks.take(f"/voice/status?outbox={call.outbox}", {**form, "CallStatus": word, **fields})
    assert (day.outbox("check_in").price, spent(day)) == (minutes * MINUTE, minutes * MINUTE)
    assert day.the(Spending).units == minutes


def test_a_length_that_was_never_told_is_asked_for(day: Day) -> None:
    day.ask_rosa(kind="landline")
    day.send()
    day.clock.forward(minutes=11)
    day.company.statuses[day.company.calls[0].id] = Status("completed", CallState.COMPLETED, seconds=61)
    day.sweep()
    assert (day.outbox("check_in").price, spent(day)) == (2 * MINUTE, 2 * MINUTE)


def test_what_the_carrier_refuses_costs_nothing_and_a_further_try_is_counted(day: Day) -> None:
    day.ask_rosa()
    day.company.fails = [Unavailable("no"), Refused(30008, Meaning.UNKNOWN)]
    day.send()
    assert (day.outbox("check_in").price, spent(day)) == (0, 0)
    assert day.the(Spending).messages == 0
    for _ in range(2):
        day.clock.forward(minutes=20)
        day.send()
    assert len(day.company.texts) == 1
    assert (day.outbox("check_in").price, spent(day)) == (SEGMENT, SEGMENT)


def test_what_may_have_been_sent_is_counted(day: Day) -> None:
    day.ask_rosa()
    day.company.fails = [OutcomeUnknown("silence")]
    day.company.list_lags = True
    day.send()
    day.clock.forward(minutes=2)
    day.sweep()
    assert day.outbox("check_in").status == "unknown"
    assert (priced(day), spent(day)) == (SEGMENT, SEGMENT)


def test_an_alert_costs_each_call_that_was_answered(day: Day) -> None:
    day.severe_reading_by_text()
    replies = spent(day)
    for _ in range(3):
        day.send("alerts")
        day.call_status(day.company.calls[-1].id, "completed", day.company.calls[-1].outbox)
        day.clock.forward(minutes=5)
    assert len(day.company.calls) == 3
    assert day.outbox("alert").price == 3 * MINUTE
    assert (
        spent(day) - replies
        == 3 * MINUTE
        == sum(r.price for r in day.rows(Spending, Spending.kind == "alert"))
    )


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 12, 1, 4, 59, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 12, 1, 5, 1, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 11, 1, 3, 59, tzinfo=UTC), date(2026, 10, 1)),  # the night of the clock change
        (datetime(2026, 11, 1, 4, 1, tzinfo=UTC), date(2026, 11, 1)),
    ],
)
def test_a_month_ends_at_midnight_at_the_clinic(day: Day, moment: datetime, month: date) -> None:
    day.clock.moment = moment
    day.phone("rosa").text("hi")
    assert day.the(Spending).month == month


def test_what_is_put_right_stays_in_the_month_of_the_call(day: Day) -> None:
    day.ask_rosa(kind="landline")
    day.send()
    day.clock.moment = datetime(2026, 12, 1, 12, tzinfo=UTC)
    day.call_status(day.company.calls[0].id, "busy", day.company.calls[0].outbox)
    assert (day.the(Spending).month, spent(day)) == (date(2026, 11, 1), 0)


# The budget


def test_what_is_not_clinical_is_held_and_everything_else_goes(day: Day) -> None:
    day.ask_rosa()
    put_surveys(day, 2)
    set_budget(day, 0)
    day.send()
    assert [text.to for text in day.company.texts] == [NUMBERS["rosa"]]
    held = day.rows(OutboxRow, OutboxRow.kind == "survey")
    assert [(row.status, row.reason, row.attempts) for row in held] == [("due", "budget", 0)] * 2
    assert {(row.due_at - day.clock()).total_seconds() for row in held} == {3600}
    assert day.phone("james").text("hi"), "she who writes is answered"
    day.raise_alerts(1)
    day.send("alerts")
    assert len(day.company.calls) == 1
    assert day.reasons(Task).count("budget_spent") == 1


def test_held_rows_go_out_when_staff_raise_the_budget_and_no_try_is_used_up(day: Day) -> None:
    put_surveys(day, 2)
    set_budget(day, 0)
    for _ in range(5):
        day.send()
        day.clock.forward(minutes=61)
    set_budget(day, 1)
    day.send()
    rows = day.rows(OutboxRow, OutboxRow.kind == "survey")
    assert [(row.status, row.reason, row.attempts) for row in rows] == [("sent", None, 1)] * 2
    assert [row.about for row in day.rows(AuditEntry, AuditEntry.did == "set_budget")] == ["month_budget"] * 2
    assert day.reasons(Task).count("budget_spent") == 1


def test_held_rows_go_out_when_the_month_begins_at_the_clinic(day: Day) -> None:
    """The clinic is in Berlin, where midnight is 6 pm for whom it writes to."""
    day.set(Clinic, timezone="Europe/Berlin")
    day.clock.moment = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)
    put_surveys(day, 2)
    set_budget(day, SEGMENT / 1_000_000)
    day.send()
    first, second = day.rows(OutboxRow)
    assert (first.status, second.status) == ("sent", "due")
    assert second.due_at == datetime(2026, 11, 30, 23, tzinfo=UTC)
    day.clock.forward(minutes=29)
    assert day.send() == 0
    day.clock.forward(minutes=1)
    day.send()
    assert [row.status for row in day.rows(OutboxRow)] == ["sent", "sent"]
    assert [row.month for row in day.rows(Spending)] == [date(2026, 11, 1), date(2026, 12, 1)]


def test_what_is_too_late_for_its_month_is_dropped_like_anything_late(day: Day) -> None:
    put_surveys(day, 1)
    set_budget(day, 0)
    day.send()
    day.clock.forward(hours=13)
    day.send()
    assert (day.outbox("survey").status, day.outbox("survey").reason) == ("dropped", "expired")


def test_staff_are_told_at_four_fifths_once_for_each_budget(day: Day) -> None:
    put_surveys(day, 4)
    set_budget(day, 5 * SEGMENT / 1_000_000)
    day.send()
    assert costs.warn(day.house.database, day.clock()) == 1
    assert costs.warn(day.house.database, day.clock()) == 0
    set_budget(day, 6 * SEGMENT / 1_000_000)
    assert costs.warn(day.house.database, day.clock()) == 0
    set_budget(day, 4.5 * SEGMENT / 1_000_000)
    assert costs.warn(day.house.database, day.clock()) == 1
    assert day.reasons(Task) == ["budget_warned"] * 2
    assert costs.warn(day.house.database, datetime(2026, 12, 2, tzinfo=UTC)) == 0


def test_two_workers_at_the_limit_overspend_by_a_message_at_most(day: Day) -> None:
    """Each looks at the sum before each message, and adds to it in the commit that lets the message go."""
    put_surveys(day, 16)
    day.house = replace(day.house, settings=replace(day.house.settings, messages_per_second=1000.0))
    set_budget(day, 5 * SEGMENT / 1_000_000)
    at_once([lambda: sending.send_due(day.house, "sending", lambda _: None)] * 2)
    assert 5 <= len(day.company.texts) <= 6
    assert spent(day) == priced(day) == SEGMENT * len(day.company.texts)


def test_a_sum_that_somebody_holds_keeps_no_alert_waiting(day: Day) -> None:
    """A turn that has counted its reply and has not committed yet, and an alert that is to go."""
    day.severe_reading_by_text()
    reply = day.rows(Spending)[0]
    if day.house.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    with day.house.database.writing() as connection:
        for part in range(8):
            values = {name: getattr(reply, name) for name in reply._fields} | {"part": part}
            costs.count(connection, costs.Charge(**values))
        day.send("alerts")
        assert len(day.company.calls) == 1


# In any order

DOINGS = st.lists(
    st.sampled_from(
        ["ask", "send", "reply", "alert", "unavailable", "refused", "lost", "killed", "delivered", "undelivered",
         "long", "short", "busy", "sweep", "hour", "survey", "hold", "free"]
    ),
    min_size=5, max_size=25,
)  # fmt: skip


@WAYS
@given(DOINGS)
def test_a_sum_is_what_its_rows_are_priced_at_whatever_happens(premises: Premises, doings: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, premises.day(Path(folder)) as day:
        day.clock.moment = NOON.astimezone(UTC)
        for place, doing in enumerate(doings):
            do(day, doing, place)
            assert spent(day) == priced(day), doings[: place + 1]
            assert all(row.price is None or row.price >= 0 for row in day.rows(OutboxRow))
        texts = [row for row in day.rows(Spending) if row.channel == "text"]
        assert sum(row.price for row in texts) == SEGMENT * sum(row.units for row in texts)


def do(day: Day, doing: str, place: int) -> None:
    failures: dict[str, Any] = {
        "unavailable": Unavailable("no"), "refused": Refused(30006, Meaning.LANDLINE), "lost": "lost",
        "killed": "killed",
    }  # fmt: skip
    if doing in failures:
        day.company.fails = [failures[doing]]
        day.send_and_die()
    elif doing == "ask":
        with day.house.database.writing() as connection:
            outbox.put(
                day.house.database, connection, key=f"ask:{place}", kind="notice", clinic_id=1, now=day.clock(),
                channel=["text", "call"][place % 2], number=NUMBERS["rosa"], number_hash=hashed(NUMBERS["rosa"]),
                flow="call_me_back", language="en", patient_id=1,
            )  # fmt: skip
    elif doing == "survey":
        day.set(OutboxRow, OutboxRow.kind == "notice", OutboxRow.status == "due", kind="survey")
    elif doing in ("hold", "free"):
        set_budget(day, 0 if doing == "hold" else None)
    elif doing == "reply":
        day.phone("james").text("hi")
    elif doing == "alert":
        day.raise_alerts(1)
        day.send("alerts")
    elif doing == "hour":
        day.clock.forward(minutes=61)
    elif doing == "sweep":
        day.sweep()
    elif doing == "send":
        day.send_and_die()
    else:
        tell(day, doing)


def tell(day: Day, doing: str) -> None:
    """The carrier's word on everything that it took, some of it for the second time."""
    for text in day.company.texts if doing in ("delivered", "undelivered") else ():
        day.text_status(text.id, doing, text.outbox, ErrorCode="30008" if doing == "undelivered" else "")
    for call in day.company.calls if doing in ("long", "short", "busy") else ():
        form = {"CallSid": call.id, "Direction": "outbound-api", "From": call.sender, "To": call.to}
        word = {"CallStatus": "busy"} if doing == "busy" else {"CallStatus": "completed"}
        length = {"CallDuration": "200"} if doing == "long" else {}
        day.webhooks.take(f"/voice/status?outbox={call.outbox}", {**form, **word, **length})
