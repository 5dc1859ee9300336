"""The web application: wiring only."""

from __future__ import annotations

import os

from flask import Flask

from carriers.twilio import TwilioCarrier
from clinic import audit_commands, commands
from clinic.console import blueprint as console
from clinic.health import blueprint as health
from clinic.patients_commands import patients as patients_commands
from conversation.commands import flows as flows_commands
from conversation.house import House
from conversation.versions import FlowVersions, current_flows
from languages import load
from languages.commands import group as languages_commands
from records import Database, sealing
from settings import Settings
from sms.composing import compose
from sms.segments import count
from sms.webhooks import blueprint as sms
from voice.recognition.cli import speech as speech_commands
from voice.webhooks import blueprint as voice


def create_app(settings: Settings | None = None, house: House | None = None) -> Flask:
    """The application for `settings`, read from the environment where none are given."""
    house = house or furnish(settings or Settings.from_environ(os.environ))
    app = Flask(__name__, static_folder=None)
    app.config["CARELINE"] = house.settings
    app.secret_key = house.settings.secret_key
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=house.settings.public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=12 * 3600,
    )
    app.extensions["careline"] = house
    for blueprint in (voice, sms, console, health):
        app.register_blueprint(blueprint)
    for group in (commands.clinic, commands.staff, commands.records, flows_commands, speech_commands):
        app.cli.add_command(group)
    app.cli.add_command(audit_commands.group)
    app.cli.add_command(patients_commands)
    app.cli.add_command(languages_commands(house.segments))
    return app


def furnish(settings: Settings) -> House:
    """All that a process of ours works with: the web's, and the worker's."""
    settings.ensure_folders()
    sealing.use(settings.data_key)
    languages = load()
    return House(
        settings,
        Database(settings.database_url),
        languages,
        FlowVersions(current_flows(languages)),
        TwilioCarrier(settings.carrier_url, settings.account_sid, settings.auth_tokens),
        compose,
        lambda text: count(text).count,
    )
