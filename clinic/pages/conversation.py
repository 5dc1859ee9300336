"""One conversation: both sides of it, what came of it, and what went out."""

from __future__ import annotations

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.finding import alerts, behind_tasks, conversations, messages, readings, sent, tasks
from clinic.here import house, staff


def show(conversation_id: str) -> ResponseReturnValue:
    clinic = staff().clinic_id
    with house().database.reading() as connection:
        conversation = conversations.conversation(connection, clinic, conversation_id) or abort(404)
        raised = alerts.alerts(connection, clinic, conversation_id=conversation_id)
        out = sent.sent(connection, clinic, conversation_id=conversation_id)
        work = tasks.tasks(connection, clinic, conversation_id=conversation_id)
        parts = {
            "turns": conversations.turns(connection, conversation_id),
            "alerts": raised,
            "names": alerts.candidates(connection, clinic, raised.rows),
            "tasks": work,
            "behind": behind_tasks.behind(connection, clinic, work.rows),
            "readings": readings.readings(connection, clinic, conversation_id=conversation_id),
            "messages": messages.messages(connection, clinic, conversation_id=conversation_id),
            "sent": out,
            "words": sent.words(connection, out.rows),
        }
    return render_template(
        "console/conversation.html",
        conversation=conversation,
        back=url_for("console.conversation", conversation_id=conversation_id),
        **parts,
    )
