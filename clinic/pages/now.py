"""What needs a person now: open alerts first, then tasks, then what came in."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.finding import alerts, behind_tasks, messages, readings, tasks
from clinic.here import house, staff

SHOWN = 15
TASKS_SHOWN = 30


def now() -> ResponseReturnValue:
    return render_template("console/now.html", back=url_for("console.now"), **_found())


def now_part() -> ResponseReturnValue:
    """The part of the page that is fetched again every 15 seconds."""
    return render_template("console/now_part.html", back=url_for("console.now"), **_found())


def _found() -> dict[str, Any]:
    clinic = staff().clinic_id
    with house().database.reading() as connection:
        waiting = alerts.open_alerts(connection, clinic)
        taken = alerts.lately_taken(connection, clinic, house().now())
        work = tasks.open_tasks(connection, clinic, most=TASKS_SHOWN)
        return {
            "alerts": waiting,
            "taken": taken,
            "names": alerts.candidates(connection, clinic, [*waiting.rows, *taken.rows]),
            "tasks": work,
            "behind": behind_tasks.behind(connection, clinic, work.rows),
            "values": readings.last_in(connection, clinic, (row.conversation_id for row in work.rows)),
            "readings": readings.readings(connection, clinic, most=SHOWN),
            "messages": messages.messages(connection, clinic, most=SHOWN),
        }
