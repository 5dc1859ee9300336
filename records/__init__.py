"""Tables, one file an aggregate; what is told apart by database; encryption; migrations.

Nothing here knows what the rows mean: rules and acts are care's.
"""

from __future__ import annotations

from records import (
    alerts,
    audit,
    clinics,
    conversations,
    counters,
    duplicates,
    leases,
    messages,
    names,
    outbox,
    patients,
    readings,
    tasks,
)
from records.base import Base
from records.database import Database

__all__ = [
    "Base",
    "Database",
    "alerts",
    "audit",
    "clinics",
    "conversations",
    "counters",
    "duplicates",
    "leases",
    "messages",
    "names",
    "outbox",
    "patients",
    "readings",
    "tasks",
]
