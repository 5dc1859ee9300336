"""Where staff can go: the bar on top, and beneath it the pages that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Pages = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Group:
    """`pages`: endpoints (of this console) with their labels; the first is where the bar leads.

    `also`: endpoints that have no label of their own and belong here.
    """

    label: str
    pages: Pages
    also: tuple[str, ...] = ()

    def has(self, endpoint: str) -> bool:
        return endpoint in self.also or any(endpoint == one for one, _ in self.pages)


GROUPS: Sequence[Group] = (
    Group("Now", (("now", "Now"),)),
    Group("Schedule", (("schedule", "Day by day"), ("waiting", "Wait list"))),
    Group("Patients", (("patients", "Patients"),), ("patient", "duplicates", "new_patient")),
    Group("Messages", (("messages", "Messages"),)),
    Group("Readings", (("readings", "Readings"),)),
    Group("Sent", (("sent", "What was sent"), ("bulk_sends", "To many"), ("costs", "Costs"))),
    Group(
        "Clinic",
        (("clinicians", "Clinicians and rooms"), ("settings", "Settings")),
        ("new_clinician", "clinician", "add_hours", "hours", "add_day_off", "new_place", "place"),
    ),
)


def group_of(endpoint: str | None) -> Group | None:
    """The group that a page is of; `endpoint` as Flask has it."""
    name = (endpoint or "").removeprefix("console.")
    return next((group for group in GROUPS if group.has(name)), None)
