"""Rooms, and hubs (private phones elsewhere), as somebody at the clinic writes them down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, update

from care.by_staff import Act
from records.scheduling import Place

KINDS = ("room", "hub")


def write(act: Act, place: int | None, values: Mapping[str, Any]) -> int | None:
    """A new one (None), or changed: name, kind, timezone, address, number, state, active. None: not this clinic's."""
    if place is None:
        made = insert(Place).values(clinic_id=act.clinic_id, **values).returning(Place.id)
        place = int(act.connection.execute(made).scalar_one())
    else:
        mine = update(Place).where(Place.id == place, Place.clinic_id == act.clinic_id)
        if act.connection.execute(mine.values(**values)).rowcount != 1:
            return None
    act.note("wrote_place", None, f"place:{place}")
    return place
