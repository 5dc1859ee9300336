"""What a machine must have before Careline can be installed or started, said so that a person can mend it."""

import errno
import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

INSTALL_BYTES = 2_500_000_000
"""Measured: the virtual environment with all packages, and pip's downloads while it fills."""
DATA_BYTES = 200_000_000
"""Room for a demo's database, recordings and joined speech model."""


class MachineError(Exception):
    """Something is missing here; the message says what, and what to do about it."""


def check_venv_module() -> None:
    """Debian and Ubuntu ship Python without the half of venv that installs pip."""
    if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise MachineError(
            f"Python {version} here has no venv module."
            f" On Debian or Ubuntu: sudo apt-get install python{version}-venv"
        )


def check_folder(folder: Path, setting: str) -> None:
    """The folder, or the nearest one above that exists, can be written."""
    existing = _nearest_existing(folder)
    if not existing.is_dir():
        raise MachineError(f"{existing} is not a folder. {setting}")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise MachineError(f"{existing} can't be written by this account. {setting}")


def check_space(folder: Path, needed: int, what: str) -> None:
    """There are `needed` bytes free where `folder` is or will be."""
    existing = _nearest_existing(folder)
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise MachineError(
            f"{what} needs about {needed / 1e9:.1f} GB, and {existing} has {free / 1e9:.1f} GB free."
            " Make room there."
        )


def check_ports(ports: Mapping[str, int]) -> None:
    """Each port, by the variable that sets it, is free on 127.0.0.1."""
    for variable, port in ports.items():
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise MachineError(_port_trouble(error, variable, port)) from error


def _port_trouble(error: OSError, variable: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken by another program (or by a Careline that is running already)."
            f" Stop it, or choose another port: {variable}={port + 100} make run"
        )
    return f"Port {port} can't be used ({error.strerror}). Choose another: {variable}=8100 make run"


def _nearest_existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
