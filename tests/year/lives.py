"""What people do: they book, move and call off, read what comes, answer it or not, stop and start, change numbers.

Most visits are booked, moved and called off by the acts of care.scheduling, as staff and imports do; one in
twenty by the real conversation, and so is every answer to a text or a call, STOP and START.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from care import numbers
from care.by_staff import Act
from care.scheduling import book_for
from care.scheduling.book_for import NotComing, Time
from conversation.events import AnsweredBy, Event, Kind
from dialogue.reply import Reply
from dialogue.said import Channel
from records.database import Taken
from tests.year.mortal import Killed
from tests.year.people import LINE, Her, Phone, number_row
from tests.year.truth import Contact, Visit

if TYPE_CHECKING:
    from tests.year.company import Sent
    from tests.year.world import World

DAY = timedelta(days=1)
HELLO = {"en": "hello", "es": "hola", "ht": "bonjou", "ko": "안녕하세요"}
TOLD = (("reminder_text", "told"), ("reminder_call", "told"), ("reminded_visit", "tell"))
OPENINGS = ("opening", "discreet_opening")
ANSWERS = {"confirm": "1", "move": "2", "call": "3", "wrong": "4"}
FIXED = {
    ("main_menu", "menu"): "4",
    ("main_menu", "offer_to_go_on"): "2",
    ("identify", "elsewhere"): "2",
    ("book_visit", "with_whom"): "2",
    ("offer_times", "none_fits"): "3",
}
"""What everybody answers there; where nothing is said, 1."""
MOST_TURNS = 16
BY_CONVERSATION = 0.05


@dataclass
class Talk:
    """What somebody has in mind who answers: about whom, and what she wants."""

    her: Her
    number: str
    wants: str
    visit: Visit | None = None
    turns: int = 0


class Lives:
    def __init__(self, world: World, chance: random.Random) -> None:
        self._world, self._chance = world, chance

    def begin(self) -> None:
        """Everybody's first wish for a visit, and what else befalls them."""
        scale = self._world.scale
        for her in self._world.people.patients.values():
            self._wishes(her, first=True)
            if self._chance.random() < 0.15 * scale.days / 366:
                self._world.agenda.at(self._some_time(), partial(self._changes_number, her))
            if self._chance.random() < 0.04 * max(scale.days / 366, 0.5):
                self._world.agenda.at(self._some_time(), partial(self._stops, her))

    # Visits

    def _wishes(self, her: Her, first: bool = False) -> None:
        wait = self._chance.expovariate(self._world.scale.visits_a_year / 366)
        if first:
            wait *= self._chance.random()
        self._world.agenda.after(wait * 86400, partial(self._wants_a_visit, her))

    def _wants_a_visit(self, her: Her) -> None:
        self._wishes(her)
        if self._chance.random() < BY_CONVERSATION and self._can_text(her):
            self._world.agenda.after(1, partial(self._writes_first, Talk(her, her.numbers[0], "book")))
            return
        if (visit := self._books(her)) is not None:
            self._plans(visit)

    def _plans(self, visit: Visit) -> None:
        """What becomes of a visit, as far as she knows it now."""
        start, now, draw = visit.now.start, self._world.clock(), self._chance.random()
        if draw < 0.24:
            when = now + self._chance.random() * (start - now)
            what = self._moves if draw < 0.14 else self._calls_off
            self._world.agenda.at(when, partial(what, visit, start))
        self._world.agenda.at(start + timedelta(hours=1), partial(self._is_over, visit, start))

    def _books(self, her: Her) -> Visit | None:
        """At a time that some clinician has free."""
        before = len(self._world.truth.visits_of[her.id])
        for _ in range(5):
            time_of = self._some_visit_time(her)
            values = {"clinic_id": 1, "patient_id": her.id, "time": time_of, "reason": "other", "by": "nurse"}
            if self._act(her, partial(_book, values=values)):
                break
        found = self._world.truth.visits_of[her.id]
        return found[-1] if len(found) > before else None

    def _moves(self, visit: Visit, start: datetime) -> None:
        if not visit.now.comes or visit.now.start != start or start <= self._world.clock():
            return
        her = self._world.people.patients[visit.patient]
        time_of = self._some_visit_time(her, about=start if self._chance.random() < 0.4 else None)
        self._act(
            her, partial(_move, values={"clinic_id": 1, "visit": visit.id, "time": time_of, "by": "nurse"})
        )
        if visit.now.start != start:
            self._plans(visit)
            if self._chance.random() < 0.15:  # and back again
                back = Time(
                    self._chance.choice(self._world.people.clinicians), None, start, 20, "audio", her.zone
                )
                values = {"clinic_id": 1, "visit": visit.id, "time": back, "by": "nurse"}
                wait = self._chance.uniform(60, 4 * 3600)
                self._world.agenda.after(wait, partial(self._moves_back, visit, values, start))

    def _moves_back(self, visit: Visit, values: dict[str, Any], start: datetime) -> None:
        if visit.now.comes and start > self._world.clock() + timedelta(minutes=5) < visit.now.start:
            self._act(self._world.people.patients[visit.patient], partial(_move, values=values))
            if visit.now.start == start:
                self._plans(visit)

    def _calls_off(self, visit: Visit, start: datetime) -> None:
        if visit.now.comes and visit.now.start == start:
            values = {"clinic_id": 1, "visit": visit.id, "by": "nurse"}
            self._act(self._world.people.patients[visit.patient], partial(_call_off, values=values))

    def _is_over(self, visit: Visit, start: datetime) -> None:
        """Staff say whether she came."""
        if not visit.now.comes or visit.now.start != start:
            return
        her = self._world.people.patients[visit.patient]
        marked = _missed if self._chance.random() < her.misses else _done
        self._act(her, partial(marked, values={"clinic_id": 1, "visit": visit.id, "by": "nurse"}))
        if visit.now.state == "missed":
            self._world.agenda.after(3600, partial(self._world.missed_is_known, visit))

    def _act(self, her: Her, what: Any) -> bool:
        """Staff do something in one write, and look what became of it where it broke off. False: the time was taken."""
        world = self._world
        try:
            with world.fate.armed(), world.house.database.writing() as connection:
                what(world.house.database, connection, now=world.clock())
        except Killed as killed:
            world.died(str(killed))
        except Taken:
            return False
        except NotComing:
            pass
        world.look_at(her)
        return True

    def _some_visit_time(self, her: Her, about: datetime | None = None) -> Time:
        """Mostly by day, some early and late; some today, some in two months; on full five minutes."""
        chance, zone = self._chance, ZoneInfo(her.zone)
        now = self._world.clock()
        hour = chance.choices(
            (7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20), (1, 3, 4, 4, 4, 4, 4, 4, 4, 2, 1, 1, 1)
        )[0]
        clock = time(hour, chance.choice((0, 15, 20, 30, 40, 45)))
        if about is not None:
            day = about.astimezone(zone).date() + timedelta(days=chance.randint(0, 2))
        else:
            most = min(60, self._world.scale.days * 2 // 3)
            day = now.astimezone(zone).date() + timedelta(days=min(int(chance.expovariate(1 / 12)), most))
        start = datetime.combine(day, clock, zone).astimezone(UTC)
        if start <= now + timedelta(minutes=20):
            start += DAY
        return Time(chance.choice(self._world.people.clinicians), None, start, 20, "audio", her.zone)

    # Numbers, STOP and START

    def _changes_number(self, her: Her) -> None:
        world = self._world
        if not her.numbers or world.truth.holders(her.numbers[0]) != [her]:
            return
        old, phone = her.numbers[0], Phone(next(world.people.fresh))
        world.people.phones[phone.number] = phone
        new = numbers.Number(phone.number, "mobile", False, False, 0)
        with world.house.database.writing() as connection:
            act = Act(world.house.database, connection, 1, "nurse", "Nurse", world.clock())
            row = number_row(connection, her.id, old)
            assert row is not None and numbers.change(act, her.id, row, new)
        her.numbers[0] = phone.number
        world.truth.note(her.id, world.clock(), f"her number is {phone.number} now, no more {old}")
        world.wakes()

    def _stops(self, her: Her) -> None:
        number = her.reached_at[0]
        if self._world.people.phones[number].truly == "mobile":
            self._stop(number)

    def _stop(self, number: str) -> None:
        world = self._world
        if number in world.truth.stops:
            return
        world.turn(self._text(number, "STOP"))
        world.stopped(number)
        if self._chance.random() < 0.6:
            world.agenda.after(self._chance.uniform(0.1, 20) * 86400, partial(self._start, number))

    def _start(self, number: str) -> None:
        if number not in self._world.truth.wrong:
            self._world.turn(self._text(number, "START"))
            self._world.started(number)

    # Texts

    def read(self, sent: Sent, contact: Contact) -> None:
        """A text lies on her phone."""
        world, chance = self._world, self._chance
        her = world.people.patients[contact.patient]
        phone = world.people.phones.get(sent.to)
        visit = world.truth.visits.get(contact.visit)
        if contact.kind == "call_about_visit" or phone is None or phone.truly != "mobile":
            return
        wants = self._wants(her, phone)
        if wants is not None:
            wait = chance.lognormvariate(6, 1.8)
            if wait < 30 * 3600:
                world.agenda.after(wait, partial(self._answers, Talk(her, sent.to, wants, visit)))

    def _wants(self, her: Her, phone: Phone) -> str | None:
        chance = self._chance
        if phone.strangers:
            return "wrong" if chance.random() < 0.3 else None
        if chance.random() >= her.answers:
            return None
        return chance.choices(("confirm", "move", "call", "stop"), (86, 8, 5, 1))[0]

    def _writes_first(self, talk: Talk) -> None:
        reply = self._world.turn(self._text(talk.number, HELLO[talk.her.language]))
        self._world.truth.spoken[talk.number].add(talk.her.language)
        self._goes_on(talk, reply)

    def _answers(self, talk: Talk) -> None:
        """Her next text in a talk, whatever is asked there now."""
        world = self._world
        place = world.open_text(talk.number)
        if talk.wants == "stop" and talk.turns == 0:
            self._stop(talk.number)
            return
        if place is None:
            return
        words = self._answer(talk, *place, by_voice=False)
        was_about = world.about(talk.number)
        reply = world.turn(self._text(talk.number, words))
        self._did(talk, place, words)
        if was_about is not None and talk.visit is not None and was_about != talk.visit.id:
            talk.visit = world.truth.visits.get(was_about)  # another reminder has come meanwhile
        self._goes_on(talk, reply)

    def _goes_on(self, talk: Talk, reply: Reply) -> None:
        world = self._world
        talk.turns += 1
        world.look_at(*world.truth.holders(talk.number))
        place = world.open_text(talk.number)
        if reply.wait is None or place is None:
            world.talk_ends(talk.number)
            return
        world.talk_goes_on(talk.number)
        if place in TOLD and talk.visit is not None:
            self._is_told(talk, reply, by_voice=False)
        if talk.turns < MOST_TURNS and self._chance.random() > 0.03:
            world.agenda.after(self._chance.uniform(15, 120), partial(self._answers, talk))

    def _is_told(self, talk: Talk, reply: Reply, *, by_voice: bool) -> None:
        visit, languages = talk.visit, {say.language for say in reply.says}
        if visit is not None:
            words = " ".join(say.text for say in reply.says)
            self._world.oracle.heard(visit, words, languages, by_voice=by_voice)

    def _text(self, number: str, words: str) -> Event:
        return Event(Kind.SAID, Channel.TEXT, LINE, number, self._world.new_id("SMin"), text=words)

    def _can_text(self, her: Her) -> bool:
        world = self._world
        if len(her.numbers) != 1 or world.truth.holders(her.numbers[0]) != [her]:
            return False
        phone = world.people.phones[her.numbers[0]]
        free = not (phone.strangers or phone.shared or phone.blocks) and phone.truly == "mobile"
        return free and phone.number not in world.truth.stops and phone.number not in world.truth.wrong

    # Calls

    def picks_up(self, sent: Sent, contact: Contact, by: str) -> None:
        world = self._world
        her, phone = world.people.patients[contact.patient], world.people.phones[sent.to]
        answerer = (
            AnsweredBy.MACHINE
            if by == "machine"
            else self._chance.choice((AnsweredBy.HUMAN,) * 9 + (AnsweredBy.UNKNOWN,))
        )
        wants = self._wants(her, phone) or "hang up"
        talk = Talk(her, sent.to, wants, world.truth.visits.get(contact.visit))
        event = Event(
            Kind.ANSWERED, Channel.VOICE, LINE, sent.to, f"{sent.id}:0", call=sent.id, conversation=sent.token,
            answered_by=answerer,
        )  # fmt: skip
        self._hears(talk, sent, world.turn(event), by)

    def _hears(self, talk: Talk, sent: Sent, reply: Reply, by: str) -> None:
        world = self._world
        talk.turns += 1
        world.look_at(*world.truth.holders(talk.number))
        place = world.open_call(reply.conversation) if reply.wait is not None else None
        if by == "machine" and talk.visit is not None and any(_names_a_time(say.text) for say in reply.says):
            world.oracle.breach(talk.her.id, "told to a machine", " ".join(say.text for say in reply.says))
        if place in TOLD and talk.visit is not None:
            self._is_told(talk, reply, by_voice=True)
        if place is None or talk.wants == "hang up" or talk.turns > MOST_TURNS:
            world.agenda.after(6, partial(world.company.ends, sent, 10 * talk.turns))
            return
        world.agenda.after(self._chance.uniform(4, 15), partial(self._presses, talk, sent, reply, place))

    def _presses(self, talk: Talk, sent: Sent, reply: Reply, place: tuple[str, str]) -> None:
        keys = self._answer(talk, *place, by_voice=True)
        event = Event(
            Kind.SAID, Channel.VOICE, LINE, sent.to, f"{sent.id}:{reply.turn}", call=sent.id,
            conversation=reply.conversation, turn=reply.turn, keys=keys,
        )  # fmt: skip
        answered = self._world.turn(event)
        self._did(talk, place, keys)
        self._hears(talk, sent, answered, "human")

    # What is answered where

    def _answer(self, talk: Talk, flow: str, step: str, *, by_voice: bool) -> str:
        if step in OPENINGS:
            stops = talk.wants == "stop" and by_voice
            return "9" if stops else "2" if talk.wants == "wrong" else "1"
        if (flow, step) in TOLD:
            if talk.wants == "wrong" and flow == "reminded_visit":
                return "3"
            return "9" if talk.wants == "stop" and flow == "reminder_call" else ANSWERS.get(talk.wants, "1")
        if flow == "identify" and step in ("birth_date", "about"):
            born = talk.her.born
            if step == "birth_date" and talk.number not in talk.her.numbers and talk.her.proxy is not None:
                born = talk.her.proxy.born
            return f"{born:%m%d%Y}" if by_voice else f"{born:%m/%d/%Y}"
        if (flow, step) == ("identify", "first_name"):
            return talk.her.name.split()[0]
        if (flow, step) == ("choose_time", "day"):
            day = self._world.clock().date() + timedelta(days=self._chance.randint(2, 30))
            while day.day < 13:
                day += DAY
            return f"{day:%m%d}" if by_voice else f"{day:%m/%d}"
        return FIXED.get((flow, step), "1")

    def _did(self, talk: Talk, place: tuple[str, str], words: str) -> None:
        """What her answer does that the oracle must know."""
        world, (flow, step) = self._world, place
        if talk.wants == "wrong" and (step in OPENINGS or step == "told"):
            world.is_another_persons(talk.number)
        if words == "9" and (step in OPENINGS or step == "told"):
            world.stopped(talk.number)
        if (flow, step) == ("agree_to_reminders", "may_we"):
            talk.her.consents = True
            world.truth.note(talk.her.id, world.clock(), "she agrees to reminders")

    def _some_time(self) -> datetime:
        scale = self._world.scale
        return scale.begins + self._chance.random() * (scale.ends - scale.begins)


def _names_a_time(words: str) -> bool:
    return ":" in words


def _book(database: Any, connection: Any, *, now: datetime, values: dict[str, Any]) -> None:
    book_for.book(database, connection, now=now, in_hours=False, **values)


def _move(database: Any, connection: Any, *, now: datetime, values: dict[str, Any]) -> None:
    book_for.move(database, connection, now=now, in_hours=False, **values)


def _call_off(database: Any, connection: Any, *, now: datetime, values: dict[str, Any]) -> None:
    book_for.call_off(database, connection, now=now, **values)


def _missed(database: Any, connection: Any, *, now: datetime, values: dict[str, Any]) -> None:
    book_for.mark_missed(database, connection, now=now, **values)


def _done(database: Any, connection: Any, *, now: datetime, values: dict[str, Any]) -> None:
    book_for.mark_done(database, connection, now=now, **values)
