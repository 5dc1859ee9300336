"""The two ends around our webhooks: a carrier that signs and posts forms, a house that takes turns down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from carriers.twilio import TwilioCarrier
from conversation.events import Event
from dialogue.reply import Reply, Say
from languages import Languages, load

PUBLIC_URL = "https://phone.example.org"
ACCOUNT = "AC00000000000000000000000000000000"
TOKEN, OLD_TOKEN = "token-of-today", "token-of-yesterday"
LINE, ROSA, ON_CALL = "+16175550100", "+16175550101", "+16175550190"
CALL = "CA" + "1" * 32
TEXT = "SM" + "2" * 32
RECORDING = "RE" + "3" * 32

Form = Mapping[str, str] | list[tuple[str, str]]


@dataclass
class HouseSettings:
    public_url: str = PUBLIC_URL


@dataclass
class TakingDown:
    """A house that answers with what it is told to, and keeps what it was asked."""

    reply: Reply = field(default_factory=Reply)
    settings: HouseSettings = field(default_factory=HouseSettings)
    carrier: TwilioCarrier = field(
        default_factory=lambda: TwilioCarrier("http://127.0.0.1:9", ACCOUNT, (TOKEN, OLD_TOKEN))
    )
    languages: Languages = field(default_factory=load)
    events: list[Event] = field(default_factory=list)
    statuses: list[tuple[Any, ...]] = field(default_factory=list)
    turned_away: list[str] = field(default_factory=list)
    bridges: dict[tuple[str, int], tuple[Say, ...]] = field(default_factory=dict)
    pressed: set[tuple[str, int]] = field(default_factory=set)

    def take_turn(self, event: Event) -> Reply:
        self.events.append(event)
        return self.reply

    def note_status(self, *status: Any) -> None:
        self.statuses.append(status)

    def refused(self, reason: str) -> None:
        self.turned_away.append(reason)

    def whisper(self, conversation: str, turn: int) -> tuple[Say, ...]:
        return self.bridges.get((conversation, turn), ())

    def note_joined(self, conversation: str, turn: int) -> None:
        self.pressed.add((conversation, turn))

    def joined(self, conversation: str, turn: int) -> bool:
        return (conversation, turn) in self.pressed

    @property
    def untouched(self) -> bool:
        return not (self.events or self.statuses or self.pressed)


class CarrierSide:
    """Posts to the house as the carrier does."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.house = TakingDown()
        self.app = Flask("careline")
        self.app.testing = True
        self.app.extensions["careline"] = self.house
        self.app.register_blueprint(blueprint)
        self.web = self.app.test_client()

    def post(self, target: str, form: Form, *, token: str = TOKEN, **headers: str) -> TestResponse:
        """POST a form, signed for our public address."""
        signature = RequestValidator(token).compute_signature(f"{PUBLIC_URL}{target}", MultiDict(form))
        return self.send(target, urlencode(list(MultiDict(form).items(multi=True))), signature, **headers)

    def send(
        self,
        target: str,
        body: str | bytes,
        signature: str | None = None,
        content_type: str = "application/x-www-form-urlencoded",
        **headers: str,
    ) -> TestResponse:
        """POST anything, signed in whatever way."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if signature is not None:
            named["X-Twilio-Signature"] = signature
        return self.web.post(target, data=body, headers=named, content_type=content_type)


def call_form(**more: str) -> dict[str, str]:
    """The form of a webhook on a call of Rosa's to the clinic."""
    return {
        "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "CallSid": CALL, "CallStatus": "in-progress",
        "Called": LINE, "Caller": ROSA, "CallerCity": "BOSTON", "Direction": "inbound", "From": ROSA,
        "To": LINE,
    } | more  # fmt: skip


def text_form(body: str = "hola", **more: str) -> dict[str, str]:
    """The form of a text of Rosa's to the clinic."""
    return {
        "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "Body": body, "From": ROSA, "MessageSid": TEXT,
        "NumMedia": "0", "NumSegments": "1", "SmsMessageSid": TEXT, "SmsSid": TEXT,
        "SmsStatus": "received", "To": LINE,
    } | more  # fmt: skip
