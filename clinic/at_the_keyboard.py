"""What every command needs: who types it, on which house, and which clinic is meant."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy import Connection, select

from conversation.house import House
from records.clinics import Clinic

LOGIN_UID = Path("/proc/self/loginuid")
"""Set by the system at log-in and kept through sudo (Linux, audit(7)); 2**32 - 1 where nobody logged in."""
NOBODY = 2**32 - 1


def the_house() -> House:
    house: House = current_app.extensions["careline"]
    return house


def clinic_meant(connection: Connection, line: str | None, how: str = "with --line") -> Any:
    """The row of the clinic with this line; without one, of the only clinic.

    Raises ClickException otherwise; `how` is how the command wants to be told.
    """
    clinics = connection.execute(select(Clinic.__table__)).all()
    meant = [clinic for clinic in clinics if line in (None, clinic.line)]
    if len(meant) != 1:
        lines = ", ".join(clinic.line for clinic in clinics) or "none yet"
        raise click.ClickException(f"Say which clinic {how}; there are: {lines}")
    return meant[0]


def command_by() -> str:
    """`command:<login>` of whoever logged in on this machine, whatever that account has become since.

    By its number where the account has no name.
    """
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
