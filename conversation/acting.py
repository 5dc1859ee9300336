"""Runs the acts of a turn, and notes in the audit, in the same commit, which of a patient's data each one changed."""

from __future__ import annotations

from collections.abc import Mapping

from care import audit
from care.occasion import Occasion
from conversation.acts import ACTS
from dialogue.engine import Act

AUDITED: Mapping[str, str] = {
    "remember_language": "chose_language",
    "confirm_person": "was_confirmed",
    "note_wrong_identity": "was_not_confirmed",
    "note_changed_number": "told_new_number",
    "note_reading": "gave_reading",
    "confirm_reading": "confirmed_reading",
    "note_warning_signs": "told_warning_signs",
    "raise_alert": "raised_alert",
    "take_alert": "took_alert",
    "finish_check_in": "finished_check_in",
    "ask_for_call_about_visit": "made_task",
    "keep_message": "kept_message",
    "keep_message_of_a_stranger": "kept_message",
    "keep_text": "kept_message",
    "make_task": "made_task",
    "opt_out": "opted_out",
    "opt_out_of": "opted_out_of",
    "opt_in": "opted_in",
    "wrong_person": "told_wrong_person",
    "leave": "left",
    "tell_of_visits": "was_told_visits",
    "wait_for_visit": "waits_for_visit",
    "decline_offer": "declined_offer",
    "take_up_left": "took_up_what_was_left",
    "set_aside_left": "set_aside_what_was_left",
    "unreviewed_words_withheld": "made_task",
}
"""What the audit calls each act; one that does not stand here goes in under its own name."""
NOTED_BY_CARE = "care.scheduling notes it itself, with the visit"
NOT_A_PATIENTS_DATA: Mapping[str, str] = dict.fromkeys(
    (
        "book_visit",
        "book_wanted_visit",
        "take_offer",
        "move_visit",
        "call_off_visit",
        "confirm_visit",
        "confirm_reminded_visit",
    ),
    NOTED_BY_CARE,
) | {"agree_to": "care.consent notes it itself, with the topic"}
"""Acts that change nothing of a patient's data, or are noted elsewhere, each with the reason."""


def act(on: Occasion, wanted: Act) -> None:
    """Do one act. `on` may become somebody's in it: the entry is hers then."""
    ACTS[wanted.name](on, **wanted.values)
    if wanted.name not in NOT_A_PATIENTS_DATA:
        did = AUDITED.get(wanted.name, wanted.name)
        audit.note_in_turn(on, did, f"conversation:{on.conversation_id}")
