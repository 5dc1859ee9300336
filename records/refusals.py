"""Why a backup is not made, or not put back: each with a sentence for whoever typed the command, and an exit code."""

from __future__ import annotations

from collections.abc import Sequence


class Refused(Exception):
    """Nothing was changed; the message says why, and what to do. `exit_code` is documented in docs/backup.md."""

    exit_code = 1


class Damaged(Refused):
    exit_code = 3

    def __init__(self, why: str) -> None:
        super().__init__(f"This backup can't be used: {why}. Take another one.")


class OtherKey(Refused):
    exit_code = 4

    def __init__(self, needed: Sequence[str], given: Sequence[str]) -> None:
        super().__init__(
            f"The data key does not open this backup. It needs key {' and '.join(needed) or 'unknown'}, and"
            f" CARELINE_DATA_KEY is key {' and '.join(given)}. Set the key that it was made with."
        )


class NewerSchema(Refused):
    exit_code = 5

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"This backup was made by a newer Careline (its tables are revision {revision}, which this code"
            " does not know). Install that version, or a later one, first."
        )


class NotEmpty(Refused):
    exit_code = 6


class StillRunning(Refused):
    exit_code = 7

    def __init__(self) -> None:
        super().__init__(
            "Careline is running on this database. Stop all of its processes first"
            " (systemctl stop careline.target), on every machine."
        )


class NoTool(Refused):
    """PostgreSQL's own programs are missing, too old, or failed."""

    exit_code = 8


class OtherDatabase(Refused):
    exit_code = 9

    def __init__(self, held: str, here: str) -> None:
        super().__init__(
            f"This backup is of {held}, and CARELINE_DATABASE_URL names {here}. A backup goes back into"
            " the kind of database that it came from."
        )


class CantWrite(Refused):
    exit_code = 10
