"""The web application: wiring only."""

from __future__ import annotations

import os

from flask import Flask

import error_logs
from care.rules.prices import BadPrices, Prices, our_prices
from care.rules.prices import read as read_prices
from carriers.twilio import TwilioCarrier
from clinic import audit_commands, commands, records_commands
from clinic.backup_commands import backup as backup_commands
from clinic.console import blueprint as console
from clinic.cookie_sessions import CookieSessions
from clinic.health import blueprint as health
from clinic.patients_commands import patients as patients_commands
from clinic.schedule_commands import schedule as schedule_commands
from conversation.commands import flows as flows_commands
from conversation.house import House
from conversation.versions import FlowVersions, current_flows
from languages import load
from languages.commands import group as languages_commands
from records import Database, Unreachable, sealing, taking_up
from settings import Settings, SettingsError
from sms.composing import compose
from sms.segments import count
from sms.webhooks import blueprint as sms
from voice.prompts.cli import speech as speech_commands
from voice.prompts.sounds import blueprint as sounds
from voice.prompts.store import Prompts
from voice.webhooks import blueprint as voice


def create_app(settings: Settings | None = None, house: House | None = None) -> Flask:
    """The application for `settings`, read from the environment where none are given."""
    if house is None:
        settings = settings or Settings.from_environ(os.environ)
        reach_database(settings)
        house = furnish(settings)
    app = Flask(__name__, static_folder=None)
    error_logs.use()
    app.config["CARELINE"] = house.settings
    app.session_interface = CookieSessions()
    app.secret_key = house.settings.secret_key
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=house.settings.public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=12 * 3600,
    )
    app.extensions["careline"] = house
    app.extensions["prompts"] = Prompts(house.settings.home, house.languages)
    for blueprint in (voice, sounds, sms, console, health):
        app.register_blueprint(blueprint)
    for group in (commands.clinic, commands.staff, records_commands.records, flows_commands, speech_commands):
        app.cli.add_command(group)
    app.cli.add_command(audit_commands.group)
    app.cli.add_command(patients_commands)
    app.cli.add_command(schedule_commands)
    app.cli.add_command(backup_commands)
    app.cli.add_command(languages_commands(house.segments))
    return app


def reach_database(settings: Settings) -> None:
    """Where it can't be used, whoever started this process is told so in a sentence, and the process ends."""
    try:
        Database(settings.database_url).check()
    except Unreachable as trouble:
        raise SystemExit(f"Careline can't start: {trouble}") from None


def furnish(settings: Settings) -> House:
    """All that a process of ours works with: the web's, and the worker's. Raises WrongKey, SettingsError."""
    settings.ensure_folders()
    sealing.use(*settings.data_keys)
    database = _opened(settings)
    languages = load()
    return House(
        settings,
        database,
        languages,
        FlowVersions(current_flows(languages)),
        TwilioCarrier(settings.carrier_url, settings.account_sid, settings.auth_tokens),
        compose,
        lambda text: count(text).count,
        prices=_prices(settings),
    )


def _prices(settings: Settings) -> Prices:
    if settings.prices_file is None:
        return our_prices()
    try:
        return read_prices(settings.prices_file)
    except BadPrices as why:
        raise SettingsError(f"CARELINE_PRICES: {why}") from why


def _opened(settings: Settings) -> Database:
    database = Database(settings.database_url)
    try:
        taking_up.take_up(database)
    except sealing.WrongKey:
        database.close()
        raise
    return database
