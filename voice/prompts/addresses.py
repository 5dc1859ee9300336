"""Where a call fetches a sentence: an address that nobody can guess, that expires and that says nothing."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

GOOD_FOR = timedelta(minutes=15)
"""A carrier fetches a sound when its turn comes: longer than any reply takes to be heard."""


def sign(secret: bytes, conversation: str, turn: int, place: str, now: datetime) -> str:
    """The path and query of one sentence of a reply. `place` is its number in it ("0"); "w0" is a whisper's first."""
    expires = int((now + GOOD_FOR).timestamp())
    signature = _signature(secret, conversation, turn, place, expires)
    return f"/voice/sounds/{conversation}/{turn}/{place}.wav?expires={expires}&signature={signature}"


def is_good(
    secret: bytes, conversation: str, turn: int, place: str, expires: str, signature: str, now: datetime
) -> bool:
    """Did we give this address away, and is it still its time?"""
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
        return False
    right = _signature(secret, conversation, turn, place, int(expires))
    return hmac.compare_digest(right.encode(), signature.encode()) and now.timestamp() <= int(expires)


def _signature(secret: bytes, conversation: str, turn: int, place: str, expires: int) -> str:
    signed = "\n".join(["sound", conversation, str(turn), place, str(expires)])
    return hmac.new(secret, signed.encode(), hashlib.sha256).hexdigest()
