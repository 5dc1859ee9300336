"""What a turn may know, read when a step asks for it and not before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, desc, func, or_, select

from care import awaited, consent, people
from care.reminders import answers
from dialogue.flows import FlowSet
from records import Database
from records.base import table_of
from records.conversations import Conversation
from records.prepared import Prepared
from records.scheduling import Clinician, WorkingHours
from records.sealing import hashed

TAKEN_UP_WITHIN = timedelta(hours=12)
"""How long something left in the middle may be gone on with; later its answers would be of another day."""

MOST_LEFT = 5
"""Of the newest that were left: a call that she hung up before she said anything hides nothing behind it."""

NAMES = frozenset(
    {
        "clinic_name",
        "clinic_number",
        "emergency_number",
        "has_number",
        "channel",
        "today",
        "identity",
        "something_left",
        "language_known",
        "stopped",
        "several_to_stop",
        "several_people",
        "reminded_stands",
        "reminded_now",
        "visit_hours",
        "private_contact",
        "private_visit",
        "private_people",
        "private_left",
        "private_check_ins",
        "private_visit_soon",
    }
)
GIVEN_AT_THE_START = frozenset(
    {
        "language_tag",
        "language_name",
        "first_text",
        "control_words",
        "who",
        "match",
        "other_number",
        "level",
        "discreet",
        "alert_number",
        "alert_reason",
        "alert_reading",
        "alert_phone",
        "reminded_visit",
        "visit_at",
        "tell_visit",
        "private_visit_of",
        "visit_message",
        "slot_offer",
        "offered",
        "visit_to_move",
    }
)
"""Facts, and the values with which a conversation may begin: what flows may name besides what they save."""


_conversations = table_of(Conversation).c
LEFT = Prepared(
    select(_conversations.id, _conversations.position, _conversations.flows_version)
    .where(
        _conversations.clinic_id == bindparam("clinic"),
        _conversations.number_hash == bindparam("number_hash"),
        _conversations.updated_at > bindparam("since"),
        _conversations.id != bindparam("conversation"),
        or_(
            _conversations.state == "left",
            (_conversations.state == "open") & (_conversations.channel == "text"),
        ),
    )
    .order_by(desc(_conversations.updated_at))
    .limit(MOST_LEFT)
)
_clinicians, _hours = table_of(Clinician).c, table_of(WorkingHours).c
HOURS = (
    select(func.min(_hours.starts), func.max(_hours.ends))
    .join(table_of(Clinician), _clinicians.id == _hours.clinician_id)
    .where(_clinicians.clinic_id == bindparam("clinic"), _clinicians.active)
)
"""Made once: building a statement costs more than running it."""


class Facts(Mapping[str, Any]):
    """The facts of one turn, each read at most once."""

    def __init__(
        self,
        database: Database,
        flows: Callable[[Connection, str], FlowSet],
        clinic: Any,
        place: Mapping[str, Any],
    ) -> None:
        self._database = database
        self._flows = flows
        self._clinic = clinic
        self._place = place
        self._read: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            if name not in NAMES:
                raise KeyError(name)
            self._read[name] = getattr(self, f"_{name}")()
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)

    def _clinic_name(self) -> str:
        return str(self._clinic.name)

    def _clinic_number(self) -> dict[str, str]:
        return {"kind": "phone", "e164": self._clinic.line}

    def _emergency_number(self) -> dict[str, str]:
        return {"kind": "phone", "e164": self._clinic.emergency_number}

    def _today(self) -> str:
        """The clinic's date."""
        return str(self._place["now"].astimezone(ZoneInfo(self._clinic.timezone)).date().isoformat())

    def _channel(self) -> str:
        return str(self._place["channel"])

    def _has_number(self) -> bool:
        return bool(self._place["number"])

    def _language_known(self) -> bool:
        known = self["private_contact"]
        return bool(known and known.language in self._place["tags"])

    def _stopped(self) -> bool:
        """Has this number told us to send nothing more?"""
        known = self["private_contact"] if self._place["number"] else None
        return bool(known and known.opted_out_at)

    def _several_to_stop(self) -> bool:
        """Is there more than one kind of texts and calls that could be ended at this number?"""
        here = self._clinic.id, self._place["number_hash"], self._place["now"]
        with self._database.reading() as connection:
            return len(consent.topics_given_at(connection, *here)) > 1

    def _reminded_stands(self) -> str | None:
        """Of the visit that this talk reminds of: yes, or that it is moved, called off or over."""
        return (self["private_visit"] or {}).get("stands")

    def _reminded_now(self) -> dict[str, Any] | None:
        """When that visit is now."""
        return (self["private_visit"] or {}).get("at")

    def _private_visit(self) -> dict[str, Any] | None:
        with self._database.reading() as connection:
            return answers.how_it_stands(connection, self._place["outbox"], self._place["now"])

    def _private_contact(self) -> Any:
        with self._database.reading() as connection:
            return people.contact(connection, self._clinic.id, self._place["number_hash"])

    def _private_people(self) -> list[dict[str, Any]]:
        """Everyone whom her number may be, or the other number that she has given."""
        other = self._place["other_number"]
        if not (self._place["number"] or other):
            return []
        caller = self._place["number_hash"] if self._place["number"] else None
        here = hashed(other) if other else self._place["number_hash"]
        with self._database.reading() as connection:
            return people.people_at(connection, self._clinic.id, here, self._place["now"], caller)

    def _several_people(self) -> bool:
        """May it be another child than a moment ago, at this number?"""
        return len({person["id"] for person in self["private_people"]}) > 1

    def _visit_hours(self) -> list[str] | None:
        """From when to when visits begin here ("08:00"), on whichever day; nothing where nobody has hours."""
        with self._database.reading() as connection:
            opens, closes = connection.execute(HOURS, {"clinic": self._clinic.id}).one()
        return [opens, closes] if opens else None

    def _identity(self) -> str:
        """*locked* where too many tries were wrong, *possible* where a birth date may tell, else *nobody*."""
        candidates = self["private_people"]  # all of them locked where the number she calls from is
        if not candidates:
            return "locked" if self._number_is_locked() else "nobody"
        return "locked" if all(person["locked"] for person in candidates) else "possible"

    def _number_is_locked(self) -> bool:
        if not self._place["number"]:
            return False
        here = self._clinic.id, self._place["number_hash"], self._place["now"]
        with self._database.reading() as connection:
            return people.is_locked(connection, *here)

    def _something_left(self) -> bool:
        return self["private_left"] is not None

    def _private_check_ins(self) -> list[int]:
        """Whose check-in waits for an answer, of all whom her number may be."""
        if not self._place["number"]:
            return []
        with self._database.reading() as connection:
            return awaited.check_ins_waiting(connection, self._clinic.id, self._place["number_hash"])

    def _private_visit_soon(self) -> dict[str, Any] | None:
        """The visit that is about to begin for somebody at her number."""
        here = self._clinic.id, self._place["number_hash"], self._place["now"]
        with self._database.reading() as connection:
            return awaited.visit_soon(connection, *here) if self._place["number"] else None

    def _private_left(self) -> dict[str, Any] | None:
        """The newest conversation of this number that stopped in the middle of something that can be gone on with."""
        if not self._place["number"] or _is_another_persons(self["private_contact"]):
            return None
        with self._database.reading() as connection:
            rows = LEFT.all(
                connection,
                {
                    "clinic": self._clinic.id,
                    "number_hash": self._place["number_hash"],
                    "since": self._place["now"] - TAKEN_UP_WITHIN,
                    "conversation": self._place["conversation"],
                },
            )
            for row in rows:
                if row.flows_version != self._place["flows_version"]:
                    continue
                flows = self._flows(connection, row.flows_version)
                if resumable := resumable_frames(flows, row.position):
                    return {"id": row.id, "stack": resumable, "vars": row.position["vars"]}
        return None


def _is_another_persons(contact: Any) -> bool:
    return contact is not None and contact.wrong_person_at is not None


def resumable_frames(flows: FlowSet, position: Mapping[str, Any]) -> list[dict[str, str]]:
    """The part of a position that can be taken up elsewhere: from its first resumable flow on."""
    stack: list[dict[str, str]] = position["stack"]
    for place, frame in enumerate(stack):
        if flows[frame["flow"]].resumable:
            return stack[place:]
    return []
