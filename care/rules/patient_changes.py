"""What a row would change of somebody who is known: words for staff and the audit, never values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from care.rules import identity
from care.rules.patient_fields import FLAGS, Fields

NUMBER = ("number", "kind", "shared", "text_only", "rank")
PROXY = ("name", "relation", "birth_date", "number", "language", "topics", "ends_on")
ENROLMENT = ("starts_on", "ends_on", "ask_at")
NUMBER_CELLS = ("number", "kind", "shared", "text_only")
PROXY_CELLS = ("name", "relation", "birth_date", "number", "language", "topics", "ends_on")
CELL_OF = {"ends_on": "until"}
COLUMN_OF = {"timezone": "time_zone"}
"""Where a table and a row name one thing differently: the row's name is the one people know."""


def differences(patient: Any, numbers: Sequence[Any], proxies: Sequence[Any], fields: Fields) -> list[str]:
    """Which of the plain columns, and whether `numbers` and `proxies`, differ from what is known (database rows)."""
    plain = [
        COLUMN_OF.get(column, column)
        for column, value in fields.values.items()
        if (not _is_pin(patient.pin_hash, value) if column == "pin" else getattr(patient, column) != value)
    ]
    numbers_differ = fields.numbers is not None and _differ(numbers, fields.numbers, NUMBER)
    proxies_differ = fields.proxies is not None and _differ(proxies, fields.proxies, PROXY)
    return plain + ["numbers"] * numbers_differ + ["proxies"] * proxies_differ


def same_enrolment(rows: Sequence[Any], enrolment: Mapping[str, Any] | None) -> Any:
    """The enrolment of hers that a row speaks of: the same programme, on days that overlap."""
    if enrolment is None:
        return None
    return next(
        (
            row
            for row in rows
            if row.programme == enrolment["programme"]
            and row.starts_on <= enrolment["ends_on"]
            and enrolment["starts_on"] <= row.ends_on
        ),
        None,
    )


def programme_differs(rows: Sequence[Any], fields: Fields) -> bool:
    if fields.enrolment is None:
        return False
    row = same_enrolment(rows, fields.enrolment)
    if row is None or any(getattr(row, column) != fields.enrolment[column] for column in ENROLMENT):
        return True
    return row.consented_at is None and any(one["topic"] == "check_ins" for one in fields.consents)


def _differ(rows: Sequence[Any], new: Sequence[Mapping[str, Any]], columns: tuple[str, ...]) -> bool:
    """Order aside: each has its rank."""
    was = [tuple(_plain(getattr(row, column)) for column in columns) for row in rows]
    now = [tuple(_plain(one[column]) for column in columns) for one in new]
    return sorted(was, key=repr) != sorted(now, key=repr)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _is_pin(kept: str | None, pin: str | None) -> bool:
    if not kept or not pin:
        return not kept and not pin
    return identity.is_pin(kept, pin)


def cells(prefix: str, row: Any, parts: Sequence[str]) -> dict[str, str]:
    """One number or proxy as its columns show it: the first part is the column `prefix` itself."""
    names = [prefix, *(f"{prefix}_{CELL_OF.get(part, part)}" for part in parts[1:])]
    return {name: _as_text(getattr(row, part)) for name, part in zip(names, parts, strict=True)}


def safe_contact_cells(safe: Mapping[str, Any] | None) -> dict[str, str]:
    """Her safe-contact rules as their columns show them."""
    safe = safe or {}
    windows = [_window(window) for window in safe.get("windows", ())]
    flags = {flag: _as_text(bool(safe.get(flag))) for flag in FLAGS}
    words = {"safe_number": safe.get("number") or "", "safe_name": safe.get("name") or ""}
    return {"safe_hours": "; ".join(windows), **words, **flags}


def _window(window: Mapping[str, Any]) -> str:
    """ "mon-fri 09:00-15:00"; days that don't follow one another are spans of their own."""
    hours = f"{window['from']}-{window['until']}"
    return "; ".join(f"{day} {hours}" for day in window["days"]) if window.get("days") else hours


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)
