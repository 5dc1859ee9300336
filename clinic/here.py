"""Who is asking, of which clinic, with what at hand: for the length of one request."""

from __future__ import annotations

from typing import Any, cast

from flask import abort, current_app, g, request

from conversation.house import House


def house() -> House:
    return cast(House, current_app.extensions["careline"])


def staff() -> Any:
    """The person who is signed in: id, login, name, clinic_id, and the clinic's name, line and time zone."""
    return g.staff


def cursor(name: str = "before") -> int | None:
    """An id in the address, from which a list goes on; 404 where it is none."""
    return _whole(request.args.get(name))


def of_patient() -> dict[str, int]:
    """The patient that a list is asked for, as a condition; none where it is asked for everyone."""
    patient = _whole(request.args.get("patient"))
    return {} if patient is None else {"patient_id": patient}


def _whole(word: str | None) -> int | None:
    if not word:
        return None
    if not (word.isascii() and word.isdigit() and len(word) < 18):
        abort(404)
    return int(word)
