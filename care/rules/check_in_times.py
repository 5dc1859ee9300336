"""When a programme asks: each local time of day of each day, in the patient's own zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ANSWER_WITHIN = timedelta(hours=2)
"""How long a question may be silent before the next thing is done: a call, then a person."""


def due_times(
    starts_on: date, ends_on: date, ask_at: Sequence[str], timezone: str, after: datetime, before: datetime
) -> Iterator[tuple[str, datetime]]:
    """(`<date>:<time>`, moment in UTC) for every time from `after` up to `before`, both aware.

    A time that a clock change skips is asked when the clock has gone on; one that comes twice, once.
    """
    zone = ZoneInfo(timezone)
    day = max(starts_on, after.astimezone(zone).date())
    while day <= min(ends_on, before.astimezone(zone).date()):
        for written in ask_at:
            moment = datetime.combine(day, time.fromisoformat(written), zone).astimezone(UTC)
            if after <= moment < before:
                yield f"{day.isoformat()}:{written}", moment
        day += timedelta(days=1)
