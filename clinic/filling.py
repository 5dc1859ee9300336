"""A form as somebody filled it in: each value read, and beside each that could not be, a sentence that says why.

Nothing that was typed is lost: a form that is shown again shows `typed`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict

from care.rules.patient_cells import Terms, Unreadable

T = TypeVar("T")


@dataclass
class Filled:
    """`typed` by the name of a field; `wrong` says in a sentence what is to be mended there."""

    typed: MultiDict[str, str] = field(default_factory=MultiDict)
    wrong: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")

    def all(self, name: str) -> list[str]:
        return self.typed.getlist(name)

    def refuse(self, name: str, why: str) -> None:
        self.wrong.setdefault(name, why)

    def ticked(self, name: str) -> bool:
        return bool(self[name])

    def one_of(self, name: str, allowed: Collection[str], needed: str) -> str:
        value = self[name].strip()
        if value not in allowed:
            self.refuse(name, needed)
        return value

    def some_of(self, name: str, allowed: Collection[str]) -> list[str]:
        """Those of `allowed` that were ticked, in their order."""
        return [one for one in allowed if one in self.all(name)]

    def cell(self, name: str, read: Callable[[str, Terms], T], terms: Terms, needed: str = "") -> T | None:
        """What `read` (of care.rules.patient_cells) makes of a field; None where it is empty or can't be read."""
        value = self[name]
        if not value.strip():
            if needed:
                self.refuse(name, needed)
            return None
        try:
            return read(value, terms)
        except Unreadable as error:
            self.refuse(name, str(error))
            return None


def filled_with(values: Mapping[str, Any]) -> Filled:
    """A form as it is first shown, with what is in the records."""
    typed: MultiDict[str, str] = MultiDict()
    for name, value in values.items():
        if isinstance(value, str):
            typed[name] = value
        elif value is True:
            typed[name] = "yes"
        elif isinstance(value, Sequence):
            typed.setlist(name, [str(one) for one in value])
        elif value not in (None, False):
            typed[name] = str(value)
    return Filled(typed)
