"""Stop, start and wrong person: what a number has told us, honoured at once and for all that waits."""

from __future__ import annotations

from care import outbox, people, tasks
from care.occasion import Occasion
from records.outbox import OutboxRow


def opt_out(on: Occasion) -> None:
    """No more automatic calls or texts to this number (47 CFR 64.1200: by any reasonable means, at once)."""
    people.remember(on, opted_out_at=on.now)
    _drop_waiting(on, "opted out")
    tasks.make_in_turn(on, "opted_out", False)


def opt_in(on: Occasion) -> None:
    people.remember(on, opted_out_at=None)


def wrong_person(on: Occasion) -> None:
    """Numbers are given to other people: nothing more goes there until a person has looked."""
    people.remember(on, wrong_person_at=on.now)
    _drop_waiting(on, "wrong person")
    tasks.make_in_turn(on, "wrong_person", True)


def _drop_waiting(on: Occasion, reason: str) -> None:
    outbox.cancel(
        on.connection,
        reason,
        OutboxRow.clinic_id == on.clinic_id,
        OutboxRow.number_hash == on.number_hash,
        OutboxRow.kind != "alert",
    )
