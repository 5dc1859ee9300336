"""How a clinic has chosen to work: who decides over the schedule, how a freed time is offered, missed calls."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select, update

from care.by_staff import Act
from care.rules.call_back import SETTINGS
from records.clinics import Clinic

CHOICES: Mapping[str, tuple[str, ...]] = {
    "schedule_master": ("careline", "outside"),
    "wait_list": ("one_by_one", "all"),
    "call_back": SETTINGS,
}
"""By the column of `clinics`."""


def choose(act: Act, values: Mapping[str, str]) -> bool:
    """Write what is another than before. False where nothing is."""
    columns = [getattr(Clinic, name) for name in CHOICES]
    before = act.connection.execute(
        select(*columns).where(Clinic.id == act.clinic_id).with_for_update()
    ).one()
    changed = {name: values[name] for name in CHOICES if values[name] != getattr(before, name)}
    if not changed:
        return False
    act.connection.execute(update(Clinic).where(Clinic.id == act.clinic_id).values(**changed))
    act.note("chose_settings", None, ",".join(f"{name}:{value}" for name, value in changed.items()))
    return True
