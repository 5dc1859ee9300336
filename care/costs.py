"""What texts and calls cost a clinic: priced before they go, summed by month, held to a budget."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from care import audit, tasks
from care.rules import budget
from care.rules.gate import OVER_BUDGET
from care.rules.prices import Prices, started_minutes
from records import Database
from records.base import table_of
from records.clinics import Clinic
from records.costs import PARTS, Spending, add
from records.outbox import OutboxRow
from records.tasks import Task

_outbox, _spending = table_of(OutboxRow), table_of(Spending)
REPRICE = (
    _outbox.update()
    .where(_outbox.c.id == bindparam("row"))
    .values(price=func.coalesce(_outbox.c.price, 0) + bindparam("more"))
)
"""Made once: building a statement costs more than running it."""


@dataclass(frozen=True)
class Charge:
    """What one try of a row of the outbox is expected to cost, and in which sum it is counted.

    `units` are segments of texts or started minutes of a call; `price` is in micro-dollars.
    """

    clinic_id: int
    month: date
    kind: str
    channel: str
    language: str
    part: int
    messages: int
    units: int
    price: int


def of_texts(
    prices: Prices, row: Any, zone: str, at: datetime, segments: Sequence[int], language: str
) -> Charge:
    """Of texts with so many segments each, begun at `at` by a clinic in `zone`."""
    price = prices.text(row.number, sum(segments))
    return _charge(row, zone, at, language, len(segments), sum(segments), price)


def of_call(prices: Prices, row: Any, zone: str, at: datetime, language: str) -> Charge:
    """Of a call, before it is answered: one minute of it."""
    return _charge(row, zone, at, language, 1, 1, prices.call(row.number, 1))


def count(connection: Connection, charge: Charge) -> None:
    """Into the sum of its month. The row's own price is written beside it, by whoever begins it."""
    add(connection, vars(charge))


def give_back(connection: Connection, row: int, charge: Charge) -> None:
    """The carrier did not take it: from the row and from the sum."""
    _correct(connection, row, replace(charge, messages=-charge.messages), -charge.units, -charge.price)


def call_ended(
    connection: Connection, prices: Prices, row: Any, *, answered: bool, seconds: int | None
) -> None:
    """The carrier's last word on the call that a row placed: what one minute was expected for is put right.

    A call that nobody answered costs nothing; one whose length is not told stays at a minute.
    """
    if row.price is None or row.began_sending_at is None:
        return
    expected = min(row.price, prices.call(row.number, 1))
    minutes = started_minutes(seconds) if answered else 0
    if minutes == 1:
        return
    more = prices.call(row.number, minutes) - expected
    zone = connection.scalars(select(Clinic.timezone).where(Clinic.id == row.clinic_id)).one()
    charge = _charge(row, zone, row.began_sending_at, row.language or "", 0, 0, 0)
    _correct(connection, row.id, charge, minutes - 1, more)


def _charge(
    row: Any, zone: str, at: datetime, language: str, messages: int, units: int, price: int
) -> Charge:
    part = zlib.crc32(row.number.encode()) % PARTS
    month = budget.month_of(at, zone)
    return Charge(row.clinic_id, month, row.kind, row.channel, language, part, messages, units, price)


def _correct(connection: Connection, row: int, charge: Charge, units: int, price: int) -> None:
    connection.execute(REPRICE, {"row": row, "more": price})
    count(connection, replace(charge, units=units, price=price))


def of_month(connection: Connection, clinic_id: int, month: date) -> Sequence[Any]:
    """A clinic's sums of a month: kind, channel, language, messages, units, price; the dearest first."""
    sums = [func.sum(_spending.c[name]).label(name) for name in ("messages", "units", "price")]
    by = [_spending.c[name] for name in ("kind", "channel", "language")]
    return connection.execute(
        select(*by, *sums)
        .where(_spending.c.clinic_id == clinic_id, _spending.c.month == month)
        .group_by(*by)
        .order_by(sums[2].desc(), *by)
    ).all()


def held(connection: Connection, clinic_id: int) -> int:
    """How many texts and calls of a clinic wait because its budget is spent."""
    return int(connection.scalar(select(func.count()).select_from(OutboxRow).where(*_held(clinic_id))) or 0)


def set_budget(
    database: Database, connection: Connection, clinic_id: int, amount: int | None, *, by: str, now: datetime
) -> None:
    """A clinic's budget for each month from now on, in micro-dollars; None: no limit. What it held is looked at now."""
    connection.execute(update(Clinic).where(Clinic.id == clinic_id).values(month_budget=amount))
    connection.execute(update(OutboxRow).where(*_held(clinic_id)).values(due_at=now))
    audit.note(
        database, connection, by=by, did="set_budget", now=now, clinic_id=clinic_id, about="month_budget"
    )


def tell_of_hold(database: Database, connection: Connection, clinic_id: int, now: datetime) -> None:
    """Something was held because the budget is spent: staff hear of it once for each budget and month."""
    clinic = connection.execute(
        select(Clinic.id, Clinic.timezone, Clinic.month_budget).where(Clinic.id == clinic_id)
    ).one()
    _make_task(database, connection, "budget_spent", clinic, now)


def warn(database: Database, now: datetime) -> int:
    """Tasks for staff where most of a month's budget is spent, once each; how many clinics that are."""
    months = budget.months_now(now)
    spent = func.sum(_spending.c.price).label("spent")
    query = (
        select(Clinic.id, Clinic.timezone, Clinic.month_budget, _spending.c.month, spent)
        .join(_spending, _spending.c.clinic_id == Clinic.id)
        .where(Clinic.month_budget.is_not(None), _spending.c.month.in_(months))
        .group_by(Clinic.id, Clinic.timezone, Clinic.month_budget, _spending.c.month)
    )
    with database.reading() as connection:
        near = [
            row
            for row in connection.execute(query)
            if row.month == budget.month_of(now, row.timezone)
            and budget.is_time_to_warn(row.month_budget, int(row.spent))
        ]
        told = _told(connection, [_key("budget_warned", clinic, now) for clinic in near])
    new = [clinic for clinic in near if _key("budget_warned", clinic, now) not in told]
    for clinic in new:  # once a month each
        with database.writing() as connection:
            _make_task(database, connection, "budget_warned", clinic, now)
    return len(new)


def _held(clinic_id: int) -> tuple[Any, ...]:
    return (OutboxRow.status == "due", OutboxRow.clinic_id == clinic_id, OutboxRow.reason == OVER_BUDGET)


def _key(reason: str, clinic: Any, now: datetime) -> str:
    return f"{reason}:{clinic.id}:{budget.month_of(now, clinic.timezone):%Y-%m}:{clinic.month_budget}"


def _told(connection: Connection, keys: Sequence[str]) -> set[str]:
    return set(connection.scalars(select(Task.key).where(Task.key.in_(keys)))) if keys else set()


def _make_task(database: Database, connection: Connection, reason: str, clinic: Any, now: datetime) -> None:
    tasks.make(
        database,
        connection,
        key=_key(reason, clinic, now),
        clinic_id=clinic.id,
        reason=reason,
        same_day=reason == "budget_spent",
        now=now,
    )
