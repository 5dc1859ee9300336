"""What this month's texts and calls cost, and the budget that holds what is not clinical."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from care import costs
from care.rules import budget
from care.rules.prices import MICRO, BadAmount, from_dollars
from clinic.cost_commands import guessed
from clinic.filling import Filled, filled_with
from clinic.here import house, staff
from records.clinics import Clinic

SET = {
    None: "There is no limit now. What waited goes out.",
    0: "The budget is nothing: what is not clinical waits from now on.",
}
SAVED = "The budget is changed. What waited is looked at again now."


def show() -> ResponseReturnValue:
    with house().database.reading() as connection:
        amount = connection.scalar(select(Clinic.month_budget).where(Clinic.id == staff().clinic_id))
    return _page(filled_with({"budget": _written(amount)}))


def set_budget() -> ResponseReturnValue:
    filled = Filled(request.form)
    amount = None
    if filled["budget"].strip():
        try:
            amount = from_dollars(filled["budget"])
        except BadAmount as why:
            filled.refuse("budget", f"{why} Leave it empty for no limit.")
    if filled.wrong:
        return _page(filled), 422
    with house().database.writing() as connection:
        costs.set_budget(
            house().database, connection, staff().clinic_id, amount, by=staff().login, now=house().now()
        )
    flash(SET.get(amount, SAVED))
    return redirect(url_for("console.costs"), 303)


def _written(amount: int | None) -> str:
    """As it stands in the form: 250 or 250.50."""
    if amount is None:
        return ""
    dollars, rest = divmod(amount, MICRO)
    return f"{dollars}.{rest // 10_000:02d}" if rest else str(dollars)


def _page(filled: Filled) -> str:
    month = budget.month_of(house().now(), staff().timezone)
    with house().database.reading() as connection:
        rows = costs.of_month(connection, staff().clinic_id, month)
        amount = connection.scalar(select(Clinic.month_budget).where(Clinic.id == staff().clinic_id))
        waiting = costs.held(connection, staff().clinic_id)
    spent = sum(int(row.price) for row in rows)
    return render_template(
        "console/costs.html",
        filled=filled,
        month=month,
        rows=rows,
        spent=spent,
        messages=sum(int(row.messages) for row in rows),
        languages=_by_language(rows),
        waiting=waiting,
        guessed=guessed(house().prices, house().settings.allowed_countries),
        as_of=house().prices.as_of,
        warns_at=budget.rules()["warns_at_percent"],
        **_against(amount, spent),
    )


def _against(amount: int | None, spent: int) -> dict[str, Any]:
    """How far the budget is used: `percent` of it, in full, and what the bar shows of it."""
    percent = None if amount is None else (100 * spent // amount if amount else 100)
    return {
        "amount": amount,
        "percent": percent,
        "is_spent": budget.is_spent(amount, spent),
        "is_near": budget.is_time_to_warn(amount, spent),
    }


def _by_language(rows: Any) -> list[dict[str, Any]]:
    """The texts of each language: how many, segments, price, the dearest first."""
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row.channel == "text":
            one = sums.setdefault(
                row.language, {"language": row.language, "messages": 0, "units": 0, "price": 0}
            )
            for name in ("messages", "units", "price"):
                one[name] += int(getattr(row, name))
    return sorted(sums.values(), key=lambda one: -one["price"])
