"""The worker: Celery's beat, and tasks that are one call each. Ticks, not truth: what is due stands in the database."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from functools import cache

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init

import error_logs
import file_broker
from app import furnish, reach_database
from care import audit_heads, bulk, check_ins, costs, pacing, retention
from care.reminders import due
from care.scheduling import follow_ups, openings, wait_list
from conversation import sending, sweeping
from conversation.house import House
from records import keys, resealing
from records.sealing import WrongKey
from settings import Settings, SettingsError
from voice import recordings
from voice.prompts.ahead import Ahead, names_said
from voice.prompts.store import Prompts
from voice.recognition import transcribe

error_logs.use()
file_broker.use()
settings = Settings.from_environ(os.environ)
settings.ensure_folders()
reach_database(settings)
celery = Celery("careline", broker=settings.broker_url)
celery.conf.update(
    broker_transport_options=settings.broker_options,
    task_ignore_result=True,
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    timezone="UTC",
    beat_schedule={
        "alerts": {"task": "send_alerts", "schedule": 1.0, "options": {"queue": "alerts", "expires": 5}},
        "sending": {"task": "send", "schedule": 1.0, "options": {"queue": "sending", "expires": 5}},
        "speech": {
            "task": "work_on_recordings",
            "schedule": 1.0,
            "options": {"queue": "speech", "expires": 5},
        },
        "prompts": {"task": "prepare_prompts", "schedule": 1.0, "options": {"queue": "speech", "expires": 2}},
        "check-ins": {
            "task": "ask_for_check_ins",
            "schedule": 15.0,
            "options": {"queue": "sending", "expires": 30},
        },
        "openings": {
            "task": "make_openings",
            "schedule": 3600.0,
            "options": {"queue": "sending", "expires": 600},
        },
        "bulk": {"task": "write_bulk_sends", "schedule": 5.0, "options": {"queue": "sending", "expires": 10}},
        "wait list": {
            "task": "work_on_wait_list",
            "schedule": 5.0,
            "options": {"queue": "sending", "expires": 10},
        },
        "reminders": {
            "task": "put_reminders",
            "schedule": 15.0,
            "options": {"queue": "sending", "expires": 30},
        },
        "keys": {"task": "reseal", "schedule": 10.0, "options": {"queue": "speech", "expires": 30}},
        "retention": {
            "task": "apply_retention",
            "schedule": crontab(hour="8", minute="10"),  # UTC: night in the United States
            "options": {"queue": "sending", "expires": 3600},
        },
        "sweep": {"task": "sweep", "schedule": 10.0, "options": {"queue": "alerts", "expires": 30}},
        "budgets": {
            "task": "warn_of_budgets",
            "schedule": 300.0,
            "options": {"queue": "sending", "expires": 60},
        },
        # Every five minutes, and written once a day: a worker that was down at midnight is not a day late.
        "audit": {
            "task": "export_audit_head",
            "schedule": 300.0,
            "options": {"queue": "sending", "expires": 60},
        },
    },
)


@cache
def house() -> House:
    return furnish(settings)


@cache
def prompts() -> Ahead:
    return Ahead(Prompts(settings.home, house().languages))


@worker_init.connect
def look_at_the_keys(**_: object) -> None:
    """A worker that can't read what is there ends at its start, rather than fail at each tick."""
    try:
        house()
    except (WrongKey, SettingsError) as wrong:
        raise SystemExit(str(wrong)) from wrong


@celery.task(name="send_alerts")
def send_alerts() -> None:
    sending.send_due(house(), "alerts", time.sleep)


@celery.task(name="send")
def send() -> None:
    sending.send_due(house(), "sending", time.sleep)


@celery.task(name="work_on_recordings")
def work_on_recordings() -> None:
    recordings.work_due(house(), lambda wav, tag: transcribe(wav, tag, models=settings.models_dir))


@celery.task(name="prepare_prompts")
def prepare_prompts() -> None:
    prompts().step(names_said(house().database))


@celery.task(name="ask_for_check_ins")
def ask_for_check_ins() -> None:
    if _alone("check-ins", timedelta(seconds=60)):
        check_ins.ask_those_due(house().database, house().now())
        check_ins.follow_up_silence(house().database, house().now())
        _done("check-ins")


@celery.task(name="make_openings")
def make_openings() -> None:
    if _alone("openings", timedelta(minutes=30)):
        openings.make_ahead(house().database, house().now())
        _done("openings")


@celery.task(name="write_bulk_sends")
def write_bulk_sends() -> None:
    if _alone("bulk", timedelta(seconds=60)):
        bulk.go_on(house().database, house().now())
        _done("bulk")


@celery.task(name="work_on_wait_list")
def work_on_wait_list() -> None:
    wait_list.offer_freed_times(house().database, house().now())
    if _alone("wait list", timedelta(seconds=60)):
        wait_list.leave_those_too_late(house().database, house().now())
        follow_ups.go_on(house().database, house().now())
        _done("wait list")


@celery.task(name="put_reminders")
def put_reminders() -> None:
    if _alone("reminders", timedelta(seconds=120)):
        due.put_those_due(house().database, house().now())
        _done("reminders")


@celery.task(name="sweep")
def sweep() -> None:
    if _alone("sweep", timedelta(seconds=120)):
        sweeping.resolve_unknown(house())
        sweeping.alert_for_the_silent(house())
        sweeping.close_what_was_left(house())
        sweeping.ask_for_statuses(house())
        _done("sweep")


@celery.task(name="export_audit_head")
def export_audit_head() -> None:
    if _alone("audit head", timedelta(seconds=60)):
        audit_heads.export_once_a_day(house().database, settings.audit_dir, house().now())
        _done("audit head")


@celery.task(name="warn_of_budgets")
def warn_of_budgets() -> None:
    if _alone("budgets", timedelta(seconds=60)):
        costs.warn(house().database, house().now())
        _done("budgets")


@celery.task(name="reseal")
def reseal() -> None:
    if keys.old_ones(house().database) and _alone("reseal", timedelta(seconds=120)):
        resealing.go_on(house().database, settings.recordings_dir, house().now(), time.sleep)
        _done("reseal")


@celery.task(name="apply_retention")
def apply_retention() -> None:
    if _alone("retention", timedelta(hours=2)):
        retention.apply_retention(house().database, settings.recordings_dir, house().now())
        _done("retention")


def _alone(name: str, at_most: timedelta) -> bool:
    return pacing.hold_tick(house().database, name, house().now(), at_most)


def _done(name: str) -> None:
    pacing.release_tick(house().database, name, house().now())
