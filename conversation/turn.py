"""The way of a turn: read, think without a lock, then one short write that either all happens or none of it.

A turn seen before gets its stored reply. Where another turn came between reading and writing, it is
all done again from what is now true.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from care import missed_calls, outbox, reach, subjects
from care.occasion import Overtaken
from conversation import placing, refusals, storing
from conversation.acts import rules_in
from conversation.events import AnsweredBy, Event, Kind
from conversation.facts import Facts
from conversation.finding import Finders
from conversation.placing import Place
from dialogue import controls
from dialogue.engine import Advance, RunawayFlow, Surroundings, advance, begin
from dialogue.flows import FlowSet
from dialogue.reply import Busy, Reply
from dialogue.said import Channel, Said
from languages.catalogues import SOURCE
from languages.words import is_word
from records.database import RETRY_SECONDS, Obstructed, Taken

if TYPE_CHECKING:
    from conversation.house import House

MOST_RETRIES = 20
EMPTY = Reply()
TURNED_AWAY = Reply(wait=Busy())
BY_ANSWERER = {
    AnsweredBy.MACHINE: "machine",
    AnsweredBy.MACHINE_GREETING: "hang_up",
    AnsweredBy.FAX: "hang_up",
}
"""What is begun where no person answered; whoever may be one gets the conversation and its first key."""


class Contended(RuntimeError):
    """The same conversation moved on again and again while this turn was thought about."""


@dataclass(frozen=True)
class Beginning:
    """Which flow a talk begins with, in which language, knowing what."""

    flow: str
    language: str
    values: dict[str, Any]


def take_turn(house: House, event: Event) -> Reply:
    """Answer one event. Raises NoSuchLine where no clinic has the line that was called."""
    deadline = time.monotonic() + RETRY_SECONDS
    for _ in range(MOST_RETRIES):
        try:
            return _take(house, event)
        except (Overtaken, Taken, Obstructed):
            if time.monotonic() > deadline:
                break
    raise Contended(event.key)


def _take(house: House, event: Event) -> Reply:
    place = placing.find(house, event)
    if place.seen is not None:
        if place.seen == EMPTY:
            refusals.count(house, "late turns")
        return place.seen
    if event.kind is Kind.HUNG_UP:
        storing.hang_up(house, event, place)
        return EMPTY
    if place.late and event.kind is Kind.RECORDED:
        storing.keep_late_recording(house, event, place)
        return EMPTY
    if place.late:
        refusals.count(house, "late turns")
        return EMPTY
    if event.kind is Kind.STARTED and _is_called_back(house, event, place):
        return TURNED_AWAY
    result = _think(house, event, place)
    return storing.store(house, event, place, result)


def _is_called_back(house: House, event: Event, place: Place) -> bool:
    """Is this call not taken, because she is called back for it?"""
    setting = place.clinic.call_back
    if setting == "off" or place.position is not None:
        return False
    ring = missed_calls.Ring(place.clinic.id, event.call, place.number, place.number_hash)
    countries = house.settings.allowed_countries
    return missed_calls.instead_of_an_answer(house.database, ring, setting, house.now(), countries)


def _think(house: House, event: Event, place: Place) -> Advance:
    flows = place.flows
    if place.position is None or event.kind is Kind.ANSWERED:
        start = _beginning(house, event, place)
        around = surroundings(house, place, start.language)
        first = Said(text=event.text) if event.text else None
        try:
            return begin(flows, start.flow, around, start.language, start.values, first)
        except RunawayFlow:
            return _to_a_person(house, flows, around, start.language, start.values)
    language, values = place.position["language"], place.position["vars"]
    around = surroundings(house, place, language)
    try:
        return advance(flows, place.position, _said(event), around)
    except RunawayFlow:
        return _to_a_person(house, flows, around, language, values)


def _to_a_person(
    house: House, flows: FlowSet, around: Surroundings, language: str, values: dict[str, Any]
) -> Advance:
    """A flow went round in a circle: she gets a person, and we get a count to look at."""
    refusals.count(house, "runaway flows")
    return begin(flows, "person", around, language, values)


def surroundings(house: House, place: Place, language: str) -> Surroundings:
    """What the engine may know in this turn; facts are read when it asks."""
    return Surroundings(
        place.channel,
        house.languages,
        rules_in(house.languages[language]),
        Facts(
            house.database,
            house.flows.get,
            place.clinic,
            {
                "channel": place.channel.value,
                "number": place.number,
                "number_hash": place.number_hash,
                "conversation": place.conversation,
                "flows_version": place.flows.version,
                "tags": can_be_used(house, place.channel),
                "now": house.now(),
                "other_number": _other_number(place),
                "outbox": place.outbox_id,
            },
        ),
        send_drafts=house.settings.send_drafts,
        finders=Finders(house.database, place.clinic, house.now()),
    )


def _other_number(place: Place) -> str:
    """The number under which she says the clinic knows her, where it is not the one she calls from."""
    given = place.position["vars"].get("other_number") if place.position else None
    return str(given["e164"]) if given else ""


def can_be_used(house: House, channel: Channel) -> frozenset[str]:
    """The languages that a channel can carry: on a call, those that the carrier or we have a voice for."""
    written = channel is Channel.TEXT
    return frozenset(tag for tag, language in house.languages.items() if written or language.has_voice)


def _beginning(house: House, event: Event, place: Place) -> Beginning:
    if event.kind is Kind.ANSWERED:
        assert place.position is not None
        flow = BY_ANSWERER.get(event.answered_by or AnsweredBy.UNKNOWN, place.flow)
        if flow == "machine" and (
            place.position["vars"].get("no_voicemail") or place.flow == missed_calls.KIND
        ):
            flow = "hang_up"  # her rules for safe contact; who was called back pays to hear "call us"
        if _is_stopped(house, place):
            flow = "hang_up"  # it rang when she, or staff, told us to call no more
        elif flow == place.flow and not _is_wanted(house, place):
            flow = "never_mind"  # it rang when the visit was moved, or somebody answered in another way
        return Beginning(flow, place.position["language"], place.position["vars"])
    if event.channel is Channel.VOICE:
        known = place.known_language
        return Beginning("call", known if known in can_be_used(house, place.channel) else SOURCE, {})
    language, values = placing.language_of_text(house, event.text, place)
    if place.named_as:  # whoever else reads that phone is told no other name now
        values = {**values, "clinic_name": place.named_as}
    asked = controls.asked_for(Said(text=event.text), house.languages[language], house.languages.values())
    if place.opted_out:
        if asked == controls.PERSON:  # who is not answered by text is called back by a person
            values = {**values, "help_wanted": asked}
        return Beginning("start" if asked == controls.START else "text_after_stop", language, values)
    if is_word(event.text, house.languages[language], controls.WRONG_PERSON):
        return Beginning(controls.WRONG_PERSON, language, values)
    return Beginning("late_answer" if place.question_closed else "text", language, values)


def _is_stopped(house: House, place: Place) -> bool:
    with house.database.reading() as connection:
        row = outbox.get(connection, place.outbox_id)
        return row is not None and reach.is_stopped(connection, row, house.now())


def _is_wanted(house: House, place: Place) -> bool:
    """Is what the call is about still so?"""
    with house.database.reading() as connection:
        row = outbox.get(connection, place.outbox_id)
        return row is None or not subjects.why_not_wanted(connection, [row], house.now())


def _said(event: Event) -> Said:
    """The answer in an event. The key that ended a spoken message is no answer, unless nothing was spoken."""
    spoke = event.kind is Kind.RECORDED and event.seconds > 0
    return Said(
        keys="" if spoke else event.keys,
        text=event.text,
        transcript=event.transcript,
        confidence=event.confidence,
        recording=event.recording,
        seconds=event.seconds,
        dialed=event.dial_status.value if event.dial_status else "",
    )
