"""What staff see and do in the console goes to the audit: here for every page, by its endpoint.

Acts that change something note it themselves, in the commit that does it. A page is noted before its
answer leaves: where that fails, nothing is shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask, Response, g, request, session, template_rendered
from flask.sansio.app import App
from sqlalchemy import Connection, select

from care import audit
from clinic.finding.audited import listed
from clinic.finding.slices import Slice
from clinic.here import house
from records.base import Base
from records.conversations import Conversation
from records.messages import Message

SEEN: Mapping[str, str] = {
    "console.now": "saw_overview",
    "console.now_part": "saw_overview",
    "console.alerts": "saw_alerts",
    "console.tasks": "saw_tasks",
    "console.readings": "saw_readings",
    "console.messages": "saw_messages",
    "console.sound": "heard_message",
    "console.conversations": "saw_conversations",
    "console.conversation": "saw_conversation",
    "console.patients": "saw_patients",
    "console.patient": "saw_patient",
    "console.duplicates": "saw_duplicates",
    "console.new_patient": "opened_form_of_new_patient",
    "console.details": "opened_form_of_details",
    "console.add_number": "opened_form_of_numbers",
    "console.number": "opened_form_of_numbers",
    "console.add_proxy": "opened_form_of_proxies",
    "console.proxy": "opened_form_of_proxies",
    "console.own_topics": "opened_form_of_own_topics",
    "console.safe_contact": "opened_form_of_safe_contact",
    "console.pin": "opened_form_of_pin",
    "console.consent": "opened_form_of_consent",
    "console.close": "opened_form_of_closing",
    "console.delete": "opened_form_of_deleting",
    "console.seen_and_changed": "saw_history",
    "console.sent": "saw_sent",
    "console.bulk_send": "saw_bulk_send",
}
"""Endpoints that show a patient's data, and the word for it."""
SEEN_AGAIN = "saw_form_again"
"""What was typed could not be read: the act changed nothing, and its page shows what stands in the record."""
NOTED_BY_THE_ACT = {
    "console.sign_in",
    "console.sign_out",
    "console.take_alert",
    "console.finish_task",
    "console.ask",
    "console.lift_lock",
    "console.set_budget",
    "console.register",
    "console.same_person",
    "console.not_the_same",
    "console.correct_details",
    "console.save_new_number",
    "console.save_number",
    "console.remove_number",
    "console.number_is_right",
    "console.save_new_proxy",
    "console.save_proxy",
    "console.remove_proxy",
    "console.save_own_topics",
    "console.save_safe_contact",
    "console.agree",
    "console.stop",
    "console.set_pin",
    "console.remove_pin",
    "console.save_close",
    "console.save_delete",
    "console.draft_bulk_send",
    "console.agree_to_bulk_send",
    "console.stop_bulk_send",
}
"""These call `audit.note` in the write that does it: a test does each of them and looks."""
NOT_A_PATIENTS_DATA: Mapping[str, str] = {
    "console.static": "files of the console itself",
    "console.costs": "sums of a month, in which no patient stands",
    "console.look_for": "leads to the list of those who are meant, which is noted",
    "console.show_sign_in": "a form for login and password",
    "console.bulk_sends": "how many were written to, and by whom it was sent, but not who they are",
    "console.new_bulk_send": "an empty form",
    "console.nowhere": "nothing but the words that there is no such page",
}
REFRESHED = {"console.now", "console.now_part"}
"""One page that is fetched again every 15 seconds: noted when opened, and when others stand on it than before."""
OF: Mapping[str, type[Base]] = {"conversation_id": Conversation, "message_id": Message}
"""What an id in an address names, where the page itself holds no row of a patient."""


def listen(app: App) -> None:
    """Remember what each page was made from: the patients on it stand in its rows."""
    template_rendered.connect(_remember, app)


def note_what_was_seen(response: Response) -> Response:
    """One entry for a page: of one patient, or with the ids of all who stand on it."""
    again = response.status_code == 422
    did = SEEN_AGAIN if again else SEEN.get(request.endpoint or "")
    staff = g.get("staff")
    if did is None or staff is None or (response.status_code >= 400 and not again):
        return response
    patients = sorted(g.get("patients_shown", set()))
    if again and not patients:
        return response
    if request.endpoint in REFRESHED and _as_before(patients, opened=request.endpoint == "console.now"):
        return response
    about = ",".join(
        f"{name.removesuffix('_id')}:{value}" for name, value in (request.view_args or {}).items()
    )
    with house().database.writing() as connection:
        patient = _patient_of(connection, patients)
        audit.note(
            house().database,
            connection,
            by=staff.login,
            did=did,
            now=house().now(),
            clinic_id=staff.clinic_id,
            patient_id=patient,
            about=about or ("" if patient else listed(patients)),
        )
    return response


def _remember(app: Flask, template: Any, context: dict[str, Any], **more: Any) -> None:
    if request and "patients_shown" not in g:
        g.patients_shown = set(_patients_in(context))


def _patients_in(context: Mapping[str, Any]) -> Iterator[int]:
    """Whoever stands in what a page is made from: its slices of rows, the one it is of, and candidates by name."""
    yield from context.get("names") or ()
    if behind := context.get("behind"):
        yield from (person.id for people in behind.people.values() for person in people)
    for value in context.values():
        for row in value.rows if isinstance(value, Slice) else ():
            yield from _patient_in(row)
    for name in ("whose", "patient", "conversation"):
        if context.get(name) is not None:
            yield from _patient_in(context[name])


def _patient_in(row: Any) -> Iterator[int]:
    """A row of a patient herself, or of something of hers."""
    fields = row._mapping
    found = fields["id"] if "birth_date" in fields else fields.get("patient_id")
    if found is not None:
        yield found


def _patient_of(connection: Connection, patients: list[int]) -> int | None:
    """The one patient that a page is of, or None where it lists several or nobody."""
    if "patient_id" in (arguments := request.view_args or {}):
        return int(arguments["patient_id"])
    if request.args.get("patient", "").isdigit():
        return int(request.args["patient"])
    for name, model in OF.items():
        if name in arguments:
            table = model.__table__
            return connection.scalar(select(table.c.patient_id).where(table.c.id == arguments[name]))
    return patients[0] if len(patients) == 1 else None


def _as_before(patients: list[int], *, opened: bool) -> bool:
    """Does the overview show whom it showed this person before? Answers that cross make an entry more, never fewer."""
    shown = hashlib.sha256(listed(patients).encode()).hexdigest()[:16]
    same = not opened and session.get("shown") == shown
    if not same:
        session["shown"] = shown
    return same
