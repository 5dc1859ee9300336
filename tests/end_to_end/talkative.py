"""The web application and the worker as talkative as they can be made: every logger of the process at DEBUG."""

from __future__ import annotations

import logging
from typing import Any


def listen() -> None:
    """Whatever the server or Celery has set up before."""
    logging.basicConfig(level=logging.DEBUG, format="%(levelname)s %(name)s %(message)s", force=True)
    logging.getLogger(__name__).debug("everything is logged")


def __getattr__(name: str) -> Any:
    """The worker's `celery` is made for workers alone."""
    if name != "celery":
        raise AttributeError(name)
    from worker import celery

    listen()
    return celery


def create_app() -> Any:
    """The web application, as granian serves it."""
    from app import create_app

    listen()
    return create_app()
