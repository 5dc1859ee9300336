"""Two records become one: what is kept of each. Where they differ, what protects her more wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

CAUTION = {"mobile": 0, "landline": 1, "relay": 2}
"""Fewer machines reach a landline than a mobile, and none a relay."""
FILLED_FROM_GONE = (
    "interpreter", "state", "address", "record_number", "record_number_hash", "pin_hash",
)  # fmt: skip
FLAGS = ("never_text", "never_call", "no_voicemail")
Key = tuple[Any, ...]


def merged_values(keep: Any, gone: Any) -> dict[str, Any]:
    """Columns of the kept patient's row: gaps are filled, confidences are added up, a PIN is never lost."""
    values = {column: getattr(keep, column) or getattr(gone, column) for column in FILLED_FROM_GONE}
    if keep.record_number:
        values |= {column: getattr(keep, column) for column in ("record_number", "record_number_hash")}
    others = [*keep.other_languages, gone.language, *gone.other_languages]
    return {
        **values,
        "other_languages": [tag for tag in dict.fromkeys(others) if tag != keep.language],
        "own_topics": sorted({*keep.own_topics, *gone.own_topics}),
        "safe_contact": merged_safe_contact(keep.safe_contact, gone.safe_contact),
    }


def merged_safe_contact(
    keep: Mapping[str, Any] | None, gone: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """Every "never" of either; the kept one's hours, number and name where it has any."""
    if not keep or not gone:
        return keep or gone
    return {**gone, **keep, **{flag: True for flag in FLAGS if keep.get(flag) or gone.get(flag)}}


def safe_contacts_conflict(keep: Mapping[str, Any] | None, gone: Mapping[str, Any] | None) -> bool:
    """Do the two say different hours, numbers or names? Then a person asks her which is right."""
    return any(
        (keep or {}).get(part) and (gone or {}).get(part) and (keep or {})[part] != (gone or {})[part]
        for part in ("windows", "number", "name")
    )


def merged_numbers(keep: Sequence[Any], gone: Sequence[Any]) -> tuple[list[dict[str, Any]], list[int]]:
    """Her numbers: what each row (`row_id`) is to say, the kept one's first; and rows said twice, to be taken away."""
    kept: dict[str, dict[str, Any]] = {}
    twice = []
    for row in [*keep, *gone]:
        said = {"row_id": row.id, "kind": row.kind, "shared": row.shared, "text_only": row.text_only}
        if row.number_hash not in kept:
            kept[row.number_hash] = {**said, "rank": len(kept)}
            continue
        before = kept[row.number_hash]
        twice.append(row.id)
        before["kind"] = max(before["kind"], row.kind, key=CAUTION.__getitem__)
        before["shared"] = before["shared"] or row.shared
        before["text_only"] = before["text_only"] or row.text_only
    return list(kept.values()), twice


def merged_proxies(keep: Sequence[Any], gone: Sequence[Any]) -> tuple[list[dict[str, Any]], dict[int, int]]:
    """Who speaks for her, where both name one: only topics that both allow, until the earlier day.

    The second value says which proxy's row stands for which that goes.
    """
    same = {(row.name.casefold(), row.birth_date): row for row in keep}
    changed, instead = [], {}
    for row in gone:
        kept = same.get((row.name.casefold(), row.birth_date))
        if kept is None:
            continue
        ends = [one.ends_on for one in (kept, row) if one.ends_on]
        topics = [topic for topic in kept.topics if topic in row.topics]
        changed.append({"row_id": kept.id, "topics": topics, "ends_on": min(ends, default=None)})
        instead[row.id] = kept.id
    return changed, instead


def doubled_enrolments(keep: Sequence[Any], gone: Sequence[Any]) -> list[dict[str, Any]]:
    """Enrolments of the one that goes whose days the kept one's cover too: ended before, so that she is asked once."""
    return [
        {"row_id": row.id, "ends_on": other.starts_on - timedelta(days=1)}
        for row in gone
        for other in keep[:]
        if other.programme == row.programme
        and other.starts_on <= row.ends_on
        and row.starts_on <= other.ends_on
    ]


def renewed_withdrawals(keep: Sequence[Any], gone: Sequence[Any]) -> list[Any]:
    """Withdrawals of one record that a later word of the other would undo: they are said again, as of the merge."""
    found = []
    for mine, theirs in ((keep, gone), (gone, keep)):
        last: dict[Key, Any] = {(row.topic, row.channel): row for row in mine}
        given = [row.at for row in theirs if row.given]
        found += [row for row in last.values() if not row.given and given and max(given) >= row.at]
    return found
