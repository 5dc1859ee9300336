"""Who has which unit of time while an import is planned: the same rule as the key of `Occupied`, before it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from care.scheduling.occupying import resources
from records.scheduling import unit_after, unit_of


class Units:
    """Units of clinicians, places and patients, each with the one that has it."""

    def __init__(self) -> None:
        self._owner: dict[int, Any] = {}
        self._resources: dict[str, int] = {}

    def owner(self, visit: Any) -> Any | None:
        """Somebody who has a unit of this visit already."""
        return next((self._owner[key] for key in self._keys(visit) if key in self._owner), None)

    def owners(self, visit: Any) -> list[Any]:
        found = {id(one): one for key in self._keys(visit) if (one := self._owner.get(key)) is not None}
        return list(found.values())

    def take(self, visit: Any, owner: Any) -> None:
        self._owner.update(dict.fromkeys(self._keys(visit), owner))

    def release(self, visit: Any, owner: Any) -> None:
        for key in self._keys(visit):
            if self._owner.get(key) is owner:
                del self._owner[key]

    def _keys(self, visit: Any) -> Iterator[int]:
        """One number for each unit of each resource: a million of them stay small."""
        for resource in resources(visit.clinician_id, visit.place_id, visit.patient_id):
            place = self._resources.setdefault(resource, len(self._resources)) << 40
            for unit in range(unit_of(visit.starts_at), unit_after(visit.ends_at)):
                yield place | unit
