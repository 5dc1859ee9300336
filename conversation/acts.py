"""The acts and rules that flows call, by the names that flows use, each with the values that it takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update

from care import alerts, check_ins, consent, messages, people, readings, tasks
from care.occasion import Occasion, Overtaken
from care.reminders import answers
from care.rules import blood_pressure, call_back, identity, purpose, visit_wishes
from care.scheduling import booking, follow_ups, slot_offers, wait_list
from care.scheduling.book_for import NotComing, NotTheirs
from languages import Language, Languages
from records.conversations import Conversation
from records.outbox import OutboxRow
from records.readings import Reading
from records.tasks import Task

Act = Callable[..., None]


def _remember_language(on: Occasion, language: str) -> None:
    people.remember(on, language=language)


def _make_task(on: Occasion, reason: str, same_day: str) -> None:
    tasks.make_in_turn(on, reason, same_day == "yes")


def _take_up_left(on: Occasion, left: Mapping[str, Any]) -> None:
    """What was left goes on here: its conversation is over, what is unfinished of its readings is now this one's.

    Only that one: others that were left at this number may be another person's.
    """
    here = (Conversation.id == left["id"], Conversation.clinic_id == on.clinic_id)
    taken = on.connection.execute(
        update(Conversation).where(*here, Conversation.state.in_(("left", "open"))).values(state="superseded")
    )
    if taken.rowcount == 0:
        return
    unfinished = Reading.confirmed.is_(False) | (
        Reading.warning_signs.is_(None) & (Reading.level != "severe")
    )
    on.connection.execute(
        update(Reading)
        .where(Reading.conversation_id == left["id"], unfinished)
        .values(conversation_id=on.conversation_id, patient_id=on.patient_id)
    )
    on.connection.execute(
        update(Task)
        .where(Task.key == f"check_in_not_finished:{left['id']}", Task.state == "open")
        .values(state="done", done_at=on.now, done_by="taken up by the patient")
    )


def _set_aside_left(on: Occasion) -> None:
    """Nothing that was left at this number goes on; what may not wait reaches a person all the same."""
    left = on.connection.execute(
        select(Conversation.id, Conversation.state).where(
            Conversation.clinic_id == on.clinic_id,
            Conversation.number_hash == on.number_hash,
            Conversation.id != on.conversation_id,
            (Conversation.state == "left")
            | ((Conversation.state == "open") & (Conversation.channel == "text")),
        )
    ).all()
    for row in left:
        on.connection.execute(update(Conversation).where(Conversation.id == row.id).values(state="closed"))
        if row.state == "open":
            readings.left_unconfirmed(replace(on, conversation_id=row.id, channel="text", patient_id=None))


def _take_alert(on: Occasion) -> None:
    """Whoever pressed the key on the emergency line has the alert that this call is about."""
    row = on.connection.execute(OutboxRow.__table__.select().where(OutboxRow.id == on.outbox_id)).one()
    alerts.take(on, row.facts["alert"], "by phone")


def _unreviewed_words_withheld(on: Occasion, language: str) -> None:
    """Her language has clinical words that nobody has reviewed: she got the next one, and a person looks."""
    tasks.make_in_turn(on, "interpreter_needed", True)


def _book_visit(on: Occasion, offer: Mapping[str, Any], reason: str, words: Any) -> None:
    booking.book(on, offer, reason, words.get("text") if isinstance(words, Mapping) else None)


def _move_visit(on: Occasion, visit: Mapping[str, Any], offer: Mapping[str, Any]) -> None:
    _as_it_stands(lambda: booking.move(on, visit["id"], offer))


def _call_off_visit(on: Occasion, visit: Mapping[str, Any]) -> None:
    _as_it_stands(lambda: booking.call_off(on, visit["id"]))


def _confirm_visit(on: Occasion, visit: Mapping[str, Any]) -> None:
    _as_it_stands(lambda: booking.confirm(on, visit["id"]))


def _take_offer(on: Occasion, offer: int) -> None:
    _as_it_stands(lambda: slot_offers.take(on, offer))


def _as_it_stands(change: Callable[[], None]) -> None:
    """Where staff changed her visit since she was asked, the turn is thought again, and she is told."""
    try:
        change()
    except (NotComing, NotTheirs):
        raise Overtaken from None


ACTS: Mapping[str, Act] = {
    "remember_language": _remember_language,
    "confirm_person": lambda on, match: people.confirm(on, match),
    "note_wrong_identity": lambda on, other_number: people.note_wrong(on, other_number),
    "note_changed_number": lambda on, other_number, birth_date: people.note_changed_number(
        on, other_number, birth_date
    ),
    "note_reading": lambda on, reading, level: readings.note(on, reading, level),
    "confirm_reading": lambda on: readings.confirm(on),
    "note_warning_signs": lambda on, warning_signs: readings.note_warning_signs(on, warning_signs),
    "raise_alert": lambda on, reason, urgency, reading, other_number: alerts.raise_alert(
        on, reason, urgency, reading, other_number
    ),
    "take_alert": _take_alert,
    "finish_check_in": lambda on: check_ins.finish(on),
    "confirm_reminded_visit": lambda on: answers.confirm(on),
    "ask_for_call_about_visit": lambda on, reason: answers.ask_for_call(on, reason),
    "keep_message": lambda on, message: messages.keep(on, message),
    "keep_message_of_a_stranger": lambda on, message, caller_name, callback_number: (
        messages.keep_of_a_stranger(on, message, caller_name, callback_number)
    ),
    "keep_text": lambda on, words: messages.keep(on, {"text": words}),
    "make_task": _make_task,
    "opt_out": lambda on: consent.opt_out(on),
    "opt_out_of": lambda on, topic: consent.opt_out(on, topic),
    "opt_in": lambda on: consent.opt_in(on),
    "wrong_person": lambda on: consent.wrong_person(on),
    "leave": lambda on: readings.left_unconfirmed(on),
    "tell_of_visits": lambda on: None,
    "book_visit": _book_visit,
    "move_visit": _move_visit,
    "call_off_visit": _call_off_visit,
    "confirm_visit": _confirm_visit,
    "wait_for_visit": lambda on, reason, visit_kind, clinician, visit: wait_list.wait(
        on, reason, visit_kind, clinician, visit
    ),
    "take_offer": _take_offer,
    "book_wanted_visit": lambda on, wanted, offer: follow_ups.book(on, wanted, offer),
    "decline_wanted_visit": lambda on, wanted: follow_ups.decline(on, wanted),
    "decline_offer": lambda on, offer, stay: slot_offers.decline(on, offer, stay),
    "agree_to": lambda on, topic, text_version: consent.agree(on, topic, text_version),
    "take_up_left": _take_up_left,
    "set_aside_left": _set_aside_left,
    "unreviewed_words_withheld": _unreviewed_words_withheld,
}


def rules_in(language: Language) -> Mapping[str, Callable[..., Any]]:
    """The pure rules that flows may `judge` by; those that read words read them in `language`."""
    return {
        "same": lambda value: value,
        "nothing": lambda: None,
        "one_more": lambda count: (count or 0) + 1,
        "match_person": identity.match_person,
        "outcome_of": lambda match: match["outcome"],
        "patient_of": lambda match: match["patient"],
        "may_speak_of": identity.may_speak_of,
        "may_take_up": identity.may_take_up,
        "is_whose": lambda who, patient: who is not None and who == patient,
        "called_back_into": call_back.into,
        "check_in_is_hers": call_back.check_in_is_hers,
        "blood_pressure_level": blood_pressure.level_for,
        "purpose_of_text": lambda words: "blood_pressure" if purpose.reading_in(words, language) else "menu",
        "as_soon_as_possible": visit_wishes.as_soon_as_possible,
        "in_part_of_day": visit_wishes.in_part_of_day,
        "wish_in_text": lambda words, today, hours: visit_wishes.wish_in_text(words, today, hours, language),
        "between_days": visit_wishes.between_days,
        "how_many": visit_wishes.how_many,
        "first_of": visit_wishes.first_of,
        "last_start": visit_wishes.last_start,
        "part_of": visit_wishes.part_of,
        "reading_in_text": lambda words, taken: None if taken else purpose.reading_in(words, language),
    }


def known_acts() -> Mapping[str, frozenset[str]]:
    return {name: _takes(act) - {"on"} for name, act in ACTS.items()}


def known_rules(languages: Languages) -> Mapping[str, frozenset[str]]:
    return {name: _takes(rule) for name, rule in rules_in(languages["en"]).items()}


def _takes(function: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(function).parameters)
