"""Whatever people have said, in whatever order: nothing goes out that somebody has stopped, and nothing waits to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, update

from care import consent, reach
from care.rules.consent import topics
from care.rules.gate import pass_gate
from care.rules.kinds import kinds
from records.outbox import OutboxRow
from records.patients import Consent, Contact, PatientNumber
from records.sealing import hashed
from records.tasks import Task
from tests.care.clinic import NOON, NUMBERS, Clinic

WHO = {"rosa": "rosa", "lucia": "riveras", "mateo": "riveras"}
PEOPLE, PHONES = st.sampled_from(sorted(WHO)), st.sampled_from(sorted(set(WHO.values())))
TOPICS, CHANNELS = (
    st.sampled_from(["check_ins", "surveys", "everything"]),
    st.sampled_from(["text", "call", "any"]),
)
TO_PATIENTS = [kind for kind in kinds().values() if kind.to == "patient"]
KINDS = st.sampled_from([kind.name for kind in TO_PATIENTS])


@dataclass
class Row:
    """What the gate is asked about."""

    number: str
    number_hash: str
    patient_id: int | None
    channel: str
    kind: str
    clinic_id: int = 1
    id: int = 0


class Histories(RuleBasedStateMachine):
    """A model beside the clinic: what was stopped and not taken back, without a word of how rules are written."""

    clinic: Clinic

    def __init__(self) -> None:
        super().__init__()
        self.stopped_phones: dict[str, set[str]] = {phone: set() for phone in WHO.values()}
        """By phone: the topics that its holder has stopped."""
        self.blocked: set[str] = set()
        self.wrong: set[str] = set()
        self.withdrawn: dict[str, set[tuple[str, str]]] = {name: set() for name in WHO}
        """By patient: what staff wrote down as taken back, a topic and a channel each."""
        self.given: dict[str, set[tuple[str, str]]] = {name: set() for name in WHO}
        self.turns = 0
        with self.clinic.database.writing() as connection:
            for table in (Consent, Contact, OutboxRow, Task):
                connection.execute(delete(table))
            connection.execute(update(PatientNumber).values(shared=False))
        for name in WHO:
            self.agrees(name, "check_ins", "any")

    def tick(self) -> int:
        self.turns += 1
        self.clinic.now = NOON + timedelta(minutes=self.turns)
        return self.turns

    @rule(name=PEOPLE, topic=st.sampled_from(["check_ins", "surveys"]), channel=CHANNELS)
    def agrees(self, name: str, topic: str, channel: str) -> None:
        self.tick()
        with self.clinic.database.writing() as connection:
            assert consent.give_by_staff(
                self.clinic.database, connection, clinic_id=1, patient_id=self.clinic.patients[name],
                topic=topic, channel=channel, by="nurse", now=self.clinic.now, text_version=f"{topic}-1", language="es",
            )  # fmt: skip
        for one in ("text", "call") if channel == "any" else (channel,):
            self.given[name].add((topic, one))
            self.withdrawn[name].discard((topic, one))

    @rule(name=PEOPLE, topic=TOPICS, channel=CHANNELS)
    def tells_staff_to_stop(self, name: str, topic: str, channel: str) -> None:
        self.tick()
        with self.clinic.database.writing() as connection:
            assert consent.withdraw_by_staff(
                self.clinic.database, connection, clinic_id=1, patient_id=self.clinic.patients[name],
                topic=topic, channel=channel, by="nurse", now=self.clinic.now,
            )  # fmt: skip
        for one in topics() if topic == "everything" else (topic,):
            for way in ("text", "call") if channel == "any" else (channel,):
                self.withdrawn[name].add((one, way))

    @rule(phone=PHONES, topic=TOPICS)
    def stops_by_phone(self, phone: str, topic: str) -> None:
        with self.clinic.turn(f"c{self.tick()}", phone=phone, who=None) as on:
            consent.opt_out(on, topic)
        self.stopped_phones[phone].add(topic)

    @rule(phone=PHONES)
    def starts_by_phone(self, phone: str) -> None:
        with self.clinic.turn(f"c{self.tick()}", phone=phone, who=None) as on:
            consent.opt_in(on)
        self.stopped_phones[phone].discard("everything")
        self.blocked.discard(phone)

    @rule(phone=PHONES, shared=st.booleans())
    def others_use_it_too(self, phone: str, shared: bool) -> None:
        with self.clinic.database.writing() as connection:
            here = PatientNumber.number_hash == hashed(NUMBERS[phone])
            connection.execute(update(PatientNumber).where(here).values(shared=shared))

    @rule(phone=PHONES)
    def is_blocked_by_the_carrier(self, phone: str) -> None:
        self.tick()
        with self.clinic.database.writing() as connection:
            consent.block(
                self.clinic.database, connection, clinic_id=1, number=NUMBERS[phone],
                number_hash=hashed(NUMBERS[phone]), now=self.clinic.now,
            )  # fmt: skip
        self.blocked.add(phone)

    @precondition(lambda self: len(self.wrong) < 2)
    @rule(phone=PHONES)
    def says_wrong_person(self, phone: str) -> None:
        with self.clinic.turn(f"c{self.tick()}", phone=phone, who=None) as on:
            consent.wrong_person(on)
        self.wrong.add(phone)

    @rule(
        name=PEOPLE,
        kind=KINDS,
        channel=st.sampled_from(["text", "call"]),
    )
    def something_is_put_in_the_outbox(self, name: str, kind: str, channel: str) -> None:
        if self.stops(name, kind, channel) is None:
            self.clinic.put(
                f"row {self.tick()}", kind, channel=channel, number=NUMBERS[WHO[name]],
                number_hash=hashed(NUMBERS[WHO[name]]), patient_id=self.clinic.patients[name],
            )  # fmt: skip

    def stops(self, name: str, kind: str, channel: str) -> str | None:
        """What somebody has said that forbids it, by the model alone."""
        phone, topic = WHO[name], kinds()[kind].topic
        if "everything" in self.stopped_phones[phone]:
            return "the phone stopped everything"
        if channel == "text" and phone in self.blocked:
            return "the carrier blocks texts"
        if topic is None:
            return None
        if phone in self.wrong:
            return "wrong person"
        if topic in self.stopped_phones[phone]:
            return "the phone stopped the topic"
        if (topic, channel) in self.withdrawn[name]:
            return "taken back"
        return None if (topic, channel) in self.given[name] else "never agreed"

    @invariant()
    def nothing_passes_that_somebody_stopped(self) -> None:
        with self.clinic.database.reading() as connection:
            for name, phone in WHO.items():
                for kind in TO_PATIENTS:
                    for channel in ("text", "call"):
                        patient = self.clinic.patients[name] if kind.topic else None
                        row = Row(NUMBERS[phone], hashed(NUMBERS[phone]), patient, channel, kind.name)
                        to = reach.recipient(connection, row, self.clinic.now)
                        verdict = pass_gate(kind, to, self.clinic.now, ("US",))
                        if why := self.stops(name, kind.name, channel):
                            assert not verdict.allowed, f"{kind.name} by {channel} to {name}: {why}"

    @invariant()
    def nothing_waits_at_a_phone_that_stopped_everything(self) -> None:
        stopped = {
            hashed(NUMBERS[phone]) for phone, what in self.stopped_phones.items() if "everything" in what
        }
        waiting = [
            row.key
            for row in self.clinic.rows(OutboxRow)
            if row.status == "due" and row.number_hash in stopped
        ]
        assert waiting == []


def test_nothing_passes_the_gate_after_a_stop(clinic: Clinic) -> None:
    class OfThisClinic(Histories):
        pass

    OfThisClinic.clinic = clinic
    run_state_machine_as_test(
        OfThisClinic,
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_what_was_agreed_to_passes(clinic: Clinic) -> None:
    """Else the property above would hold of a gate that lets nothing through."""
    clinic.word("rosa", "check_ins")
    row = Row(NUMBERS["rosa"], hashed(NUMBERS["rosa"]), clinic.patients["rosa"], "text", "check_in")
    with clinic.database.reading() as connection:
        assert pass_gate(kinds()["check_in"], reach.recipient(connection, row, NOON), NOON, ("US",)).allowed
    for act, allowed in ((consent.opt_out, False), (consent.opt_in, True), (consent.wrong_person, False)):
        clinic.now += timedelta(minutes=1)
        with clinic.turn(act.__name__) as on:
            act(on)
        with clinic.database.reading() as connection:
            to = reach.recipient(connection, row, clinic.now)
            assert pass_gate(kinds()["check_in"], to, clinic.now, ("US",)).allowed is allowed


def test_a_stop_at_her_own_phone_holds_at_her_other_one_and_a_shared_one_speaks_for_itself(
    clinic: Clinic,
) -> None:
    other = "+16175550109"
    clinic.add_number("rosa", other, "mobile")
    clinic.word("rosa", "check_ins")
    row = Row(other, hashed(other), clinic.patients["rosa"], "text", "check_in")

    def allowed() -> bool:
        with clinic.database.reading() as connection:
            to = reach.recipient(connection, row, clinic.now)
            return pass_gate(kinds()["check_in"], to, clinic.now, ("US",)).allowed

    with clinic.turn() as on:
        consent.opt_out(on)
    assert not allowed()
    with clinic.turn("c2") as on:
        consent.opt_in(on)
    assert allowed()
    with clinic.database.writing() as connection:
        here = PatientNumber.number_hash == hashed(NUMBERS["rosa"])
        connection.execute(update(PatientNumber).where(here).values(shared=True))
    with clinic.turn("c3", who=None) as on:
        consent.opt_out(on)
    assert allowed()


def test_staff_write_down_only_what_there_is_and_only_of_their_own(clinic: Clinic) -> None:
    def give(**changed: Any) -> bool:
        values = {
            "clinic_id": 1, "patient_id": clinic.patients["rosa"], "topic": "check_ins", "channel": "any",
            "by": "nurse", "now": NOON, "text_version": "check_ins-1", "language": "es", **changed,
        }  # fmt: skip
        with clinic.database.writing() as connection:
            return consent.give_by_staff(clinic.database, connection, **values)

    assert give()
    assert not give(clinic_id=2)
    for wrong in (
        {"topic": "everything"}, {"channel": "fax"}, {"text_version": "none"}, {"text_version": "surveys-1"},
        {"language": "xx"},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="no such"):
            give(**wrong)
    assert len(clinic.rows(Consent)) == 1
