"""The heads of the audit, taken out of the database: what is kept elsewhere shows a tail that was cut off."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from records import Database
from records.audit import AuditHead
from records.sealing import audit_key
from secret_keys import made_once

NAME = "head-{day}.json"
ANY = "head-????-??-??*.json"


class NotAHead(ValueError):
    """The file is no exported head of this installation, or it was changed. Says which, in plain words."""


@dataclass(frozen=True)
class Exported:
    """`heads`: each chain's count, and a mark (64 hex digits) that the database does not hold."""

    at: str
    heads: Mapping[int, tuple[int, str]]


def mark(head: bytes) -> str:
    """What stands for a head outside: the head itself, in other hands, would let them cut the tail to fit."""
    return hmac.digest(audit_key(), b"exported" + head, "sha256").hex()


def export(database: Database, now: datetime) -> str:
    """The heads as JSON, a line, with a MAC over them."""
    with database.reading() as connection:
        rows = connection.execute(select(AuditHead.__table__).order_by(AuditHead.chain)).all()
    content = {
        "at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "heads": [[chain, count, mark(bytes(mac))] for chain, count, mac in rows],
    }
    return json.dumps({**content, "mac": _mac(content)}) + "\n"


def read(text: str) -> Exported:
    """What `export` wrote. Raises NotAHead."""
    try:
        content = json.loads(text)
        mac = content.pop("mac")
        genuine = hmac.compare_digest(mac, _mac(content))
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise NotAHead("is not an exported head of an audit") from error
    if not genuine:
        raise NotAHead("was changed since it was exported, or belongs to another installation or key")
    return Exported(content["at"], {chain: (count, marked) for chain, count, marked in content["heads"]})


def export_once_a_day(database: Database, folder: Path, now: datetime) -> bool:
    """Write today's (UTC) `head-YYYY-MM-DD.json`, readable by our own account alone; false where it is there."""
    path = folder / NAME.format(day=now.astimezone(UTC).date())
    if path.exists():
        return False
    made_once(path, export(database, now).encode())
    return True


def export_now(database: Database, folder: Path, now: datetime) -> None:
    """One more, with its time in its name: it counts as later than that day's."""
    path = folder / NAME.format(day=f"{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}")
    made_once(path, export(database, now).encode())


def newest(folder: Path) -> Path | None:
    """The last one that was exported here."""
    return max(folder.glob(ANY), default=None)


def _mac(content: object) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hmac.digest(audit_key(), b"export" + canonical.encode(), "sha256").hex()
