"""What went wrong between the carrier and its customer: listed, logged, and kept on the call."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import MutableSequence
from typing import Any

from .clock import Clock

log = logging.getLogger("phonelab")


class ErrorLog:
    """The last errors, newest last. The addresses are shown without their query: it may name a person."""

    def __init__(self, errors: deque[dict[str, Any]], clock: Clock) -> None:
        self._errors = errors
        self._clock = clock

    def report(
        self,
        code: int,
        message: str,
        *,
        sid: str = "",
        url: str = "",
        trace: MutableSequence[Any] | None = None,
    ) -> dict[str, Any]:
        """Keep one error. Returns it as shown at /lab/errors."""
        error = {
            "at": self._clock.now().isoformat(),
            "code": code,
            "message": message,
            "sid": sid,
            "url": url.partition("?")[0].partition("#")[0],
        }
        self._errors.append(error)
        if trace is not None:
            trace.append({"what": "error", **error})
        log.warning("%s: %s (%s %s)", code, message, sid, error["url"])
        return error
