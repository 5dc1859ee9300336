"""The judge: was each message due, at her hour, to her number, of her visit's time, and did each that was due go?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.year.agenda import Agenda
from tests.year.due_times import HOUR, MINUTE, NEAR, Due, may_be_reached, plan
from tests.year.people import Her
from tests.year.truth import Contact, Truth, Visit, Was

GRACE = timedelta(seconds=5)
"""From the look at the clock to the hand-over: the carrier's rate is waited for in between, two seconds at most."""
PROMPT = 5 * MINUTE
"""A first try later than this needs a reason."""
TALK, RETRY = timedelta(hours=24), timedelta(minutes=10)
LOOK_BACK = 90 * MINUTE
"""How long after its window a reminder is judged: by then the last word on its tries has come."""
MOST_A_DAY, MOST_A_WEEK = 6, 20
WORDS = {
    "ko": re.compile("[가-힣]"),
    "ht": re.compile(r"\bEkri\b|apèl otomatik|eseye rele|\bTanpri\b"),
    "es": re.compile(r"\bEscriba\b|llamada autom|\bPor favor\b", re.I),
    "en": re.compile(r"\bWrite STOP\b|automated call|\bPlease\b"),
}
"""Signs by which one reads which language it is: the first that fits."""
NOON = {
    "en": (r"\bAM\b", r"\bPM\b"),
    "es": (r"a\.\s?m\.", r"p\.\s?m\."),
    "ht": ("dimaten|nan nwit", "apremidi|diswa"),
    "ko": ("오전", "오후"),
}


@dataclass
class Oracle:
    """`tasks_of` reads which tasks a patient has: (reason, key). `rows_of` reads her outbox, for transcripts alone."""

    truth: Truth
    now: Callable[[], datetime]
    agenda: Agenda
    tasks_of: Callable[[int], list[tuple[str, str]]]
    rows_of: Callable[[int], list[str]]
    breaches: list[str] = field(default_factory=list)
    broken: Counter[str] = field(default_factory=Counter)
    figures: Counter[str] = field(default_factory=Counter)
    latest: timedelta = timedelta()
    latest_with_reason: timedelta = timedelta()
    seed: int = 0
    tell: Callable[[str], None] = lambda words: None
    _planned: set[tuple[int, datetime, datetime]] = field(default_factory=set)
    _ways: dict[tuple[int, datetime, datetime, str], list[tuple[str, str]]] = field(default_factory=dict)

    def breach(self, patient: int, what: str, words: str) -> None:
        """Something went wrong for her: kept with all that happened to her."""
        self.broken[what] += 1
        self.truth.note(patient, self.now(), f"!!! {what}: {words}")
        for row in self.rows_of(patient)[-6:]:
            self.truth.note(patient, self.now(), f"    the outbox: {row}")
        if self.broken[what] <= 3:
            transcript = self.truth.transcript(patient)
            self.tell(f"{what}: {words}\n{transcript}")
            self.breaches.append(f"{what}: {words} (seed {self.seed}, patient {patient})\n{transcript}")

    # Each message, as the carrier gets it

    def contacted(self, contact: Contact) -> None:
        her = self.truth.people.patients[contact.patient]
        for what, words in self._wrongs(her, contact):
            self.breach(her.id, what, words)

    def _wrongs(self, her: Her, contact: Contact) -> Iterator[tuple[str, str]]:
        at, number, truth = contact.at, contact.number, self.truth
        if not may_be_reached(at, her.zone, ()):
            yield "in quiet hours", f"{contact.kind} by {contact.channel}"
        elif not may_be_reached(at, her.zone, her.hours):
            yield "outside her own hours", f"{contact.kind} by {contact.channel}"
        if number in truth.stops or truth.stopped_by[her.id]:
            yield "after STOP", f"{contact.kind} to {number}"
        if number in truth.wrong:
            yield "to a wrong number", f"{contact.kind} to {number}, said to be another person's"
        if number not in her.numbers and (her.proxy is None or her.proxy.number != number):
            yield "to a number not hers", f"{contact.kind} to {number}"
        if not her.consents:
            yield "without consent", contact.kind
        if (contact.channel == "text" and her.never_text) or (contact.channel == "call" and her.never_call):
            yield "by a channel she refused", contact.channel
        if (
            contact.channel == "call"
            and number in truth.people.phones
            and truth.people.phones[number].text_only
        ):
            yield "a call to who can't talk", number
        if contact.channel == "text" and number in truth.blocked and truth.blocked[number] < at:
            yield "a text to a blocked number", number
        if contact.channel == "text":
            yield from self._wrong_language(her, number, contact.body)
        yield from self._twice(contact)
        if contact.kind == "reminder":
            yield from self._wrong_reminder(her, contact)
        if contact.kind == "book_visit" and any(
            one.now.comes and one.now.start > at for one in truth.visits_of[her.id]
        ):
            yield "a new visit is offered to who has one", ""

    def _wrong_reminder(self, her: Her, contact: Contact) -> Iterator[tuple[str, str]]:
        visit, at = self.truth.visits[contact.visit], contact.at
        if not visit.now.comes:
            yield "of a visit that does not come", visit.now.state
            return
        if contact.start != visit.now.start:
            yield "of an old time", f"{contact.start} for {visit.now.start}"
            return
        windows = [
            due
            for since in visit.agreed(visit.now.start)
            for due in plan(visit.now.start, her.zone, her.hours, her.wish[0], since)
            if due.offset == contact.offset
        ]
        if not any(due.at <= at <= due.until + GRACE for due in windows):
            yield "not in its window", f"{contact.offset} at {at}, not in {windows}"
        if contact.channel == "text":
            yield from self.wrong_time(visit, contact.body, self._languages(her, contact.number))
        if not self._channel_is_right(her, contact):
            yield "by another channel than she wished", contact.channel

    def _channel_is_right(self, her: Her, contact: Contact) -> bool:
        """The one she wished; the other where that is no way, or was tried in vain."""
        if her.wish[1] in (contact.channel, "both"):
            return True
        key = (contact.visit, contact.start, contact.offset)
        before = [
            one for one in self.truth.reminders[key] if one is not contact and one.channel == her.wish[1]
        ]  # type: ignore[index]
        return bool(before) or not any(channel == her.wish[1] for _, channel in self.ways(her))

    def _twice(self, contact: Contact) -> Iterator[tuple[str, str]]:
        """At most once: a further try only after one that the carrier is known not to have carried."""
        before = [
            one
            for one in self.truth.contacts[contact.number]
            if one.row == contact.row and one is not contact and one.channel == contact.channel
        ]
        if any(
            one.outcome in ("taken", "lost", "never came", "delivered", "human", "machine") for one in before
        ):
            yield "twice", f"{contact.kind} by {contact.channel} after {[one.outcome for one in before]}"
        if contact.kind == "reminder":
            key = (contact.visit, contact.start, contact.offset)
            others = [
                one
                for one in self.truth.reminders[key]  # type: ignore[index]
                if one.row != contact.row and one.channel == contact.channel and one.number == contact.number
            ]
            if any(one.reached for one in others):
                yield "twice", f"a second {contact.offset} reminder by {contact.channel}"

    def _wrong_language(self, her: Her, number: str, words: str) -> Iterator[tuple[str, str]]:
        is_in = next((tag for tag, sign in WORDS.items() if sign.search(words)), "?")
        if is_in not in self._languages(her, number):
            yield "in a wrong language", f"{is_in}: {words}"

    def _languages(self, her: Her, number: str) -> set[str]:
        of_the_phone = her.language if number in her.numbers or her.proxy is None else her.proxy.language
        return {of_the_phone} | self.truth.spoken[number]

    def wrong_time(self, visit: Visit, words: str, languages: set[str]) -> Iterator[tuple[str, str]]:
        """Is a time told, and another than the visit's now?"""
        told = re.search(r"(?<![\d:])(\d{1,2}):(\d\d)(?!\d)", words)
        if told is None:
            return
        local = visit.now.start.astimezone(ZoneInfo(visit.zone))
        right = (int(told[1]), int(told[2])) == ((local.hour - 1) % 12 + 1, local.minute)
        days = re.findall(r"(?<![\d:])(\d{1,2})(?![\d:])", words)
        right = right and str(local.day) in days
        halves = [re.search(NOON[tag][local.hour >= 12], words) for tag in languages]
        if not right or not any(halves):
            yield "a wrong time is told", f"{words!r}, and it is {local:%A %d %H:%M}"

    def heard(self, visit: Visit, says: str, languages: set[str], *, by_voice: bool) -> None:
        """What somebody is told in a talk about a reminder."""
        if by_voice:
            local = visit.now.start.astimezone(ZoneInfo(visit.zone))
            if not re.search(rf"(?<!\d){local.day}(?!\d)", says):
                self.breach(visit.patient, "a wrong time is told", f"{says!r}, and it is {local:%A %d %H:%M}")
            return
        for what, words in self.wrong_time(visit, says, languages):
            self.breach(visit.patient, what, words)

    # Each reminder that is due

    def changed(self, visit: Visit) -> None:
        """Its plan from now on."""
        was, her = visit.now, self.truth.people.patients[visit.patient]
        if not was.comes or (visit.id, was.start, was.since) in self._planned:
            return
        self._planned.add((visit.id, was.start, was.since))
        for due in plan(was.start, her.zone, her.hours, her.wish[0], was.since):
            self.agenda.at(due.at, lambda due=due: self._note_ways(visit, was, due))  # type: ignore[misc]
            self.agenda.at(due.until + LOOK_BACK, lambda due=due: self._look_back(visit, was, due))  # type: ignore[misc]

    def _note_ways(self, visit: Visit, was: Was, due: Due) -> None:
        her = self.truth.people.patients[visit.patient]
        self._ways[visit.id, was.start, was.since, due.offset] = self.ways(her)

    def ways(self, her: Her) -> list[tuple[str, str]]:
        """Numbers and channels by which a machine may reach her now."""
        if not her.consents or self.truth.stopped_by[her.id]:
            return []
        found = []
        for number in her.reached_at:
            phone = self.truth.people.phones[number]
            if number in self.truth.stops or number in self.truth.wrong:
                continue
            if not her.never_text and phone.kind != "landline" and number not in self.truth.blocked:
                found.append((number, "text"))
            if not her.never_call and not phone.text_only:
                found.append((number, "call"))
        return found

    def _look_back(self, visit: Visit, was: Was, due: Due) -> None:
        """Was it sent, or is there a reason why not, and does somebody know who must?"""
        if self.truth.is_idle(self.now()):  # whoever would have told somebody does not run
            self.agenda.at(self.now() + 2 * HOUR, lambda: self._look_back(visit, was, due))
            return
        ways = self._ways.pop((visit.id, was.start, was.since, due.offset), [])
        if visit.at(due.at) is not was:
            return  # agreed to anew, or changed, before it was due: that has a plan of its own
        ends = next(
            (one.since for one in visit.was if one.since > was.since and _is_another(one, was)), due.until
        )
        ends = min(ends, due.until)
        self.figures["due"] += 1
        tries = [one for one in self.truth.reminders[visit.id, was.start, due.offset] if one.at >= due.at]
        reached = [one for one in tries if one.reached]
        if tries:
            self._judge_lateness(visit, due, tries[0])
        if reached:
            self.figures["reached"] += 1
            self.figures[f"reached by {reached[0].channel}"] += 1
            return
        reason = self._why_not(visit, due, ways, tries, ends)
        if reason is None:
            self.breach(
                visit.patient, "not sent", f"{due.offset} due at {due.at}, ways {ways}, tries {tries}"
            )
            return
        self.figures[f"not reached: {reason}"] += 1
        if reason == UNKNOWN and not self._somebody_looks(visit, due):
            self.breach(visit.patient, "nobody was told", f"{due.offset}: {reason}")
        if self.truth.was_idle_through(due.until, was.start):
            return  # when a worker ran again the visit had begun: there was nothing left to tell anybody
        if reason in NEEDS_A_PERSON and was.start - due.at <= NEAR and ends >= due.until:
            self._somebody_knows(visit, was, due, reason)

    def _why_not(
        self, visit: Visit, due: Due, ways: list[tuple[str, str]], tries: list[Contact], ends: datetime
    ) -> str | None:
        her = self.truth.people.patients[visit.patient]
        if not her.consents:
            return "no consent"
        if self._had_stopped(her, due):
            return "she had stopped us"
        if not ways and any(number in self.truth.wrong for number in her.reached_at):
            return "the number is another person's"  # of which a task was made when it was said
        if not ways:
            return "no way for a machine"
        if any(one.outcome == "never came" for one in tries) or (
            not tries and self._somebody_looks(visit, due) and self._somebody_died(due.at, ends)
        ):
            return UNKNOWN
        if tries:
            return "every try failed"
        if ends <= due.at + PROMPT:
            return "the visit changed just then"
        if self.truth.was_idle(due.at, ends) or self._died(due.at, ends):
            return "no worker ran"
        if self._talks(her, due.at, ends):
            return "she was in the middle of a talk"
        if self._at_the_cap(her, due):
            return "as many as are allowed"
        if not self.ways(her):
            return "no way any more"
        return None

    def _somebody_died(self, begins: datetime, ends: datetime) -> bool:
        return any(begins <= at <= ends for at in self.truth.deaths)

    def _somebody_looks(self, visit: Visit, due: Due) -> bool:
        """Is there a task for what may or may not have gone?"""
        about = f"outcome_unknown:reminder:{visit.id}:", f":{due.offset}"
        return any(key.startswith(about[0]) and about[1] in key for _, key in self.tasks_of(visit.patient))

    def _had_stopped(self, her: Her, due: Due) -> bool:
        """Some time between its being put into the outbox and its end."""
        early = due.at - (8 * 24 * HOUR if her.hours else 18 * HOUR)
        return any(
            begins < due.until and (ends is None or ends > early)
            for begins, ends in self.truth.stop_spans[her.id]
        )

    def _died(self, begins: datetime, ends: datetime) -> bool:
        """A worker that died with it in hand: found after a minute, unless its window is as short."""
        return any(begins - MINUTE <= at <= ends for at in self.truth.deaths) and ends - begins < 3 * MINUTE

    def _talks(self, her: Her, begins: datetime, ends: datetime) -> bool:
        return any(
            first <= ends and last >= begins
            for number in her.reached_at
            for first, last in self.truth.talks[number]
        )

    def _at_the_cap(self, her: Her, due: Due) -> bool:
        for number in her.reached_at:
            sent = [
                one.at
                for one in self.truth.contacts[number]
                if one.kind == "reminder" and one.was_taken and one.at <= due.until
            ]
            if sum(at > due.at - timedelta(days=1) for at in sent) >= MOST_A_DAY:
                return True
            if sum(at > due.at - timedelta(days=7) for at in sent) >= MOST_A_WEEK:
                return True
        return False

    def _judge_lateness(self, visit: Visit, due: Due, first: Contact) -> None:
        late = first.at - due.at
        her = self.truth.people.patients[visit.patient]
        reason = (
            self.truth.was_idle(due.at - MINUTE, first.at)
            or self._talks(her, due.at, first.at)
            or any(due.at - 2 * MINUTE <= death <= first.at for death in self.truth.deaths)
        )
        if late > PROMPT and not reason:
            self.breach(visit.patient, "late without a reason", f"{due.offset} by {late}")
        if late > PROMPT:
            self.latest_with_reason = max(self.latest_with_reason, late)
        else:
            self.latest = max(self.latest, late)

    def _somebody_knows(self, visit: Visit, was: Was, due: Due, reason: str) -> None:
        start = was.start.isoformat(timespec="minutes")
        about = f":{visit.id}:{start[:16]}"
        tasks = [why for why, key in self.tasks_of(visit.patient) if about in key]
        if not tasks:
            self.breach(visit.patient, "nobody was told", f"{due.offset}: {reason}")


def _is_another(later: Was, was: Was) -> bool:
    return not later.comes or later.start != was.start


UNKNOWN = "nobody can say whether it went"
NEEDS_A_PERSON = (
    "no way for a machine", "every try failed", "no worker ran",
    "she was in the middle of a talk", "as many as are allowed",
)  # fmt: skip
