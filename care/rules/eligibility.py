"""Who may see her, and by which kind of visit.

The state in which the patient is decides where a clinician must be licensed (AMA H-480.969). Where it is not known,
nobody is offered for a visit from afar: it is asked, or a person looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Sees(Protocol):
    """A clinician: whom she may see."""

    languages: Sequence[str]
    states: Sequence[str]


@dataclass(frozen=True)
class Carries:
    """Kinds of visit that her phone can carry; `by_a_person`: only a person can place the call (711 relay)."""

    visit_kinds: tuple[str, ...]
    by_a_person: bool = False


def may_see(
    clinician: Sees, visit_kind: str, language: str, interpreter: bool, state: str | None
) -> tuple[bool, str | None]:
    """Whether, and the language for which an interpreter is needed. `state` is where she is, not where she lives.

    Whoever sees people in person works where the clinic is, and may: the licence is asked of visits from afar.
    """
    if visit_kind != "in_person" and (state is None or state.upper() not in clinician.states):
        return False, None
    if language in clinician.languages:
        return True, None
    return interpreter, language if interpreter else None


def carried(number_kind: str | None, text_only: bool, has_video: bool) -> Carries:
    """By a number of hers; `has_video` where it is known that she can, since most phones here cannot.

    A landline and a relay carry no video. Who does not talk by phone comes, or has video where she can.
    """
    video = ("video",) if has_video and number_kind == "mobile" else ()
    if number_kind is None:
        return Carries(("in_person",))
    if text_only:
        return Carries((*video, "in_person"))
    return Carries(("audio", *video, "in_person"), by_a_person=number_kind == "relay")
