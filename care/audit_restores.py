"""What the audit says of itself having been taken back: a backup was put in the place of what was there.

Heads that were exported after that backup and before it was put back belong to a history that was given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

RESTORED = "restored"
_ABOUT = "backup:"


@dataclass(frozen=True)
class Restore:
    """`made_at` is the backup's time, `at` when it was put back, both aware; `by` who did, as the audit names them."""

    made_at: datetime
    at: datetime
    by: str

    def gave_up(self, exported_at: str) -> bool:
        """Does a head of that time tell of what is no more? Heads know whole seconds; one of the same second counts."""
        then = datetime.fromisoformat(exported_at)
        return self.made_at.replace(microsecond=0) <= then < self.at.replace(microsecond=0)

    def __str__(self) -> str:
        at, made_at = (f"{one.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" for one in (self.at, self.made_at))
        return (
            f"Restored at {at} by {self.by} from a backup of {made_at}:"
            " what was written in between is in no chain any more."
        )


def about(made_at: datetime) -> str:
    """What an entry *restored* is about."""
    return f"{_ABOUT}{made_at.isoformat(timespec='seconds')}"


def read(entry: Any) -> Restore | None:
    """The restore that an entry of the audit tells of, if it does."""
    if entry.did != RESTORED:
        return None
    return Restore(datetime.fromisoformat(entry.about.removeprefix(_ABOUT)), entry.at, entry.by)
