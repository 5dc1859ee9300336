"""The flows of now and of before: a conversation is finished with the flows that it began with."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, select

from dialogue.flows import FlowSet, messages_of, read_folder
from languages import Languages
from languages.catalogues import SOURCE
from records import Database
from records.conversations import FlowVersion

FLOWS = Path(__file__).resolve().parent.parent / "ivr_flows"


class FlowVersions:
    """`current`, and any older set as it was stored when it was first used."""

    def __init__(self, current: FlowSet) -> None:
        self.current = current
        self._known = {current.version: current}
        self._lock = Lock()
        self._stored: WeakSet[Database] = WeakSet()

    def get(self, connection: Connection, version: str) -> FlowSet:
        if version not in self._known:
            stored = connection.scalar(select(FlowVersion.flows).where(FlowVersion.version == version))
            if stored is None:
                raise LookupError(f"no flows of version {version}")
            with self._lock:
                self._known[version] = FlowSet(stored["sources"], stored["translations"])
        return self._known[version]

    def store(self, database: Database, connection: Connection, now: datetime) -> None:
        """Keep the current set, in the write that begins a conversation with it."""
        if database in self._stored:
            return
        values: dict[str, Any] = {
            "version": self.current.version,
            "flows": self.current.to_json(),
            "first_used_at": now,
        }
        stored = connection.execute(database.insert_once(FlowVersion).values(**values))
        if stored.rowcount == 0:  # written before, and by a write that did not fail
            self._stored.add(database)


def current_flows(languages: Languages, folder: Path = FLOWS) -> FlowSet:
    """The flows as they are written now, with the translations that they have now."""
    sources = read_folder(folder)
    said = {message for flow in sources.flows.values() for message in messages_of(flow)}
    translations = {
        tag: {
            message: text for message in said for text, used in [languages.text(message, tag)] if used == tag
        }
        for tag in languages
        if tag != SOURCE
    }
    return FlowSet(sources.sources, translations)
