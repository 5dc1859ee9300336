"""The clinic, its people and its telephone company over a simulated time: the real house, from event to event."""

from __future__ import annotations

import random
import resource
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import case, func, select, text

from app import furnish
from care import pacing
from care.reminders import due
from care.scheduling import openings
from carriers import Status, is_final
from conversation import sending, sweeping
from conversation.events import Event, Kind
from conversation.house import House
from dialogue.reply import Reply
from dialogue.said import Channel
from records import sealing, taking_up
from records.appointments import Appointment
from records.base import table_of
from records.conversations import Conversation
from records.migrating import upgrade
from records.outbox import OutboxRow
from records.sealing import hashed
from records.tasks import Task
from settings import Settings
from tests.conversation.clinic_day import Clock, environment
from tests.year import killed_worker
from tests.year.agenda import Agenda, Happening
from tests.year.company import Company, Sent
from tests.year.lives import Lives
from tests.year.mortal import Fate, Killed, MortalDatabase
from tests.year.oracle import RETRY, TALK, Oracle
from tests.year.people import LINE, Her, settle
from tests.year.scale import Scale
from tests.year.truth import Contact, Truth, Visit, Was

HOUR = timedelta(hours=1)
BEAT = timedelta(seconds=15)
_outbox, _visits, _talks, _tasks = map(table_of, (OutboxRow, Appointment, Conversation, Task))
ROW = select(_outbox.c.kind, _outbox.c.patient_id, _outbox.c.facts)
_open = text("outbox.status IN ('due', 'sending')")  # in the words of the index
NEXT = select(
    func.min(case((_outbox.c.status == "due", _outbox.c.due_at))), func.min(_outbox.c.leased_until)
).where(_open, _outbox.c.queue == "sending")
HERS = select(_visits.c.id, _visits.c.state, _visits.c.starts_at, _visits.c.timezone, _visits.c.changed_at)
Result = TypeVar("Result")


class World:
    """One run. `house` is the real one, on the database at `url`, with a clock and a carrier of the simulation's."""

    def __init__(self, scale: Scale, url: str, home: Path) -> None:
        self.scale, self.url, self.home = scale, url, home
        self.clock = Clock(scale.begins)
        self.agenda = Agenda(self.clock)
        self.fate = Fate(self._chance("fate"), scale.kills)
        self._ids = 0
        self._happened = 0
        self._wake: datetime | None = None
        self._beat: datetime | None = None
        self._sweeps: datetime | None = None
        self._is_idle = self._stirred = False
        self._real_kills = scale.real_kills
        self._killing = self._chance("real kills")
        self.really_killed = 0
        self.went_first: dict[str, str] = {}
        made = Settings.from_environ(environment(home))
        sealing.use(*made.data_keys)
        made = replace(made, database_url=url)
        made.ensure_folders()
        database = MortalDatabase(url, self.fate)
        upgrade(database)
        with database.writing() as connection:
            self.people = settle(connection, self._chance("people"), scale.patients, scale.begins)
        self.truth = Truth(self.people)
        self.oracle = Oracle(
            self.truth, self.clock, self.agenda, self._tasks_of, self._rows_of, seed=scale.seed
        )
        self.company = Company(
            self.clock, self._chance("company"), self.agenda, self.fate, self.people.phones, self
        )
        furnished = furnish(made)
        furnished.database.close()  # it has another one, that lets nobody die
        self.house: House = replace(
            furnished,
            database=database,
            carrier=self.company,
            now=self.clock,
            new_id=lambda: self.new_id("c"),
        )
        taking_up.take_up(database)
        self.lives = Lives(self, self._chance("lives"))

    def _chance(self, what: str) -> random.Random:
        return random.Random(f"{self.scale.seed} {what}")

    def new_id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}{self._ids:030d}"

    # The run

    def run(self, tell: Any = None) -> None:
        """Let all the days pass."""
        begun, told = time.monotonic(), self.scale.begins
        if tell is not None:
            self.oracle.tell = tell
        self.lives.begin()
        self._regularly()
        self._outages()
        with closing(self.house.database):
            while (what := self.agenda.next(self.scale.ends)) is not None:
                what()
                if self._stirred:
                    self._stirred = False
                    self._look_for_work()
                self._happened += 1
                if tell is not None and self.clock() - told > timedelta(days=7):
                    told = self.clock()
                    tell(f"{told:%Y-%m-%d} {time.monotonic() - begun:.0f} s {dict(self.oracle.broken)}")
            self.tasks_at_the_end = self._tasks()
        self.seconds = time.monotonic() - begun
        self.cpu_seconds = time.process_time()
        self.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def _regularly(self) -> None:
        """What is looked at now and then, whatever happens."""
        self.agenda.after(2 * 3600, self._regularly)
        self._put()
        self._sweep()
        if self.clock().hour in (4, 5):
            self._tick(
                "openings",
                timedelta(minutes=30),
                partial(openings.make_ahead, self.house.database, self.clock()),
            )

    def _outages(self) -> None:
        chance, length = self._chance("outages"), self.scale.ends - self.scale.begins
        for _ in range(self.scale.outages):
            begins = self.scale.begins + chance.random() * length
            self._between(begins, begins + chance.uniform(1, 20) * HOUR, self._idle)
        for _ in range(self.scale.carrier_outages):
            begins = self.scale.begins + chance.random() * length
            self._between(begins, begins + chance.uniform(0.1, 1.5) * HOUR, self._carrier_away)

    def _between(self, begins: datetime, ends: datetime, what: Any) -> None:
        self.agenda.at(begins, partial(what, ends))

    def _idle(self, ends: datetime) -> None:
        """No worker runs; the web goes on."""
        self.truth.idle.append((self.clock(), ends))
        self._is_idle = True
        self.agenda.at(ends, self._runs_again)

    def _runs_again(self) -> None:
        self._is_idle = False
        self._put()
        self._sweep()

    def _carrier_away(self, ends: datetime) -> None:
        self.company.away = True
        self.agenda.at(ends, self._carrier_back)

    def _carrier_back(self) -> None:
        self.company.away = False

    # The worker

    def wakes(self) -> None:
        """Something may have come up: the worker, which looks every second, looks when it is due."""
        self._stirred = True

    def _look_for_work(self) -> None:
        with self.house.database.reading() as connection:
            due_at, lease = connection.execute(NEXT).one()
        if due_at is not None:
            moment = max(due_at, self.clock() + timedelta(seconds=1))
            if self._wake is None or moment < self._wake or self._wake <= self.clock():
                self._wake = moment
                self.agenda.at(moment, partial(self._send, moment))
        if lease is not None:
            self._sweeps_at(lease + timedelta(seconds=1))

    def _beats(self) -> None:
        """The beat puts reminders every fifteen seconds: here after a visit has changed."""
        moment = self.clock() + BEAT
        if self._beat is None or self._beat <= self.clock():
            self._beat = moment
            self.agenda.at(moment, self._put)

    def _sweeps_at(self, moment: datetime) -> None:
        moment = max(moment, self.clock() + timedelta(seconds=1))
        if self._sweeps is None or self._sweeps <= self.clock() or moment < self._sweeps:
            self._sweeps = moment
            self.agenda.at(moment, self._sweep)

    def _put(self) -> None:
        self._tick(
            "reminders", timedelta(seconds=120), lambda: due.put_those_due(self.house.database, self.clock())
        )

    def _sweep(self) -> None:
        def sweep() -> None:
            sweeping.resolve_unknown(self.house)
            sweeping.alert_for_the_silent(self.house)
            sweeping.close_what_was_left(self.house)
            sweeping.ask_for_statuses(self.house)

        self._tick("sweep", timedelta(seconds=120), sweep)

    def _tick(self, name: str, at_most: timedelta, work: Happening) -> None:
        """As worker.py does it: one at a time, under a lease that outlives whoever dies with it."""
        if self._is_idle:
            return

        def alone() -> bool:
            if not pacing.hold_tick(self.house.database, name, self.clock(), at_most):
                return False
            work()
            pacing.release_tick(self.house.database, name, self.clock())
            return True

        if self._mortal(alone) is not True:
            again = partial(self._tick, name, at_most, work)
            self.agenda.after(at_most.total_seconds() + 1, again)
        self.wakes()

    def _send(self, moment: datetime) -> None:
        if self._wake == moment:
            self._wake = None
        if self._is_idle:
            return
        if self._real_kills and self._killing.random() < 0.1:
            self._kill_a_real_worker()
        while self._mortal(lambda: sending.send_due(self.house, "sending", self.clock.pause)):
            pass
        self.wakes()

    def _kill_a_real_worker(self) -> None:
        """A worker in a process of its own is killed with SIGKILL while the carrier has its request, or has not yet."""
        took = killed_worker.kill_one(self, takes=self._killing.random() < 0.5)
        if took:
            self._real_kills -= 1
            self.really_killed += 1
            self.died("SIGKILL")

    def _mortal(self, work: Any) -> Any:
        try:
            with self.fate.armed():
                return work()
        except Killed as killed:
            self.died(str(killed))
            return None

    def died(self, where: str) -> None:
        """Whoever worked is gone, with all that stood in memory: another one begins."""
        self.truth.deaths.append(self.clock())
        self.house = replace(self.house, pending=type(self.house.pending)())
        self.wakes()

    # The web

    def turn(self, event: Event) -> Reply:
        """Answered, if need be by another process than the one that died of it: the carrier asks again."""
        self._note_said(event)
        while (reply := self._mortal(lambda: self.house.take_turn(event))) is None:
            self.clock.forward(seconds=2)
        self._note_reply(event, reply)
        self.wakes()
        answer: Reply = reply
        return answer

    def told(self, sent: Sent, status: Status, sequence: int) -> None:
        """A status callback comes. One that breaks off is not sent again."""
        kind = sent.channel
        word = "MessageStatus" if kind == "text" else "CallStatus"
        about = (kind, sent.id, status.state, str(sent.row), sequence, status.code, {word: status.word})
        self._mortal(lambda: self.house.note_status(*about, status.seconds))  # type: ignore[arg-type]
        if kind == "call" and is_final(status.state):
            event = Event(Kind.HUNG_UP, Channel.VOICE, LINE, sent.to, f"{sent.id}:end", call=sent.id)
            self._mortal(lambda: self.house.take_turn(event))
        self.wakes()

    def looked_late(self) -> None:
        """A callback was dropped: the sweep asks ten minutes later."""
        self.agenda.after(625, self._sweep)

    # What the carrier is asked

    def asked(self, channel: str, number: str, body: str, row: int, outcome: str) -> Contact:
        with self.house.database.reading() as connection:
            found = connection.execute(ROW.where(_outbox.c.id == row)).one()
        contact = Contact(
            self.clock(), channel, number, row, outcome, found.kind, found.patient_id, body=body
        )
        contact.visit = found.facts.get("reminded_visit") or found.facts.get("rebook") or 0
        if found.kind == "reminder":
            contact.start = datetime.fromisoformat(found.facts["visit_at"]["at"])
            contact.offset = found.facts["offset"]
            self.truth.reminders[contact.visit, contact.start, contact.offset].append(contact)
        self.truth.contacts[number].append(contact)
        about = f"{contact.kind} {contact.offset} of visit {contact.visit}, {contact.start}"
        self.truth.note(
            contact.patient, self.clock(), f"< {channel} to {number}: {outcome}. {about}: {body!r}"
        )
        self.truth.counted[f"{contact.kind} by {channel}: {outcome}"] += 1
        self.oracle.contacted(contact)
        if outcome == "refused" and channel == "text" and self._carrier_blocks(number):
            self.truth.blocked[number] = self.clock()
        if channel == "call" and contact.was_taken:
            self.truth.talks[number].append((self.clock(), self.clock() + HOUR + 2 * RETRY))
        return contact

    def _carrier_blocks(self, number: str) -> bool:
        return number in self.company.blocked or self.people.phones[number].blocks

    def became(self, contact: object, outcome: str) -> None:
        assert isinstance(contact, Contact)
        contact.outcome = outcome
        self.truth.counted[f"became: {contact.kind} by {contact.channel}: {outcome}"] += 1
        self.truth.note(
            contact.patient, self.clock(), f"  the {contact.channel} to {contact.number}: {outcome}"
        )

    def read(self, sent: Sent) -> None:
        assert isinstance(sent.contact, Contact)
        self.lives.read(sent, sent.contact)

    def picked_up(self, sent: Sent, by: str) -> None:
        assert isinstance(sent.contact, Contact)
        self.lives.picks_up(sent, sent.contact, by)

    # What is seen of it

    def look_at(self, *hers: Her) -> None:
        """What has become of their visits."""
        for her in hers:
            with self.house.database.reading() as connection:
                rows = connection.execute(
                    HERS.where(_visits.c.patient_id == her.id).order_by(_visits.c.id)
                ).all()
            for row in rows:
                self._look_at(her, row)
        self.wakes()

    def _look_at(self, her: Her, row: Any) -> None:
        visit = self.truth.visits.get(row.id)
        if visit is None:
            visit = self.truth.visits[row.id] = Visit(row.id, her.id, row.timezone)
            self.truth.visits_of[her.id].append(visit)
        was = Was(row.changed_at, row.state, row.starts_at)
        if visit.was and (visit.now.state, visit.now.start) == (was.state, was.start):
            return
        visit.was.append(was)
        visit.zone = row.timezone
        self.truth.counted[f"visits {row.state}"] += 1
        self.truth.note(
            her.id, self.clock(), f"visit {visit.id} is {was.state}, {was.start:%Y-%m-%d %H:%M} UTC"
        )
        self.oracle.changed(visit)
        self._beats()

    def missed_is_known(self, visit: Visit) -> None:
        reasons = [
            why for why, key in self._tasks_of(visit.patient) if key.startswith(f"visit_missed:{visit.id}:")
        ]
        if not reasons:
            self.oracle.breach(visit.patient, "nobody was told", f"of the missed visit {visit.id}")

    def open_text(self, number: str) -> tuple[str, str] | None:
        """Flow and step at which a talk by text waits for her."""
        where = (_talks.c.number_hash == hashed(number), _talks.c.channel == "text", _talks.c.state == "open")
        return self._place(*where)

    def open_call(self, conversation: str) -> tuple[str, str] | None:
        return self._place(_talks.c.id == conversation)

    def _place(self, *where: Any) -> tuple[str, str] | None:
        with self.house.database.reading() as connection:
            position = connection.scalar(select(_talks.c.position).where(*where))
        if not position or not position["stack"]:
            return None
        frame = position["stack"][-1]
        return frame["flow"], frame["step"]

    def about(self, number: str) -> int | None:
        """The visit of which the talk that is open there reminds."""
        where = (_talks.c.number_hash == hashed(number), _talks.c.channel == "text", _talks.c.state == "open")
        query = select(_outbox.c.facts).join(_talks, _talks.c.outbox_id == _outbox.c.id).where(*where)
        with self.house.database.reading() as connection:
            facts = connection.scalar(query)
        return (facts or {}).get("reminded_visit")

    def talk_goes_on(self, number: str) -> None:
        self.talk_ends(number)
        self.truth.talks[number].append((self.clock(), self.clock() + TALK + HOUR + 2 * RETRY))

    def talk_ends(self, number: str) -> None:
        now = self.clock()
        self.truth.talks[number] = [
            (begins, min(ends, now + 2 * RETRY)) for begins, ends in self.truth.talks[number]
        ]

    def stopped(self, number: str) -> None:
        """Her STOP was answered: from now on nothing."""
        self.truth.stops[number] = self.clock()
        self.company.blocked.add(number)
        self.truth.counted["STOP"] += 1
        for her in self.truth.holders(number):
            if number in her.numbers and not self.people.phones[number].shared:
                self.truth.stopped_by[her.id].add(number)
            self.truth.stop_spans[her.id].append((self.clock(), None))
            self.truth.note(her.id, self.clock(), f"STOP from {number} was answered")

    def started(self, number: str) -> None:
        self.truth.stops.pop(number, None)
        self.company.blocked.discard(number)
        self.truth.blocked.pop(number, None)
        self.truth.counted["START"] += 1
        for her in self.truth.holders(number):
            self.truth.stopped_by[her.id].discard(number)
            spans = self.truth.stop_spans[her.id]
            self.truth.stop_spans[her.id] = [(begins, ends or self.clock()) for begins, ends in spans]
            self.truth.note(her.id, self.clock(), f"START from {number} was answered")

    def is_another_persons(self, number: str) -> None:
        self.truth.wrong[number] = self.clock()
        self.truth.counted["wrong number"] += 1
        told = self.truth.counted["wrong number"]
        for her in self.truth.holders(number):
            if self._tasks().get("wrong_person", 0) < told:
                self.oracle.breach(her.id, "nobody was told", f"that {number} is another person's")
            self.truth.note(her.id, self.clock(), f"at {number} somebody said that it is not hers")

    def _note_said(self, event: Event) -> None:
        words = event.text or event.keys or event.kind.value
        for her in self.truth.holders(event.number):
            self.truth.note(her.id, self.clock(), f"> {event.channel.value} from {event.number}: {words}")

    def _note_reply(self, event: Event, reply: Reply) -> None:
        words = " / ".join(say.text for say in reply.says)
        for her in self.truth.holders(event.number):
            self.truth.note(her.id, self.clock(), f"< {words!r}")

    def _tasks_of(self, patient: int) -> list[tuple[str, str]]:
        query = select(_tasks.c.reason, _tasks.c.key).where(_tasks.c.patient_id == patient)
        with self.house.database.reading() as connection:
            return [(row.reason, row.key) for row in connection.execute(query)]

    def _rows_of(self, patient: int) -> list[str]:
        query = select(_outbox).where(_outbox.c.patient_id == patient).order_by(_outbox.c.id)
        with self.house.database.reading() as connection:
            return [
                f"{row.key} {row.channel} {row.status} {row.reason}, due {row.due_at}, expires {row.expires_at},"
                f" made {row.created_at}, began {row.began_sending_at}, sent {row.sent_at}, {row.attempts} tries"
                for row in connection.execute(query)
            ]

    def _tasks(self) -> dict[str, int]:
        with self.house.database.reading() as connection:
            rows = connection.execute(select(_tasks.c.reason, func.count()).group_by(_tasks.c.reason)).all()
        return {str(row[0]): int(row[1]) for row in rows}
