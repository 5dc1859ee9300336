"""Two records of one person become one, by a person's decision: nothing here is done by itself.

All that refers to the one that goes refers to the one that is kept afterwards. The row of the one that goes stays, with
what it said of her, so that the decision can be looked at and undone by hand: the audit says what was moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, update

from care import audit, patient_rows, tasks
from care.patient_rows import Known
from care.patient_tables import patient_columns
from care.reminders import settings
from care.rules import merging as rules
from care.scheduling import leaving
from records import Database
from records.base import table_of
from records.conversations import Conversation
from records.duplicates import DuplicatePair
from records.names import NameToken
from records.patients import Consent, Enrolment, Patient, PatientNumber, Proxy

_conversations, _tokens, _pairs = map(table_of, (Conversation, NameToken, DuplicatePair))
IN_THEIR_OWN_WAY = frozenset({"patient_name_tokens", "duplicate_pairs", "reminder_settings"})
"""Tables in which a patient's id is part of a unique key."""
GOES_ON = ("placed", "open", "left")


class CannotMerge(ValueError):
    """The two are not two patients of this clinic, or one of them was merged before."""


def merge(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    keep: int,
    gone: int,
    by: str,
    now: datetime,
) -> bool:
    """`gone` is `keep` from here on. Raises CannotMerge. What protects her more wins (care.rules.merging)."""
    first, second = _hold(connection, clinic_id, keep, gone)
    moved = _what_moves(second)
    _merge_numbers(connection, first, second)
    _merge_proxies(connection, first, second)
    _end_doubled(connection, first, second)
    _rewrite_positions(connection, keep, gone)
    leaving.hand_over(database, connection, clinic_id, keep, gone, now)
    _move_tokens(connection, keep, gone)
    settings.bring_together(connection, keep, gone)
    _settle_pairs(connection, keep, gone, by, now)
    for column in patient_columns():
        if column.table.name not in IN_THEIR_OWN_WAY:
            connection.execute(column.table.update().where(column == gone).values({column: keep}))
    connection.execute(update(Patient).where(Patient.merged_into == gone).values(merged_into=keep))
    connection.execute(
        update(Patient)
        .where(Patient.id == gone)
        .values(status="merged", merged_into=keep, closed_at=now, record_number_hash=_freed(first, second))
    )
    values = rules.merged_values(first.patient, second.patient)
    if second.patient.status == "active":  # where one of the two is with the clinic, she is
        values |= {"status": "active", "closed_at": None}
    connection.execute(update(Patient).where(Patient.id == keep).values(**values))
    _renew_withdrawals(connection, first, second, by, now)
    _ask_about_safe_contact(database, connection, first, second, now)
    for patient, did, about in (
        (keep, "merged", f"from:{gone} {moved}"),
        (gone, "merged", f"into:{keep} {moved}"),
    ):
        audit.note(
            database,
            connection,
            by=by,
            did=did,
            now=now,
            clinic_id=clinic_id,
            patient_id=patient,
            about=about,
        )
    return True


def _hold(connection: Connection, clinic_id: int, keep: int, gone: int) -> tuple[Known, Known]:
    """Both, as they are, and nobody else changes them until this write is over."""
    connection.execute(
        select(Patient.id).where(Patient.id.in_([keep, gone])).order_by(Patient.id).with_for_update()
    )
    both = patient_rows.known(connection, clinic_id, [keep, gone])
    if len(both) != 2 or any(one.patient.status == "merged" for one in both.values()):
        raise CannotMerge
    return both[keep], both[gone]


def _what_moves(gone: Known) -> str:
    """Ids for the audit, with which a merge can be undone by hand."""
    parts: dict[str, Sequence[Row[Any]]] = {
        "numbers": gone.numbers,
        "proxies": gone.proxies,
        "enrolments": gone.enrolments,
        "consents": gone.consents,
    }
    return " ".join(f"{name}:{','.join(str(row.id) for row in rows)}" for name, rows in parts.items() if rows)


def _merge_numbers(connection: Connection, keep: Known, gone: Known) -> None:
    said, twice = rules.merged_numbers(keep.numbers, gone.numbers)
    if twice:
        connection.execute(delete(PatientNumber).where(PatientNumber.id.in_(twice)))
    _set_each(connection, PatientNumber, said)


def _merge_proxies(connection: Connection, keep: Known, gone: Known) -> None:
    changed, instead = rules.merged_proxies(keep.proxies, gone.proxies)
    _set_each(connection, Proxy, changed)
    if instead:
        connection.execute(
            _conversations.update()
            .where(_conversations.c.proxy_id == bindparam("was"))
            .values(proxy_id=bindparam("kept")),
            [{"was": was, "kept": kept} for was, kept in instead.items()],
        )
        connection.execute(delete(Proxy).where(Proxy.id.in_(list(instead))))


def _end_doubled(connection: Connection, keep: Known, gone: Known) -> None:
    _set_each(connection, Enrolment, rules.doubled_enrolments(keep.enrolments, gone.enrolments))


def _rewrite_positions(connection: Connection, keep: int, gone: int) -> None:
    """A talk that goes on, or is taken up again, goes on with the one who is kept."""
    rows = connection.execute(
        select(_conversations.c.id, _conversations.c.position).where(
            _conversations.c.patient_id == gone, _conversations.c.state.in_(GOES_ON)
        )
    ).all()
    written = [{"row_id": row.id, "position": _renamed(row.position, keep, gone)} for row in rows]
    _set_each(connection, Conversation, written)


def _renamed(position: dict[str, Any], keep: int, gone: int) -> dict[str, Any]:
    saved = dict(position.get("vars") or {})
    if saved.get("who") == gone:
        saved["who"] = keep
    match = saved.get("match")
    if isinstance(match, dict) and match.get("patient") == gone:
        saved["match"] = {**match, "patient": keep}
    return {**position, "vars": saved}


def _move_tokens(connection: Connection, keep: int, gone: int) -> None:
    """She is found by both names until hers is corrected."""
    hers = select(_tokens.c.token).where(_tokens.c.patient_id == keep)
    connection.execute(
        delete(NameToken).where(NameToken.patient_id == gone, NameToken.token.in_(hers.scalar_subquery()))
    )
    connection.execute(update(NameToken).where(NameToken.patient_id == gone).values(patient_id=keep))


def _settle_pairs(connection: Connection, keep: int, gone: int, by: str, now: datetime) -> None:
    """Their own pair is decided; other pairs of the one that goes are pairs of the kept one, each once."""
    rows = connection.execute(
        select(_pairs).where(or_(_pairs.c.first_id.in_([keep, gone]), _pairs.c.second_id.in_([keep, gone])))
    ).all()
    taken = {(row.first_id, row.second_id) for row in rows if gone not in (row.first_id, row.second_id)}
    moved, surplus = [], []
    for row in rows:
        if {row.first_id, row.second_id} == {keep, gone} or gone not in (row.first_id, row.second_id):
            continue
        other = row.second_id if row.first_id == gone else row.first_id
        pair = (min(other, keep), max(other, keep))
        if pair in taken:
            surplus.append(row.id)
        else:
            taken.add(pair)
            moved.append({"row_id": row.id, "first_id": pair[0], "second_id": pair[1]})
    if surplus:
        connection.execute(delete(DuplicatePair).where(DuplicatePair.id.in_(surplus)))
    _set_each(connection, DuplicatePair, moved)
    connection.execute(
        update(DuplicatePair)
        .where(DuplicatePair.first_id == min(keep, gone), DuplicatePair.second_id == max(keep, gone))
        .values(state="merged", decided_by=by, decided_at=now)
    )


def _renew_withdrawals(connection: Connection, keep: Known, gone: Known, by: str, now: datetime) -> None:
    rows = [
        {
            "clinic_id": row.clinic_id, "patient_id": keep.patient.id, "number_hash": row.number_hash,
            "topic": row.topic, "channel": row.channel, "given": False, "text_version": row.text_version,
            "language": row.language, "by": by, "at": now,
        }
        for row in rules.renewed_withdrawals(keep.consents, gone.consents)
    ]  # fmt: skip
    if rows:
        connection.execute(table_of(Consent).insert(), rows)


def _ask_about_safe_contact(
    database: Database, connection: Connection, keep: Known, gone: Known, now: datetime
) -> None:
    if rules.safe_contacts_conflict(keep.patient.safe_contact, gone.patient.safe_contact):
        tasks.make(
            database, connection, key=f"safe_contact_differs:{gone.patient.id}",
            clinic_id=keep.patient.clinic_id, reason="safe_contact_differs", same_day=True, now=now,
            patient_id=keep.patient.id, details={"other": gone.patient.safe_contact},
        )  # fmt: skip


def _freed(keep: Known, gone: Known) -> str | None:
    """The gone one's record number leads to the kept one, unless the kept one takes it as her own."""
    return gone.patient.record_number_hash if keep.patient.record_number else None


def _set_each(connection: Connection, model: Any, rows: Sequence[dict[str, Any]]) -> None:
    """One statement for many rows (`row_id`, and the columns to set)."""
    if not rows:
        return
    table = table_of(model)
    columns = [column for column in rows[0] if column != "row_id"]
    values = {column: bindparam(f"new_{column}", type_=table.c[column].type) for column in columns}
    connection.execute(
        table.update().where(table.c.id == bindparam("row_id")).values(values),
        [{"row_id": row["row_id"], **{f"new_{column}": row[column] for column in columns}} for row in rows],
    )
