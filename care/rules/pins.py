"""Which PINs are too easily guessed: those that everybody tries first, and those that a birth date gives away."""

from __future__ import annotations

from datetime import date

from care.rules.identity import limits

UP = "01234567890123456789"


def why_not(pin: str, birth_date: str) -> str | None:
    """A sentence for the person who sets it, or None where this PIN (digits) may be used.

    `birth_date` is ISO 8601. Rules: NIST SP 800-63B 5.1.1.2 (refuse what is repeated, in sequence, or
    taken from the context).
    """
    shortest, longest = limits()["pin"]["shortest"], limits()["pin"]["longest"]
    if not (pin.isascii() and pin.isdigit() and shortest <= len(pin) <= longest):
        return f"A PIN is {shortest} to {longest} digits, nothing else."
    if len(set(pin)) == 1 or pin in UP or pin in UP[::-1]:
        return "That PIN is one of the first that people try. Choose another."
    if pin in _of_birth_date(date.fromisoformat(birth_date)):
        return "That PIN is part of the date of birth, which others know. Choose another."
    return None


def _of_birth_date(born: date) -> set[str]:
    patterns = ("%Y", "%m%d", "%d%m", "%m%y", "%y%m", "%m%d%y", "%d%m%y", "%y%m%d", "%m%d%Y", "%d%m%Y", "%Y%m%d")
    return {born.strftime(pattern) for pattern in patterns}
