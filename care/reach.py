"""What the records know of how people may be reached, read for the rules: of many patients, or for one at the gate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    Boolean,
    Connection,
    Date,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.sql.expression import ColumnElement

from care.rules import budget, safe_contact
from care.rules.consent import Word
from care.rules.gate import Recipient
from care.rules.kinds import kinds
from care.rules.reaching import Number, Person, why_not
from records.base import table_of
from records.clinics import Clinic
from records.costs import Spending
from records.outbox import OutboxRow
from records.patients import Consent, Contact, Patient, PatientNumber, Proxy

_clinics, _patients, _numbers, _proxies, _contacts, _consents, _outbox, _spending = map(
    table_of, (Clinic, Patient, PatientNumber, Proxy, Contact, Consent, OutboxRow, Spending)
)
_IDS: BindParameter[Any] = bindparam("patients", expanding=True)
_HER = (
    _patients.c.id.label("patient"),
    _patients.c.clinic_id.label("clinic"),
    _patients.c.birth_date,
    _patients.c.language,
    _patients.c.timezone,
    _patients.c.status,
    _patients.c.safe_contact,
    _patients.c.own_topics,
)
_MARKS = (_contacts.c.opted_out_at, _contacts.c.blocked_at, _contacts.c.wrong_person_at)
_WORD = (
    _consents.c.id.label("word"),
    _consents.c.topic,
    _consents.c.channel,
    _consents.c.given,
    _consents.c.patient_id.label("said_by"),
    _consents.c.number_hash.label("said_at"),
)


def _numbers_in(table: Any, *columns: ColumnElement[Any]) -> Select[Any]:
    """Her numbers that stand in one table, each with what it has told us."""
    return (
        select(*_HER, table.c.number, table.c.number_hash, *columns, *_MARKS)
        .select_from(_patients)
        .join(table, table.c.patient_id == _patients.c.id)
        .join(
            _contacts,
            and_(
                _contacts.c.clinic_id == _patients.c.clinic_id,
                _contacts.c.number_hash == table.c.number_hash,
            ),
            isouter=True,
        )
        .where(_patients.c.id.in_(_IDS))
    )


NUMBERS = _numbers_in(
    _numbers,
    _numbers.c.id.label("place"),
    _numbers.c.kind,
    _numbers.c.shared,
    _numbers.c.text_only,
    _numbers.c.rank,
    type_coerce(null(), _proxies.c.topics.type).label("topics"),
    type_coerce(null(), _proxies.c.language.type).label("proxy_language"),
    type_coerce(null(), _proxies.c.ends_on.type).label("ends_on"),
    literal(0).label("is_proxys"),
).union_all(
    _numbers_in(
        _proxies,
        _proxies.c.id,
        literal("mobile"),
        false(),
        false(),
        literal(0),
        _proxies.c.topics,
        _proxies.c.language,
        _proxies.c.ends_on,
        literal(1),
    )
)
_ALONE = select(*_HER).where(_patients.c.id.in_(_IDS))
WORDS = (
    select(*_WORD, _consents.c.clinic_id.label("clinic"))
    .where(
        or_(
            _consents.c.patient_id.in_(_IDS),
            and_(
                _consents.c.patient_id.is_(None),
                _consents.c.number_hash.in_(bindparam("hashes", expanding=True)),
            ),
        )
    )
    .order_by(_consents.c.at, _consents.c.id)
)
_sent = (
    _outbox.c.clinic_id == bindparam("clinic"),
    _outbox.c.number_hash == bindparam("number_hash"),
    _outbox.c.kind == bindparam("kind"),
    _outbox.c.id != bindparam("but"),
)
_moment = _outbox.c.sent_at.type
_today = case((_outbox.c.sent_at > bindparam("a_day_ago", type_=_moment), 1), else_=0)
SENT = (
    select(func.sum(_today).label("today"), func.count().label("week"))
    .where(*_sent, _outbox.c.sent_at > bindparam("a_week_ago", type_=_moment))
    .subquery("sent_before")
)


def _spent(month: str) -> ColumnElement[Any]:
    return func.sum(case((_spending.c.month == bindparam(month, type_=Date()), _spending.c.price), else_=0))


SPENT = (
    select(_spent("month").label("in_month"), _spent("other_month").label("in_other_month"))
    .where(
        bindparam("weighs", type_=Boolean()),
        _spending.c.clinic_id == bindparam("clinic"),
        _spending.c.month.in_((bindparam("month", type_=Date()), bindparam("other_month", type_=Date()))),
    )
    .subquery("spent")
)
"""For what the budget may hold alone, and in both months that it is somewhere: the clinic's zone is read with it."""
AT_THE_GATE = (
    select(
        _clinics.c.timezone.label("clinic_zone"),
        _clinics.c.month_budget,
        SPENT.c.in_month,
        SPENT.c.in_other_month,
        *_HER,
        _numbers.c.id.label("number_id"),
        _numbers.c.kind,
        _numbers.c.shared,
        _numbers.c.text_only,
        _proxies.c.id.label("proxy"),
        _proxies.c.topics,
        _proxies.c.ends_on,
        *_MARKS,
        *_WORD,
        SENT.c.today,
        SENT.c.week,
    )
    .select_from(_clinics)
    .join(SENT, true())
    .join(SPENT, true())
    .join(
        _patients,
        and_(_patients.c.id == bindparam("patient"), _patients.c.clinic_id == _clinics.c.id),
        isouter=True,
    )
    .join(
        _numbers,
        and_(_numbers.c.patient_id == _patients.c.id, _numbers.c.number_hash == bindparam("number_hash")),
        isouter=True,
    )
    .join(
        _proxies,
        and_(_proxies.c.patient_id == _patients.c.id, _proxies.c.number_hash == bindparam("number_hash")),
        isouter=True,
    )
    .join(
        _contacts,
        and_(_contacts.c.clinic_id == _clinics.c.id, _contacts.c.number_hash == bindparam("number_hash")),
        isouter=True,
    )
    .join(
        _consents,
        or_(
            _consents.c.patient_id == _patients.c.id,
            and_(
                _consents.c.clinic_id == _clinics.c.id,
                _consents.c.number_hash == bindparam("number_hash"),
                _consents.c.patient_id.is_(None),
            ),
        ),
        isouter=True,
    )
    .where(_clinics.c.id == bindparam("clinic"))
    .order_by(_consents.c.at, _consents.c.id)
)
"""Made once: building a statement costs more than running it."""
MOST_AT_ONCE = 10_000
"""Patients in one statement: databases take some 32,000 values."""


def people(connection: Connection, patients: Collection[int], now: datetime) -> Mapping[int, Person]:
    """How each of these patients may be reached: two queries for all of them (for every ten thousand)."""
    ids = sorted(set(patients))
    found: dict[int, Person] = {}
    for begin in range(0, len(ids), MOST_AT_ONCE):
        found |= _people(connection, ids[begin : begin + MOST_AT_ONCE], now)
    return found


def _people(connection: Connection, ids: list[int], now: datetime) -> Mapping[int, Person]:
    rows = connection.execute(NUMBERS, {"patients": ids}).all()
    of_numbers: dict[tuple[int, str], list[Word]] = defaultdict(list)
    of_patients: dict[int, list[Word]] = defaultdict(list)
    hashes = sorted({row.number_hash for row in rows})
    for row in connection.execute(WORDS, {"patients": ids, "hashes": hashes}):
        word = _word(row)
        if word.patient is None:
            of_numbers[row.clinic, row.said_at].append(word)
        else:
            of_patients[word.patient].append(word)
    persons: dict[int, Person] = {}
    numbers: dict[int, dict[str, Number]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: (row.is_proxys, row.place)):
        if row.patient not in persons:
            persons[row.patient] = _person(row, of_patients[row.patient])
        here = numbers[row.patient]
        words = of_numbers[row.clinic, row.number_hash]
        number = _number(row, row.number, words, hers=not row.is_proxys, now=now)
        here[number.number_hash] = _one(here.get(number.number_hash), number)
    missing = [one for one in ids if one not in persons]
    if missing:
        for alone in connection.execute(_ALONE, {"patients": missing}):
            persons[alone.patient] = _person(alone, of_patients[alone.patient])
    return {
        patient: replace(person, numbers=tuple(numbers[patient].values()))
        for patient, person in persons.items()
    }


def recipient(connection: Connection, row: Any, now: datetime) -> Recipient:
    """All that the gate needs for a row of the outbox, in one query.

    `row` has clinic_id, patient_id (None: an answer to whoever holds the number), number, number_hash,
    channel, kind and id.
    """
    month, other_month = budget.months_now(now)
    rows = connection.execute(
        AT_THE_GATE,
        {
            "clinic": row.clinic_id,
            "patient": row.patient_id,
            "number_hash": row.number_hash,
            "kind": row.kind,
            "but": row.id,
            "a_day_ago": now - timedelta(days=1),
            "a_week_ago": now - timedelta(days=7),
            "weighs": not kinds()[row.kind].clinical,
            "month": month,
            "other_month": other_month,
        },
    ).all()
    first = rows[0]
    words = list({found.word: _word(found) for found in rows if found.word is not None}.values())
    person = _person(first, [word for word in words if word.patient is not None]) if first.patient else None
    of_number = [word for word in words if word.patient is None]
    number = _number(
        first, row.number, of_number, hers=first.number_id is not None, now=now, at=row.number_hash
    )
    for other in rows[1:]:
        if other.proxy is not None and other.proxy != first.proxy:
            number = _one(
                number, _number(other, row.number, of_number, hers=False, now=now, at=row.number_hash)
            )
    return Recipient(
        number,
        row.channel,
        first.timezone or first.clinic_zone,
        person,
        int(first.today or 0),
        int(first.week or 0),
        _budget_spent_until(first, month, now),
    )


def _budget_spent_until(row: Any, month: date, now: datetime) -> datetime | None:
    spent = row.in_month if budget.month_of(now, row.clinic_zone) == month else row.in_other_month
    return budget.look_again(row.month_budget, int(spent or 0), now, row.clinic_zone)


def is_stopped(connection: Connection, row: Any, now: datetime) -> bool:
    """May a row of the outbox that is under way not go on to her: did she stop us, or is the number another's now?"""
    kind = kinds()[row.kind]
    if kind.to != "patient":
        return False
    to = recipient(connection, row, now)
    return why_not(to.person, to.number, kind.topic, row.channel) is not None


def _word(row: Any) -> Word:
    return Word(row.topic, row.channel, row.given, row.said_by, row.said_at)


def _person(row: Any, words: Iterable[Word]) -> Person:
    return Person(
        row.patient,
        row.clinic,
        row.birth_date,
        row.language,
        row.timezone,
        row.status == "active",
        safe_contact.read(row.safe_contact),
        frozenset(row.own_topics or ()),
        tuple(words),
    )


def _number(
    row: Any, number: str, words: Iterable[Word], *, hers: bool, now: datetime, at: str | None = None
) -> Number:
    zone = row.timezone
    today: date = now.astimezone(ZoneInfo(zone) if zone else None).date()
    speaks = row.topics is not None and (row.ends_on is None or row.ends_on >= today)
    return Number(
        number,
        at or row.number_hash,
        row.kind or "mobile",
        hers=hers,
        of_proxy=row.topics is not None,
        topics=frozenset(row.topics) if speaks else frozenset(),
        language=getattr(row, "proxy_language", None),
        shared=bool(row.shared),
        text_only=bool(row.text_only),
        rank=getattr(row, "rank", 0),
        opted_out=row.opted_out_at is not None,
        blocked=row.blocked_at is not None,
        wrong_person=row.wrong_person_at is not None,
        words=tuple(words),
    )


def _one(known: Number | None, other: Number) -> Number:
    """The same phone twice: hers and a proxy's, or two proxies'."""
    if known is None:
        return other
    return replace(
        known,
        hers=known.hers or other.hers,
        of_proxy=known.of_proxy or other.of_proxy,
        topics=known.topics | other.topics,
        shared=known.shared or other.shared,
        text_only=known.text_only or other.text_only,
    )
