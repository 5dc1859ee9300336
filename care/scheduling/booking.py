"""What a patient does with her visits in a turn. Each act is hers only: another's visit, or clinic, raises NotTheirs.

Taken is raised where somebody was first, or the time can't be had any more: the turn is then thought again, and
`offers.still_free` says so to the flow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from care import audit
from care.occasion import Occasion
from care.scheduling import book_for, series
from care.scheduling.book_for import NotTheirs, Time


def book(on: Occasion, offer: Mapping[str, Any], reason: str, words: str | None = None) -> int:
    """The id of the visit. `offer` is one of `offers` in JSON, `reason` a word of care/rules/visit_reasons.yaml."""
    return book_for.book(
        on.database,
        on.connection,
        clinic_id=on.clinic_id,
        patient_id=_hers(on),
        time=Time.of(offer),
        reason=reason,
        by=audit.by_whom(on),
        booked_by="patient" if on.proxy_id is None else "proxy",
        words=words,
        now=on.now,
    )


def book_series(on: Occasion, offer: Mapping[str, Any], reason: str, every: str, times: int) -> series.Booked:
    """The first at the time of an offer; which of the others could not be had is in what is returned."""
    return series.book(
        on.database,
        on.connection,
        clinic_id=on.clinic_id,
        patient_id=_hers(on),
        first=Time.of(offer),
        every=every,
        times=times,
        reason=reason,
        by=audit.by_whom(on),
        booked_by="patient" if on.proxy_id is None else "proxy",
        now=on.now,
    )


def move(on: Occasion, appointment: int, offer: Mapping[str, Any]) -> None:
    """To the time of an offer. It is to be confirmed anew."""
    book_for.move(
        on.database,
        on.connection,
        clinic_id=on.clinic_id,
        visit=appointment,
        time=Time.of(offer),
        patient_id=_hers(on),
        by=audit.by_whom(on),
        now=on.now,
    )


def call_off(on: Occasion, appointment: int) -> None:
    """Nothing happens to one that was called off before."""
    book_for.call_off(
        on.database,
        on.connection,
        clinic_id=on.clinic_id,
        visit=appointment,
        patient_id=_hers(on),
        by=audit.by_whom(on),
        now=on.now,
    )


def confirm(on: Occasion, appointment: int) -> None:
    """She comes."""
    book_for.confirm(
        on.database,
        on.connection,
        clinic_id=on.clinic_id,
        visit=appointment,
        patient_id=_hers(on),
        by=audit.by_whom(on),
        now=on.now,
    )


def _hers(on: Occasion) -> int:
    if on.patient_id is None:
        raise NotTheirs
    return on.patient_id
