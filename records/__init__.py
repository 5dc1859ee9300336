"""Tables, one file an aggregate; what is told apart by database; encryption; migrations.

Nothing here knows what the rows mean: rules and acts are care's.
"""

from __future__ import annotations

from records import (
    alerts,
    appointments,
    audit,
    bulk,
    clinics,
    conversations,
    costs,
    counters,
    duplicates,
    keys,
    leases,
    messages,
    names,
    outbox,
    patients,
    readings,
    reminders,
    scheduling,
    tasks,
)
from records.base import Base
from records.database import Database, Unreachable

__all__ = [
    "Base",
    "Database",
    "Unreachable",
    "alerts",
    "appointments",
    "audit",
    "bulk",
    "clinics",
    "conversations",
    "costs",
    "counters",
    "keys",
    "duplicates",
    "leases",
    "messages",
    "names",
    "outbox",
    "patients",
    "readings",
    "reminders",
    "scheduling",
    "tasks",
]
