"""Who types a command: the account that logged in on this machine, whatever it has become since."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

LOGIN_UID = Path("/proc/self/loginuid")
"""Set by the system at log-in and kept through sudo (Linux, audit(7)); 2**32 - 1 where nobody logged in."""
NOBODY = 2**32 - 1


def command_by() -> str:
    """`command:<login>`; by its number where the account has no name."""
    uid = _login_uid()
    try:
        return f"command:{pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"command:{uid}"


def _login_uid() -> int:
    try:
        uid = int(LOGIN_UID.read_text())
    except (OSError, ValueError):
        uid = NOBODY
    return os.getuid() if uid == NOBODY else uid
