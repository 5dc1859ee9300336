"""What a month costs, as staff see it, and the budget that they set."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from care import costs, outbox
from care.rules.budget import month_of
from conversation.house import House
from records.audit import AuditEntry
from records.clinics import Clinic
from records.costs import Spending
from records.outbox import OutboxRow
from records.tasks import Task

from .people import NOON, Clock, Nurse, Patient

DOLLAR = 1_000_000


def budget_of(house: House, clinic: int = 1) -> int | None:
    with house.database.reading() as connection:
        return connection.scalar(select(Clinic.month_budget).where(Clinic.id == clinic))


def count(
    house: House, kind: str, price: int, *, language: str = "en", channel: str = "text", **more: Any
) -> None:
    values = {
        "clinic_id": 1, "month": month_of(NOON, "America/New_York"), "part": 0, "messages": 1, "units": 2, **more,
    }  # fmt: skip
    with house.database.writing() as connection:
        connection.execute(
            insert(Spending).values(kind=kind, channel=channel, language=language, price=price, **values)
        )


def hold_one(house: House) -> None:
    with house.database.writing() as connection:
        outbox.put(
            house.database, connection, key="held", kind="check_in", channel="text", clinic_id=1, now=NOON,
            number="+16175550101", patient_id=1, reason="budget",
        )  # fmt: skip


def test_what_was_sent_stands_there_by_language_and_by_kind(
    nurse: Nurse, rosa: Patient, house: House
) -> None:
    rosa.text("hola", "sí")
    count(house, "alert", 14_000, channel="call", units=1)
    with house.database.reading() as connection:
        rows = connection.execute(select(OutboxRow.segments, OutboxRow.price)).all()
    segments, price = sum(row.segments for row in rows), sum(row.price for row in rows) / DOLLAR
    assert segments >= 2
    page = nurse.read("/clinic/costs")
    assert "of November 2026" in page
    assert "and no limit" in page
    assert f"Spanish 2 {segments} ${price:.4f}" in page
    assert f"Reply 2 by text, Spanish {segments} segments ${price:.4f}" in page
    assert "Alert to the emergency number 1 by call, English 1 minute $0.0140" in page


def test_another_clinics_costs_and_another_months_stand_elsewhere(
    nurse: Nurse, house: House, clock: Clock
) -> None:
    with house.database.writing() as connection:
        row = {"line": "+16175550500", "emergency_number": "+16175550590", "timezone": "America/New_York"}
        connection.execute(insert(Clinic).values(id=2, name="Another", **row))
    count(house, "reply", 5 * DOLLAR, clinic_id=2)
    assert "Nothing was sent this month." in nurse.read("/clinic/costs")
    count(house, "reply", 3 * DOLLAR)
    assert "$3.00 and no limit" in nurse.read("/clinic/costs")
    clock.go_on(days=9, hours=12)  # one in the morning of 1 December
    nurse.sign_in()
    assert "of December 2026 $0.00" in nurse.read("/clinic/costs")


def test_a_budget_is_set_and_what_waited_is_looked_at_at_once(
    nurse: Nurse, house: House, clock: Clock
) -> None:
    count(house, "reply", 9 * DOLLAR)
    hold_one(house)
    with house.database.writing() as connection:
        connection.execute(update(OutboxRow).values(due_at=NOON.replace(hour=23)))
    answer = nurse.post("/clinic/costs", "/clinic/costs", budget="$12.50")
    assert "The budget is changed." in answer.text
    assert budget_of(house) == 12_500_000
    with house.database.reading() as connection:
        assert connection.scalars(select(OutboxRow.due_at)).one() == NOON
        noted = connection.execute(
            select(AuditEntry.by, AuditEntry.about, AuditEntry.clinic_id).where(
                AuditEntry.did == "set_budget"
            )
        ).all()
    assert noted == [("demo", "month_budget", 1)]
    page = nurse.read("/clinic/costs")
    assert "$9.00 of $12.50, 72%" in page
    assert "1 text or call waits because the budget was spent" in page
    assert 'value="12.50"' in nurse.open("/clinic/costs").text


def test_a_budget_that_is_taken_away_or_nothing(nurse: Nurse, house: House) -> None:
    nurse.post("/clinic/costs", "/clinic/costs", budget="0")
    assert budget_of(house) == 0
    assert "$0.00 of $0.00, 100%" in nurse.read("/clinic/costs")
    nurse.post("/clinic/costs", "/clinic/costs", budget=" ")
    assert budget_of(house) is None


@pytest.mark.parametrize("typed", ["a lot", "-5", "1.234", "9999999999"])
def test_what_is_no_amount_is_shown_again_with_a_sentence(nurse: Nurse, house: House, typed: str) -> None:
    nurse.post("/clinic/costs", "/clinic/costs", budget="20")
    answer = nurse.post("/clinic/costs", "/clinic/costs", budget=typed)
    assert answer.status_code == 422
    assert "Write an amount of" in answer.text
    assert f'value="{typed}"' in answer.text
    assert budget_of(house) == 20 * DOLLAR


def test_nobody_sets_it_without_a_token_or_a_sign_in(nurse: Nurse, stranger: Nurse, house: House) -> None:
    assert nurse.client.post("/clinic/costs", data={"budget": "1"}).status_code == 403
    assert stranger.client.get("/clinic/costs").status_code == 303
    assert budget_of(house) is None


def test_a_task_about_the_budget_leads_to_the_page(nurse: Nurse, house: House) -> None:
    count(house, "reply", 9 * DOLLAR)
    nurse.post("/clinic/costs", "/clinic/costs", budget="10")
    assert costs.warn(house.database, NOON) == 1
    page = nurse.open("/clinic/tasks").text
    assert "Most of this month&#39;s budget" in page or "Most of this month's budget" in page
    assert 'href="/clinic/costs">Costs of this month' in page
    with house.database.reading() as connection:
        assert [row.same_day for row in connection.execute(select(Task.same_day))] == [False]


def test_a_country_of_which_no_price_is_known_is_said(app: Flask, nurse: Nurse, house: House) -> None:
    assert "No price of" not in nurse.read("/clinic/costs")
    object.__setattr__(house.settings, "allowed_countries", ("US", "MX"))
    assert "No price of a minute is known for MX: counted as the dearest, US's." in nurse.read(
        "/clinic/costs"
    )


# Commands


def test_the_commands_say_and_set_the_same(app: Flask, house: House) -> None:
    run = app.test_cli_runner().invoke
    count(house, "reply", 9 * DOLLAR, language="es", messages=400, units=700)
    hold_one(house)
    said = run(args=["clinic", "budget", "+16175550100", "10"])
    assert said.output == (
        "Budget for a month: $10.00. Spent in November 2026: $9.00.\nWaiting because it was spent: 1.\n"
    )
    assert budget_of(house) == 10 * DOLLAR
    spend = run(args=["clinic", "spend"]).output
    assert "Harbor Community Clinic, November 2026: $9.00 expected." in spend
    assert "$9.00      400 sent      700 segments  Reply, by text, Spanish" in spend
    assert "October 2026: $0.00" in run(args=["clinic", "spend", "--month", "2026-10"]).output
    run(args=["clinic", "budget", "+16175550100", "none"])
    assert budget_of(house) is None
    with house.database.reading() as connection:
        by = connection.scalars(select(AuditEntry.by).where(AuditEntry.did == "set_budget")).all()
    assert len(by) == 2
    assert all(one.startswith("command:") for one in by)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["budget", "+16175550100", "much"],
            "Write an amount of dollars, such as 250 or 250.50. Or write none",
        ),
        (["budget", "+16175550199"], "Say which clinic by its line; there are: +16175550100"),
        (["spend", "--month", "lately"], "Write a month such as 2026-11."),
    ],
)
def test_what_a_command_can_not_read(app: Flask, house: House, words: list[str], sentence: str) -> None:
    result = app.test_cli_runner().invoke(args=["clinic", *words])
    assert result.exit_code == 1
    assert sentence in result.output
    assert budget_of(house) is None
