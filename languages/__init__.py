"""What is known of a language: its catalogue, its fallbacks, reading and saying its numbers and dates.

The languages themselves are data, one folder each in `locales/`. This room imports no settings: whoever
needs another folder than the repository's passes it to `load`.
"""

from __future__ import annotations

from languages.catalogues import Languages, load
from languages.language import Language
from languages.saying import fill, say

__all__ = ["N_", "Language", "Languages", "fill", "load", "say"]


def N_(msgid: str) -> str:
    """Mark an English string for the catalogues; it is translated where it is said.

    The name is the one that gettext's tools look for.
    """
    return msgid
