"""Twilio, and carriers that speak its API: sending, calling, asking and recordings, over HTTP."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import HMAC_SHA1, RequestValidator, get_signature_algorithm
from twilio.rest import Client
from werkzeug.datastructures import MultiDict

from carriers import Found
from carriers.outcomes import CarrierError, Gone, NotYet, OutcomeUnknown, Refused, Unavailable
from carriers.refusals import Meaning
from carriers.statuses import Status, call_state, text_state
from carriers.twilio_failures import acting, asking
from carriers.twilio_http import TIMEOUT, OneHost

RECORDING_LIMIT = 30 * 1024 * 1024
"""Bytes. Ten minutes of the carrier's WAV (8 kHz, 16 bits, one channel) are 9.6 MB."""
CALL_EVENTS = ["ringing", "answered", "completed"]
LIST_PAGE = 200
LONGEST_LIST = 2000
"""Texts or calls between one line and one number that are looked through, newest first."""
CALL_IS_OVER = 21220
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class _Fields(dict[str, list[str]]):
    """A form as the library asks for it first: what it tries otherwise costs an exception a field."""

    getall = dict.__getitem__


class TwilioCarrier:
    """A `carriers.Carrier`. May be shared by threads; holds no connection between requests.

    `auth_tokens` are all accepted in signatures; the first one signs our requests. A read and a deletion
    change nothing that matters twice: they raise Unavailable where sending raises OutcomeUnknown.
    """

    def __init__(
        self,
        base: str,
        account: str,
        auth_tokens: tuple[str, ...],
        *,
        timeout: float = TIMEOUT,
        recording_limit: int = RECORDING_LIMIT,
    ) -> None:
        self._http = OneHost(base, timeout)
        self._recording_limit = recording_limit
        self._auth = (account, auth_tokens[0])
        # The mapping keeps the library from reading the process's environment: settings.py alone does.
        self._client = Client(
            *self._auth, http_client=self._http, environment={"TWILIO_ACCOUNT_SID": account}
        )
        self._validators = [RequestValidator(token) for token in auth_tokens]

    def signed(self, url: str, form: Mapping[str, str], signature: str, settings: str = "") -> bool:
        """See Carrier. Compared in constant time; where it does not fit, with a port and without as well."""
        if not (url and signature):
            return False
        algorithm = get_signature_algorithm(settings)
        fields = _Fields(form.lists()) if isinstance(form, MultiDict) else form
        return any(_signs(validator, url, fields, signature, algorithm) for validator in self._validators)

    def send_text(self, to: str, sender: str, body: str, status_callback: str) -> str:
        create = self._client.messages.create
        return acting(lambda: _id_of(create(to=to, from_=sender, body=body, status_callback=status_callback)))

    def place_call(self, to: str, sender: str, url: str, status_callback: str, detect_machine: bool) -> str:
        """See Carrier. With `detect_machine`, `url` is asked once it is known, or a greeting has ended."""
        create = self._client.calls.create
        listening = {"machine_detection": "DetectMessageEnd"} if detect_machine else {}
        return acting(
            lambda: _id_of(
                create(
                    to=to, from_=sender, url=url, method="POST", status_callback=status_callback,
                    status_callback_method="POST", status_callback_event=CALL_EVENTS, **listening,
                )
            )
        )  # fmt: skip

    def end_call(self, call: str) -> None:
        try:
            acting(lambda: self._client.calls(_checked(call)).update(status="completed"))
        except Refused as refused:
            if refused.code != CALL_IS_OVER:
                raise

    def find_texts(self, to: str, sender: str, since: datetime) -> list[Found]:
        """See Carrier. Not asked by the day of sending: a text that waits at the carrier has none yet."""
        stream = self._client.messages.stream
        return asking(
            lambda: [
                _found_text(text)
                for text in _recent(
                    stream(to=to, from_=sender, limit=LONGEST_LIST, page_size=LIST_PAGE), since
                )
            ]
        )

    def find_calls(self, to: str, sender: str, since: datetime) -> list[Found]:
        """See Carrier. Not asked by the time of start: a call that waits at the carrier has none yet."""
        stream = self._client.calls.stream
        return asking(
            lambda: [
                _found_call(call)
                for call in _recent(
                    stream(to=to, from_=sender, limit=LONGEST_LIST, page_size=LIST_PAGE), since
                )
            ]
        )

    def text_status(self, text: str) -> Status:
        return asking(lambda: _text_status(self._client.messages(_checked(text)).fetch()))

    def call_status(self, call: str) -> Status:
        return asking(lambda: _call_status(self._client.calls(_checked(call)).fetch()))

    def fetch_recording(self, recording: str) -> bytes:
        return asking(lambda: self._sound(_checked(recording)))

    def delete_recording(self, recording: str) -> None:
        try:
            asking(lambda: self._client.recordings(_checked(recording)).delete())
        except Refused as refused:
            if refused.meaning is not Meaning.NOT_FOUND:
                raise

    def _sound(self, recording: str) -> bytes:
        path = f"/2010-04-01/Accounts/{self._auth[0]}/Recordings/{recording}.wav"
        download = self._http.download(path, self._auth, self._recording_limit)
        if download.status == 404:
            raise self._why_no_sound(recording)
        if download.status in (401, 403):
            raise Refused(download.status, Meaning.AUTHENTICATION)
        # An error page that came with a 200 is not a recording.
        if download.status != 200 or download.body[:4] != b"RIFF":
            raise Unavailable(f"no recording came (HTTP {download.status})")
        return download.body

    def _why_no_sound(self, recording: str) -> CarrierError:
        """The carrier answers 404 both before a recording is ready and after it was deleted."""
        try:
            status = self._client.recordings(recording).fetch().status
        except TwilioRestException as error:
            if error.status == 404:
                return Gone("the carrier has no such recording")
            raise
        if status in ("absent", "deleted"):
            return Gone(f"the recording is {status}")
        return NotYet("the recording is still being made")


def _checked(carrier_id: str) -> str:
    """Ids come from webhooks and become a part of a path."""
    if not _ID.fullmatch(carrier_id):
        raise Refused(0, Meaning.NOT_FOUND)
    return carrier_id


def _signs(
    validator: RequestValidator, url: str, fields: Mapping[str, Any], signature: str, algorithm: str
) -> bool:
    """The library makes two signatures, for both ways to write a port, before it looks at either; most fit as is."""
    if algorithm == HMAC_SHA1:
        ours = validator.compute_signature(url, fields, algorithm)
        if hmac.compare_digest(ours.encode(), signature.encode()):
            return True
    return bool(validator.validate(url, fields, signature, algorithm))


def _id_of(made: Any) -> str:
    """A 2xx without an id is an outcome that we don't know."""
    if not (isinstance(made.sid, str) and _ID.fullmatch(made.sid)):
        raise OutcomeUnknown("the carrier gave no id")
    return made.sid


def _recent(resources: Iterable[Any], since: datetime) -> Iterator[Any]:
    """Those made at or after `since`. The carrier lists the newest first, but puts what it has not sent
    yet where it likes: so a full page of older ones ends the search, not the first one."""
    older = 0
    since = since.replace(microsecond=0)
    for resource in resources:
        if resource.date_created is None or resource.date_created >= since:
            older = 0
            yield resource
        elif (older := older + 1) >= LIST_PAGE:
            return


def _found_text(text: Any) -> Found:
    return Found(text.sid, text.date_created, _text_status(text), text.body or "")


def _found_call(call: Any) -> Found:
    return Found(call.sid, call.date_created, _call_status(call))


def _text_status(text: Any) -> Status:
    word = str(text.status or "")
    return Status(word, text_state(word), _code(text.error_code))


def _call_status(call: Any) -> Status:
    word = str(call.status or "")
    return Status(word, call_state(word), seconds=_code(call.duration))


def _code(value: Any) -> int | None:
    return int(value) if str(value).isdecimal() else None
