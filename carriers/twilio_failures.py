"""What a failed request tells of what the carrier did: every failure becomes one of ours, in one place."""

from __future__ import annotations

from collections.abc import Callable
from ssl import SSLCertVerificationError
from typing import TypeVar

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from carriers.outcomes import CarrierError, OutcomeUnknown, Refused, Unavailable
from carriers.refusals import Meaning, meaning

Result = TypeVar("Result")
_NEVER_SENT = (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError)


def acting(request: Callable[[], Result]) -> Result:
    """Makes a request that acts, and turns every failure into one of ours, without the original's words."""
    failure: CarrierError
    try:
        return request()
    except CarrierError:
        raise
    except (TwilioRestException, TwilioServiceException) as error:
        failure = _answered(error.status, error.code)
    except _NEVER_SENT:
        failure = Unavailable("no connection")
    except requests.exceptions.ConnectionError as error:
        never = _never_connected(error)
        failure = Unavailable("no connection") if never else OutcomeUnknown("connection lost")
    except requests.exceptions.RequestException as error:
        failure = OutcomeUnknown(type(error).__name__)
    except (TwilioException, ValueError, KeyError, TypeError, AttributeError) as error:
        failure = OutcomeUnknown(f"the answer can't be read ({type(error).__name__})")
    # Raised out here, and not from a context manager, so that no original hangs on as its context: those
    # hold addresses, numbers and texts, and a log would print them.
    raise failure


def asking(request: Callable[[], Result]) -> Result:
    """The same for requests that may be made again freely: what is not known may be asked again."""
    try:
        return acting(request)
    except OutcomeUnknown as unknown:
        failure = Unavailable(str(unknown))
    raise failure


def _answered(status: int, code: int | None) -> CarrierError:
    """What an answer other than 2xx says. `code` is the HTTP status where the carrier gave no code."""
    meant = meaning(code)
    if status == 429 or (status < 500 and meant is Meaning.RATE_LIMITED):
        return Unavailable(f"too many requests (HTTP {status})")
    if status == 503 and code != status:
        return Unavailable("the carrier is not in service (HTTP 503)")
    if 300 <= status < 400:
        return Unavailable(f"the carrier's address leads elsewhere (HTTP {status})")
    if status >= 500 or status == 408:
        return OutcomeUnknown(f"HTTP {status}")
    if meant is Meaning.UNKNOWN:
        meant = {401: Meaning.AUTHENTICATION, 404: Meaning.NOT_FOUND}.get(status, meant)
    return Refused(code or 0, meant)


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    """Whether it failed before the request was sent; a certificate is refused before anything is."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(error, requests.exceptions.SSLError):
        return isinstance(reason, Exception) and isinstance(reason.args[0], SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
