"""How a request to the carrier can fail, told apart by what the carrier did.

None of these holds a number, a text or an address: they may be logged.
"""

from __future__ import annotations

from carriers.refusals import Meaning


class CarrierError(Exception):
    """Anything that a carrier's method raises."""


class Refused(CarrierError):
    """The carrier did not act, and said why: `code` is its own (0: none), `meaning` ours."""

    def __init__(self, code: int, meaning: Meaning) -> None:
        super().__init__(f"{meaning.value} (code {code})")
        self.code = code
        self.meaning = meaning


class Unavailable(CarrierError):
    """The carrier certainly did not act; the same may be tried again later.

    It was never reached (no address, no connection, no valid certificate, no proxy); it answered that
    it takes no more now (429, which "is never processed and is always safe to retry", or a code for a
    rate); or it said itself, in its own error format, that it is not in service (503).
    """


class OutcomeUnknown(CarrierError):
    """The carrier may have acted: no answer in time, a connection lost, an answer that can't be read,
    or a 5xx (a bare 503 too: whatever stood between may have passed the request on)."""


class NotYet(CarrierError):
    """The recording is still being made ready at the carrier."""


class Gone(CarrierError):
    """The carrier has no such recording, or no sound of it, and won't have."""


class TooLarge(CarrierError):
    """The recording is larger than we take."""
