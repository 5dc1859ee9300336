"""What one telephone company on the desk is set to; the only reader of the environment here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

DEMO_ACCOUNT = "AC00000000000000000000000000000000"
DEMO_TOKEN = "phonelab-demo-token"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
FIXED = (
    "account_sid",
    "auth_tokens",
    "host",
    "port",
    "numbers",
    "openapi",
    "sounds",
)  # not changeable at run time


class SettingsError(ValueError):
    """A setting that can't be used; the message names it."""


@dataclass(frozen=True)
class NumberSetting:
    """A number of the account and the webhooks it starts with (URLs may carry `#rc=2&rp=all`)."""

    number: str
    voice_url: str = ""
    sms_url: str = ""
    voice_fallback_url: str = ""
    sms_fallback_url: str = ""
    status_callback: str = ""


@dataclass(frozen=True)
class Settings:
    """Each field is `PHONELAB_<FIELD>` in the environment, but for the account and its tokens.

    Probabilities are 0 to 1. Seconds are the carrier's and are divided by `speed`, but for `webhook_seconds`.
    """

    account_sid: str = DEMO_ACCOUNT  # TWILIO_ACCOUNT_SID
    auth_tokens: tuple[str, ...] = (DEMO_TOKEN,)  # TWILIO_AUTH_TOKEN, comma-separated; the first one signs
    host: str = "127.0.0.1"
    port: int = 8001
    numbers: tuple[NumberSetting, ...] = ()
    openapi: str = ""  # path of Twilio's OpenAPI description
    sounds: str = ""  # folder of spoken prompts, kept; without it one that goes with the program
    speed: float = 1.0
    calls_per_second: float = 1.0  # outbound API calls that start, per account
    messages_per_second: float = 1.0  # segments, per sender
    rest_concurrency: int = 100  # REST requests at once, beyond which 20429
    webhook_seconds: float = 15.0
    ring_seconds: float = 2.0  # before a machine, a fax or a busy line shows itself
    delivery_seconds: float = 0.5  # from sent to delivered
    recording_seconds: float = 0.5  # from the end of a recording to its file
    offline_seconds: float = 3.0  # a handset whose page is gone for longer hangs up
    carrier_keywords: bool = True  # the carrier itself honours STOP, START, HELP
    keyword_webhook: bool = True  # ... and still passes them on
    media_auth: bool = True  # recordings ask for the account's credentials
    keep: int = 2000  # calls, messages and recordings that are over, each
    seed: int = 0
    callback_delay: float = 0.0
    callback_delay_seconds: float = 5.0
    callback_double: float = 0.0
    callback_shuffle: float = 0.0
    callback_drop: float = 0.0
    webhook_double: float = 0.0
    rest_lose_response: float = 0.0
    rest_refuse_500: float = 0.0
    rest_refuse_429: float = 0.0

    def __post_init__(self) -> None:
        if self.host not in LOOPBACK:
            raise SettingsError(
                f"PHONELAB_HOST is {self.host}: phonelab serves this machine only (127.0.0.1)"
            )
        if not self.speed > 0:
            raise SettingsError("PHONELAB_SPEED must be above 0")
        for name in ("calls_per_second", "messages_per_second", "webhook_seconds"):
            if not getattr(self, name) > 0:
                raise SettingsError(f"PHONELAB_{name.upper()} must be above 0")
        for name in PROBABILITIES:
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"PHONELAB_{name.upper()} is a probability, 0 to 1")

    def changed(self, changes: Mapping[str, Any]) -> Settings:
        """A copy with some fields set. Raises SettingsError for an unknown, fixed or unreadable one."""
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        read = {}
        for name, value in changes.items():
            if name not in known or name in FIXED:
                raise SettingsError(f"{name} is not a setting that can be changed at run time")
            read[name] = _read(name, value, known[name])
        return replace(self, **read)

    def shown(self) -> dict[str, Any]:
        """The settings that are safe to show: without the tokens."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in ("auth_tokens", "numbers")
        }


PROBABILITIES = (
    "callback_delay",
    "callback_double",
    "callback_shuffle",
    "callback_drop",
    "webhook_double",
    "rest_lose_response",
    "rest_refuse_500",
    "rest_refuse_429",
)


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Settings as the environment asks. Raises SettingsError, naming the variable."""
    defaults = Settings()
    read: dict[str, Any] = {}
    for field in fields(Settings):
        value = environment.get(f"PHONELAB_{field.name.upper()}", "")
        if value and field.name not in ("numbers", "account_sid", "auth_tokens"):
            read[field.name] = _read(field.name, value, getattr(defaults, field.name))
    if account := environment.get("TWILIO_ACCOUNT_SID", "").strip():
        read["account_sid"] = account
    tokens = tuple(t.strip() for t in environment.get("TWILIO_AUTH_TOKEN", "").split(",") if t.strip())
    if tokens:
        read["auth_tokens"] = tokens
    read["numbers"] = read_numbers(environment.get("PHONELAB_NUMBERS", ""))
    if "openapi" in read and not Path(read["openapi"]).is_file():
        raise SettingsError(f"PHONELAB_OPENAPI names no file: {read['openapi']}")
    return Settings(**read)


def read_numbers(text: str) -> tuple[NumberSetting, ...]:
    """Numbers from JSON (a list of objects with NumberSetting's fields) or from lines.

    A line, or a part between semicolons, is `+16175550100=voice,sms,voice fallback,sms fallback,status`,
    where later URLs may be left out.
    """
    text = text.strip()
    if not text:
        return ()
    try:
        if text.startswith("["):
            return tuple(NumberSetting(**entry) for entry in json.loads(text))
    except (TypeError, ValueError) as error:
        raise SettingsError(f"PHONELAB_NUMBERS can't be read: {error}") from error
    numbers = []
    for entry in text.replace("\n", ";").split(";"):
        if entry.strip():
            number, _, urls = entry.partition("=")
            parts = [url.strip() for url in urls.split(",")] if urls.strip() else []
            if not number.strip().startswith("+") or len(parts) > 5:
                raise SettingsError(f"PHONELAB_NUMBERS can't be read at {entry.strip()!r}")
            numbers.append(NumberSetting(number.strip(), *parts))
    return tuple(numbers)


def _read(name: str, value: Any, like: Any) -> Any:
    """`value` as the kind of `like`: settings come as text from the environment, as JSON from the lab."""
    try:
        if isinstance(like, bool):
            if isinstance(value, bool):
                return value
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                str(value).lower()
            ]
        return type(like)(value)
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"PHONELAB_{name.upper()} can't be {value!r}") from error
