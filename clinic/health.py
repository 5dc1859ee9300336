"""Is it alive, is it ready, how much does it do: for whoever watches the machines. No person's data."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select

from care.alerts import UNREACHABLE
from conversation.house import House
from records.alerts import Alert
from records.counters import Counter
from records.outbox import OutboxRow
from records.tasks import Task

blueprint = Blueprint("health", __name__)


def _house() -> House:
    return cast(House, current_app.extensions["careline"])


@blueprint.get("/healthz")
def alive() -> Response:
    return Response("alive\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> Response:
    """Ready when the database answers and has its tables."""
    with _house().database.reading() as connection:
        connection.execute(select(Alert.id).limit(1))
    return Response("ready\n", mimetype="text/plain")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts by state, in Prometheus' format."""
    registry = CollectorRegistry()
    outbox = Gauge("careline_outbox_rows", "Rows in the outbox", ["queue", "status"], registry=registry)
    open_work = Gauge("careline_open", "What waits for a person", ["what"], registry=registry)
    counted = Gauge("careline_counted_today", "Events counted today (UTC)", ["event"], registry=registry)
    house = _house()
    with house.database.reading() as connection:
        for queue, status, rows in connection.execute(
            select(OutboxRow.queue, OutboxRow.status, func.count()).group_by(
                OutboxRow.queue, OutboxRow.status
            )
        ):
            outbox.labels(queue, status).set(rows)
        for what, table in (("alerts", Alert), ("tasks", Task)):
            waiting = select(func.count()).select_from(table).where(table.state == "open")
            open_work.labels(what).set(connection.scalar(waiting) or 0)
        unreachable = select(func.count()).where(Alert.state == "open", Alert.reason == UNREACHABLE)
        open_work.labels(UNREACHABLE).set(connection.scalar(unreachable) or 0)
        today = select(Counter.name, Counter.count).where(Counter.day == house.now().date())
        for event, count in connection.execute(today):
            counted.labels(event).set(count)
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")
