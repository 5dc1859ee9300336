"""How many segments a text takes on the air."""

from __future__ import annotations

import smsutil

LONGEST = 1600  # characters, Twilio's limit for one message


def count(text: str) -> int:
    """Segments of a text: GSM-7 160 or 153 characters each, UCS-2 70 or 67 (3GPP TS 23.038)."""
    return max(1, len(smsutil.split(text).parts)) if text else 1
