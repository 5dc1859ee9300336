"""Reminders that come up: put into the outbox from the visits, each once, in a fixed number of statements.

A visit is looked at when its start is as far ahead as a reminder's offset and `AHEAD` more, and again when it was
booked, moved or confirmed. So a reminder stands in the outbox some hours before it is due, and never long ahead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, or_, select, text, union_all, update

from care import outbox, reach
from care.reminders import settings
from care.reminders.rows import TOPIC, row_of
from care.rules.consent import NOT_GIVEN, STOPPED, WITHDRAWN
from care.rules.reaching import ByAPerson, Person, Way, way_to
from care.rules.reminder_times import CHANNELS, Due, Setting, reminders_of
from records import Database
from records.appointments import Appointment
from records.base import table_of
from records.outbox import OutboxRow
from records.patients import Patient
from records.reminders import ReminderSetting, RemindersPut
from records.tasks import Task

AHEAD = timedelta(hours=18)
"""More than a reminder is ever moved forward, out of the quiet hours and across a clock change."""
AHEAD_OF_HER_HOURS = timedelta(days=8)
"""The same for somebody with hours of her own: they come back every week."""
FIRST = timedelta(days=10)
"""How far back the first look goes: whatever may still be worth sending."""
COMMITTED_LATE = timedelta(minutes=2)
"""A change may become visible later than the moment that stands in it."""
FOLLOWED_THE_VISIT = ("visit moved", "visit called off")
"""Why a reminder was dropped that goes out after all where the visit comes back to its time."""
MARK = 1
WAY = ("number", "number_hash", "channel", "flow", "language", "due_at")
"""What of a row says how it goes, and when."""

_visits, _patients, _put, _tasks = map(table_of, (Appointment, Patient, RemindersPut, Task))
_hers = table_of(ReminderSetting).alias("hers")
_clinics = table_of(ReminderSetting).alias("clinics_own")
IS_COMING = text("appointments.state IN ('booked', 'confirmed')")
"""In the words of the index, which both databases use only so."""
VISITS = (
    select(
        _visits.c.id,
        _visits.c.clinic_id,
        _visits.c.patient_id,
        _visits.c.starts_at,
        _visits.c.timezone,
        _visits.c.changed_at,
        _hers.c.offsets,
        _hers.c.channels,
        _clinics.c.offsets.label("clinic_offsets"),
        _clinics.c.channels.label("clinic_channels"),
    )
    .join(_patients, _patients.c.id == _visits.c.patient_id)
    .join(_hers, _hers.c.patient_id == _visits.c.patient_id, isouter=True)
    .join(
        _clinics,
        and_(_clinics.c.clinic_id == _visits.c.clinic_id, _clinics.c.patient_id.is_(None)),
        isouter=True,
    )
    .where(IS_COMING, _patients.c.status == "active")
)
"""Coming visits, each with what its patient and its clinic wish."""
AGAIN = (
    update(OutboxRow)
    .where(
        OutboxRow.key.in_(bindparam("keys", expanding=True)),
        OutboxRow.status == "dropped",
        OutboxRow.reason.in_(FOLLOWED_THE_VISIT),
        OutboxRow.began_sending_at.is_(None),
    )
    .values(status="due", reason=None)
)
FOR_WANT_OF_A_WAY = ("number removed", STOPPED, WITHDRAWN, NOT_GIVEN)
"""Why one was dropped that goes out after all where she may be reached again."""
BY_ANOTHER_WAY = (
    update(table_of(OutboxRow))
    .where(
        table_of(OutboxRow).c.key == bindparam("of_key"),
        table_of(OutboxRow).c.status == "dropped",
        or_(*(table_of(OutboxRow).c.reason == why for why in FOR_WANT_OF_A_WAY)),  # no IN: it runs for many
        table_of(OutboxRow).c.began_sending_at.is_(None),
    )
    .values(status="due", reason=None, **{name: bindparam(f"new_{name}") for name in WAY})
)
MOST_AT_ONCE = 10_000
"""Rows in one statement."""


@dataclass
class ToPut:
    """What one look has found: rows for the outbox, and tasks where no machine may reach somebody."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)


def put_those_due(database: Database, now: datetime) -> int:
    """Put every reminder that comes up into the outbox. Returns how many rows that may be."""
    with database.reading() as connection:
        since = connection.scalar(select(_put.c.until).where(_put.c.id == MARK))
        visits = _coming_up(connection, since or now - FIRST, now)
        found = _found(connection, visits, now)
    with database.writing() as connection:
        _write(database, connection, found)
        if since is None:
            connection.execute(database.insert_once(RemindersPut).values(id=MARK, until=now))
        else:
            connection.execute(_put.update().where(_put.c.id == MARK, _put.c.until < now).values(until=now))
    return len(found.rows)


def put_anew(database: Database, connection: Connection, patients: Collection[int], now: datetime) -> None:
    """How these may be reached is another now: what was dropped, or never put, for want of a way goes out after all.

    Within the write that changed it: a number, or a word of consent.
    """
    hers = VISITS.where(_visits.c.patient_id.in_(sorted(patients)), _visits.c.starts_at > now)
    found = _found(connection, connection.execute(hers).all(), now)
    if found.rows:
        ways = [{"of_key": row["key"], **{f"new_{name}": row[name] for name in WAY}} for row in found.rows]
        connection.execute(BY_ANOTHER_WAY, ways)
    _write(database, connection, found)


def reminders(visit: Any, setting: Setting, her: Person) -> tuple[Due, ...]:
    """All reminders of a visit (`VISITS`, or an appointment's row), those that are over too."""
    return reminders_of(visit.starts_at, her.timezone, visit.changed_at, setting.offsets, her.safe)


def ways_to(her: Person, setting: Setting, now: datetime) -> tuple[Sequence[Way], ByAPerson | None]:
    """How she is reminded: one way, or two where both are wished; none, and why no machine may."""
    if setting.channels != "both":
        way = way_to(her, TOPIC, CHANNELS[setting.channels], now)
        return ((), way) if isinstance(way, ByAPerson) else ((way,), None)
    found = [way_to(her, TOPIC, (channel,), now) for channel in ("text", "call")]
    ways = [way for way in found if isinstance(way, Way)]
    no = [way for way in found if isinstance(way, ByAPerson)]
    return ways, None if ways else min(no, key=lambda one: one.quiet)


def _coming_up(connection: Connection, since: datetime, now: datetime) -> Sequence[Any]:
    offsets = tuple(sorted(settings.in_use(connection), key=lambda offset: offset.word))
    about: dict[str, datetime] = {"now": now, "changed": since - COMMITTED_LATE}
    for place, offset in enumerate(offsets):
        about |= {f"near{place}": since + offset.length + AHEAD, f"far{place}": now + offset.length + AHEAD}
        about |= {
            f"hers_near{place}": since + offset.length + AHEAD_OF_HER_HOURS,
            f"hers_far{place}": now + offset.length + AHEAD_OF_HER_HOURS,
        }
    return connection.execute(_query(len(offsets)), about).all()


@lru_cache(maxsize=64)
def _query(many: int) -> Select[Any]:
    """Visits that come within reach of one of so many offsets, or were changed. Each range is one of the index."""
    starts, moment = _visits.c.starts_at, _visits.c.starts_at.type
    coming = select(_visits.c.id).where(IS_COMING)

    def within(low: str, high: str) -> Select[Any]:
        return coming.where(starts > bindparam(low, type_=moment), starts <= bindparam(high, type_=moment))

    changed = coming.where(
        _visits.c.changed_at > bindparam("changed", type_=moment), starts > bindparam("now", type_=moment)
    )
    with_rules = (
        select(_patients.c.id)
        .where(_patients.c.id == _visits.c.patient_id, _patients.c.safe_contact.is_not(None))
        .correlate(_visits)
        .exists()
    )
    parts = [changed]
    for place in range(many):
        parts.append(within(f"near{place}", f"far{place}"))
        hers = within(f"hers_near{place}", f"hers_far{place}")
        parts.append(hers.where(with_rules))
    return VISITS.where(_visits.c.id.in_(union_all(*parts)))


def _found(connection: Connection, visits: Sequence[Any], now: datetime) -> ToPut:
    found = ToPut()
    if not visits:
        return found
    persons = reach.people(connection, {visit.patient_id for visit in visits}, now)
    for visit in visits:
        her, setting = persons[visit.patient_id], settings.setting_of(visit)
        due = list(_within_reach(visit, setting, her, now))
        if not due:
            continue
        ways, no = ways_to(her, setting, now)
        both = setting.channels == "both"
        found.rows += [row_of(visit, her, way, one, now, both=both) for one in due for way in ways]
        if no is not None and not no.quiet:
            task = _task(visit, her, no, now)
            found.tasks[task["key"]] = task
    return found


def _within_reach(visit: Any, setting: Setting, her: Person, now: datetime) -> Iterator[Due]:
    """Those whose time has come to be put, and has not gone by."""
    ahead = AHEAD_OF_HER_HOURS if her.safe.windows else AHEAD
    reached = {offset.word for offset in setting.offsets if visit.starts_at <= now + offset.length + ahead}
    for due in reminders(visit, setting, her):
        if due.offset in reached and due.until > now:
            yield due


def _task(visit: Any, her: Person, why: ByAPerson, now: datetime) -> dict[str, Any]:
    number = {"number": her.numbers[0].number} if her.numbers else {}
    return {
        "key": f"remind_by_person:{visit.id}:{visit.starts_at.isoformat(timespec='minutes')}",
        "clinic_id": her.clinic,
        "reason": "remind_by_person",
        "same_day": False,
        "patient_id": her.patient,
        "conversation_id": None,
        "details": {**number, "why": why.reason},
        "state": "open",
        "created_at": now,
    }


def _write(database: Database, connection: Connection, found: ToPut) -> None:
    for rows in _in_parts(found.rows):
        connection.execute(AGAIN, {"keys": [row["key"] for row in rows]})
        outbox.put_all(database, connection, rows)
    if found.tasks:
        connection.execute(database.insert_once(Task), list(found.tasks.values()))


def _in_parts(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for begin in range(0, len(rows), MOST_AT_ONCE):
        yield rows[begin : begin + MOST_AT_ONCE]
