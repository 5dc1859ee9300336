"""Whole lists, a slice at a time; those of one patient with `?patient=`."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from clinic.finding import alerts, behind_tasks, conversations, messages, patients, readings, sent, tasks
from clinic.here import cursor, house, of_patient, staff


def all_alerts() -> ResponseReturnValue:
    where = of_patient()
    with house().database.reading() as connection:
        found = alerts.alerts(connection, staff().clinic_id, cursor(), **where)
        names = alerts.candidates(connection, staff().clinic_id, found.rows)
        return _page("alerts", found, _whose(connection, where), names=names)


def all_tasks() -> ResponseReturnValue:
    with house().database.reading() as connection:
        found = tasks.open_tasks(connection, staff().clinic_id, _task_cursor())
        values = readings.last_in(connection, staff().clinic_id, (row.conversation_id for row in found.rows))
        behind = behind_tasks.behind(connection, staff().clinic_id, found.rows)
        return _page("tasks", found, None, values=values, behind=behind)


def all_readings() -> ResponseReturnValue:
    where = of_patient()
    with house().database.reading() as connection:
        found = readings.readings(connection, staff().clinic_id, cursor(), **where)
        return _page("readings", found, _whose(connection, where))


def all_messages() -> ResponseReturnValue:
    where = of_patient()
    with house().database.reading() as connection:
        found = messages.messages(connection, staff().clinic_id, cursor(), **where)
        return _page("messages", found, _whose(connection, where))


def all_conversations() -> ResponseReturnValue:
    """Those of one patient: the rest are reached from what came of them."""
    where = of_patient()
    with house().database.reading() as connection:
        whose = _whose(connection, where) or abort(404)
        before = request.args.get("before") or None
        found = conversations.conversations(connection, staff().clinic_id, whose.id, before)
        return _page("conversations", found, whose)


def all_sent() -> ResponseReturnValue:
    where: dict[str, Any] = dict(of_patient())
    if status := request.args.get("status"):
        where["status"] = status if status in sent.STATUSES else abort(404)
    with house().database.reading() as connection:
        found = sent.sent(connection, staff().clinic_id, cursor(), **where)
        words = sent.words(connection, found.rows)
        whose = _whose(connection, where)
        return _page("sent", found, whose, words=words, status=status or "", statuses=sent.STATUSES)


def _whose(connection: Connection, where: dict[str, Any]) -> Any:
    """The patient whose list it is; 404 where she is not this clinic's."""
    if "patient_id" not in where:
        return None
    return patients.patient(connection, staff().clinic_id, where["patient_id"]) or abort(404)


def _task_cursor() -> tuple[bool, int] | None:
    word = request.args.get("after", "")
    same_day, _, last = word.partition("-")
    if not word:
        return None
    if same_day not in ("0", "1") or not (last.isascii() and last.isdigit() and len(last) < 18):
        abort(404)
    return same_day == "1", int(last)


def _page(name: str, found: Any, whose: Any, **more: Any) -> str:
    return render_template(f"console/{name}.html", found=found, whose=whose, back=request.full_path, **more)
