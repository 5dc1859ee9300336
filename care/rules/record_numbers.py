"""A patient's number in the clinic's own records, compared as people read it."""

from __future__ import annotations


def plain(record_number: str) -> str:
    """Capitals, spaces and signs aside: "M-0042" is "m0042"."""
    return "".join(c for c in record_number.casefold() if c.isalnum())


def bare(record_number: str) -> str:
    """Without zeros in front too, which a spreadsheet takes: two that are equal so may be one. "m42", "42"."""
    letters = "".join(c for c in plain(record_number) if not c.isdecimal())
    digits = "".join(c for c in plain(record_number) if c.isdecimal())
    return letters + digits.lstrip("0")
