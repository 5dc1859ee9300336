"""Rows of people, many at a time: read, written and changed with one statement for each table.

A CSV file brings thousands; the console brings one. Both go through here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, delete, select

from care import names
from care.rules import identity
from care.rules.patient_changes import ENROLMENT, same_enrolment
from care.rules.patient_fields import Fields
from care.rules.record_numbers import plain
from records import new_ids
from records.base import table_of
from records.patients import Consent, Enrolment, Patient, PatientNumber, Proxy
from records.sealing import hashed

_patients, _numbers, _proxies, _enrolments, _consents = map(
    table_of, (Patient, PatientNumber, Proxy, Enrolment, Consent)
)
COLUMNS = (
    "name", "birth_date", "language", "other_languages", "interpreter", "timezone", "state", "address",
    "record_number", "record_number_hash", "pin_hash", "safe_contact", "own_topics",
)  # fmt: skip
"""What a row may change of the table of patients."""
EMPTY: Mapping[str, Any] = dict.fromkeys(COLUMNS) | {"other_languages": [], "own_topics": []}
ADD = _patients.insert().returning(_patients.c.id, sort_by_parameter_order=True)
CHANGE = (
    _patients.update()
    .where(_patients.c.id == bindparam("her_id"))
    .values({column: bindparam(f"new_{column}", type_=_patients.c[column].type) for column in COLUMNS})
)


@dataclass(frozen=True)
class Known:
    """A patient as she is: rows of her tables."""

    patient: Row[Any]
    numbers: Sequence[Row[Any]]
    proxies: Sequence[Row[Any]]
    enrolments: Sequence[Row[Any]]
    consents: Sequence[Row[Any]]


def known(connection: Connection, clinic_id: int, ids: Iterable[int]) -> dict[int, Known]:
    """Everything that a row can say, of these patients of the clinic: five statements, however many."""
    asked = list(ids)
    patients = connection.execute(
        select(_patients).where(_patients.c.clinic_id == clinic_id, _patients.c.id.in_(asked))
    ).all()
    parts = []
    for table, order in (
        (_numbers, (_numbers.c.rank, _numbers.c.id)),
        (_proxies, (_proxies.c.id,)),
        (_enrolments, (_enrolments.c.id,)),
        (_consents, (_consents.c.at, _consents.c.id)),
    ):
        found = defaultdict(list)
        for row in connection.execute(select(table).where(table.c.patient_id.in_(asked)).order_by(*order)):
            found[row.patient_id].append(row)
        parts.append(found)
    return {row.id: Known(row, *(found[row.id] for found in parts)) for row in patients}


def add(
    connection: Connection, clinic_id: int, people: Sequence[Fields], *, timezone: str, by: str, now: datetime
) -> list[int]:
    """Write new patients; their ids, in order."""
    if not people:
        return []
    rows = [
        {
            **EMPTY, "timezone": timezone, **columns_of(clinic_id, fields), "clinic_id": clinic_id,
            "status": "active", "created_at": now, **given,
        }
        for fields, given in zip(people, new_ids.for_patients(connection, len(people)), strict=True)
    ]  # fmt: skip
    ids = list(connection.scalars(ADD, rows))
    both = list(zip(ids, people, strict=True))
    _write(
        connection, _numbers, [_number(clinic_id, her, one) for her, new in both for one in new.numbers or ()]
    )
    _write(
        connection,
        _proxies,
        [_proxy(clinic_id, her, one, now) for her, new in both for one in new.proxies or ()],
    )
    zones = [row["timezone"] for row in rows]
    _write(
        connection,
        _enrolments,
        [
            _enrolment(clinic_id, her, new)
            for (her, new), zone in zip(both, zones, strict=True)
            if new.enrolment
        ],
    )
    _write(
        connection,
        _consents,
        [
            _consent(clinic_id, her, one, zone, by)
            for (her, new), zone in zip(both, zones, strict=True)
            for one in new.consents
        ],
    )
    names.index_names(connection, clinic_id, [(her, new.values["name"]) for her, new in both])
    return ids


def change(
    connection: Connection,
    clinic_id: int,
    changed: Sequence[tuple[Known, Fields, Sequence[str]]],
    *,
    by: str,
    now: datetime,
) -> None:
    """Write what differs: who she is, what is said of her, and the words of `patient_changes.differences`."""
    of = [(one, fields, set(words), one.patient.id) for one, fields, words in changed]
    plain_ones = [
        {"her_id": her, **_new(clinic_id, one, fields)}
        for one, fields, words, her in of
        if words - {"numbers", "proxies", "programme", "consent"}
    ]
    if plain_ones:
        connection.execute(CHANGE, plain_ones)
    renamed = {her: fields.values["name"] for _, fields, words, her in of if "name" in words}
    if renamed:
        names.index_names(connection, clinic_id, renamed.items(), renamed=renamed)
    numbered = [(her, fields.numbers or ()) for _, fields, words, her in of if "numbers" in words]
    if numbered:
        connection.execute(delete(_numbers).where(_numbers.c.patient_id.in_([her for her, _ in numbered])))
        _write(connection, _numbers, [_number(clinic_id, her, one) for her, hers in numbered for one in hers])
    _change_proxies(connection, clinic_id, [one for one in of if "proxies" in one[2]], now)
    _change_enrolments(connection, clinic_id, [one for one in of if "programme" in one[2]])
    _write(
        connection,
        _consents,
        [
            _consent(clinic_id, her, new, fields.values.get("timezone") or one.patient.timezone, by)
            for one, fields, words, her in of
            if "consent" in words
            for new in fields.consents
            if not is_known(one, new, fields.values.get("timezone") or one.patient.timezone)
        ],
    )


def columns_of(clinic_id: int, fields: Fields) -> dict[str, Any]:
    """What fields write into the table of patients."""
    values = {column: value for column, value in fields.values.items() if column != "pin"}
    if "pin" in fields.values:
        pin = fields.values["pin"]
        values["pin_hash"] = identity.pin_hash(pin) if pin else None
    if "record_number" in values:
        values["record_number_hash"] = record_number_hash(clinic_id, values["record_number"])
    return values


def record_number_hash(clinic_id: int, record_number: str | None) -> str | None:
    """Capitals, spaces and signs aside: M-0042 and m0042 are one."""
    return hashed(f"record:{clinic_id}:{plain(record_number)}") if record_number else None


def is_known(one: Known, new: Mapping[str, Any], timezone: str) -> bool:
    """Is this word of consent written already?"""
    what = (new["topic"], new["channel"], new["text_version"], given_at(new, timezone))
    return any(
        (row.topic, row.channel, row.text_version, row.at) == what for row in one.consents if row.given
    )


def given_at(consent: Mapping[str, Any], timezone: str) -> datetime:
    """The first moment of the day: what she withdrew that day still counts."""
    return datetime.combine(consent["on"], time(0), ZoneInfo(timezone)).astimezone(UTC)


def _new(clinic_id: int, one: Known, fields: Fields) -> dict[str, Any]:
    row = one.patient._mapping
    values = columns_of(clinic_id, fields)
    return {
        f"new_{column}": values.get(column, row[column]) if column in values else row[column]
        for column in COLUMNS
    }


def _change_proxies(connection: Connection, clinic_id: int, of: Sequence[Any], now: datetime) -> None:
    """In place where it is the same person: conversations and the audit name proxies by id."""
    gone, new, same = [], [], []
    for one, fields, _, her in of:
        left = list(one.proxies)
        for proxy in fields.proxies or ():
            row = next((row for row in left if _is_same_proxy(row, proxy)), None)
            if row is None:
                new.append(_proxy(clinic_id, her, proxy, now))
            else:
                left.remove(row)
                same.append({**_proxy(clinic_id, her, proxy, row.created_at), "proxy_id": row.id})
        gone += [row.id for row in left]
    if gone:
        connection.execute(delete(_proxies).where(_proxies.c.id.in_(gone)))
    if same:
        names_of = [column.name for column in _proxies.c if column.name != "id"]
        values = {name: bindparam(f"new_{name}", type_=_proxies.c[name].type) for name in names_of}
        connection.execute(
            _proxies.update().where(_proxies.c.id == bindparam("proxy_id")).values(values),
            [
                {"proxy_id": row["proxy_id"], **{f"new_{name}": row[name] for name in names_of}}
                for row in same
            ],
        )
    _write(connection, _proxies, new)


def _change_enrolments(connection: Connection, clinic_id: int, of: Sequence[Any]) -> None:
    new, moved = [], []
    for one, fields, _, her in of:
        row = same_enrolment(one.enrolments, fields.enrolment)
        written = _enrolment(clinic_id, her, fields)
        if row is None:
            new.append(written)
        else:
            moved.append({"enrolment": row.id, **{f"new_{column}": written[column] for column in ENROLMENT}})
    if moved:
        columns = ENROLMENT
        values = {column: bindparam(f"new_{column}", type_=_enrolments.c[column].type) for column in columns}
        connection.execute(
            _enrolments.update().where(_enrolments.c.id == bindparam("enrolment")).values(values), moved
        )
    _write(connection, _enrolments, new)


def _is_same_proxy(row: Any, proxy: Mapping[str, Any]) -> bool:
    return (row.name, row.birth_date) == (proxy["name"], proxy["birth_date"])


def _number(clinic_id: int, patient_id: int, number: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **number,
        "clinic_id": clinic_id,
        "patient_id": patient_id,
        "number_hash": hashed(number["number"]),
    }


def _proxy(clinic_id: int, patient_id: int, proxy: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {**_number(clinic_id, patient_id, proxy), "created_at": now}


def _enrolment(clinic_id: int, patient_id: int, fields: Fields) -> dict[str, Any]:
    assert fields.enrolment is not None
    return {**fields.enrolment, "clinic_id": clinic_id, "patient_id": patient_id, "limits": None}


def _consent(
    clinic_id: int, patient_id: int, consent: Mapping[str, Any], timezone: str, by: str
) -> dict[str, Any]:
    what = {column: consent[column] for column in ("topic", "channel", "text_version", "language")}
    of = {"clinic_id": clinic_id, "patient_id": patient_id, "number_hash": None}
    return {**what, **of, "given": True, "by": by, "at": given_at(consent, timezone)}


def _write(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(table.insert(), rows)
