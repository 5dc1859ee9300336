"""The staff console at /clinic/: its pages, and what holds for every one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from clinic import auditing, csrf, headers, staff_sessions
from clinic.here import house
from clinic.pages import (
    acts,
    bulk,
    consents,
    conversation,
    costs,
    details,
    duplicates,
    history,
    leaving,
    lists,
    now,
    numbers,
    patient,
    patients,
    pin,
    proxies,
    sign_in,
    sound,
)
from clinic.showing import Showing

View = Callable[..., ResponseReturnValue]
blueprint = Blueprint(
    "console", __name__, url_prefix="/clinic", template_folder="templates", static_folder="static"
)
OPEN = {"console.static", "console.show_sign_in", "console.sign_in"}
"""What anybody may see. Everything else is for people who are signed in."""
BY_ITSELF = {"console.now_part", "console.sound"}
"""What a page asks for by itself: it does not keep a session alive."""
PLAIN_WORDS = {
    400: "That request could not be read.",
    403: "That came too late, or not from a page of this console. Go back, load the page again, and try once more.",
    404: "There is no such page, or it is not for your clinic.",
    405: "That can't be done here.",
}


@blueprint.before_request
def let_in() -> ResponseReturnValue | None:
    """Who is asking, and did one of our pages ask? What is seen then goes to the audit: see clinic/auditing.py."""
    if request.endpoint not in OPEN:
        by_itself = request.endpoint in BY_ITSELF
        g.staff = staff_sessions.person(house().database, house().now(), counts_as_use=not by_itself)
        if g.staff is None:
            return _to_sign_in(by_itself)
    csrf.demand()
    return None


def _to_sign_in(by_itself: bool) -> ResponseReturnValue:
    if by_itself:
        # Not a page: that would use up what the sign-in page is to tell.
        return Response("Please sign in.\n", 401, mimetype="text/plain")
    return redirect(url_for("console.show_sign_in"), 303)


@blueprint.context_processor
def at_hand() -> dict[str, Any]:
    """What every template has: how values are shown, and the token of its forms."""
    staff = g.get("staff")
    zone = ZoneInfo(staff.timezone if staff else "UTC")
    return {
        "show": Showing(zone, staff.line if staff else "", house().now()),
        "staff": staff,
        "csrf_field": csrf.FIELD,
        "csrf_token": csrf.token,
    }


@blueprint.errorhandler(HTTPException)
def tell_plainly(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    words = PLAIN_WORDS.get(code, error.name)
    return render_template("console/error.html", words=words), code


def nowhere(path: str) -> ResponseReturnValue:
    abort(404)


HERS = "/patients/<int:patient_id>"
"""One patient's pages."""
PAGES: tuple[tuple[str, str, View], ...] = (
    ("/", "now", now.now),
    ("/now", "now_part", now.now_part),
    ("/sign-in", "show_sign_in", sign_in.show),
    ("/alerts", "alerts", lists.all_alerts),
    ("/tasks", "tasks", lists.all_tasks),
    ("/readings", "readings", lists.all_readings),
    ("/messages", "messages", lists.all_messages),
    ("/messages/<int:message_id>/sound", "sound", sound.play),
    ("/conversations", "conversations", lists.all_conversations),
    ("/conversations/<conversation_id>", "conversation", conversation.show),
    ("/patients", "patients", patients.show_list),
    ("/patients/new", "new_patient", details.show_new),
    ("/patients/duplicates", "duplicates", duplicates.show),
    (HERS, "patient", patient.show),
    (f"{HERS}/details", "details", details.show_details),
    (f"{HERS}/numbers/new", "add_number", numbers.show_new),
    (f"{HERS}/numbers/<int:number_id>", "number", numbers.show_one),
    (f"{HERS}/proxies/new", "add_proxy", proxies.show_new),
    (f"{HERS}/proxies/<int:proxy_id>", "proxy", proxies.show_one),
    (f"{HERS}/own-topics", "own_topics", details.show_own_topics),
    (f"{HERS}/safe-contact", "safe_contact", details.show_safe_contact),
    (f"{HERS}/pin", "pin", pin.show),
    (f"{HERS}/consent/<topic>", "consent", consents.show),
    (f"{HERS}/close", "close", leaving.show_close),
    (f"{HERS}/delete", "delete", leaving.show_delete),
    (f"{HERS}/history", "seen_and_changed", history.show),
    ("/sent", "sent", lists.all_sent),
    ("/bulk", "bulk_sends", bulk.show_list),
    ("/bulk/new", "new_bulk_send", bulk.show_new),
    ("/bulk/<int:bulk_id>", "bulk_send", bulk.show_one),
    ("/costs", "costs", costs.show),
    ("/<path:path>", "nowhere", nowhere),
)
ACTS: tuple[tuple[str, str, View], ...] = (
    ("/sign-in", "sign_in", sign_in.sign_in),
    ("/sign-out", "sign_out", sign_in.sign_out),
    ("/alerts/<int:alert_id>/take", "take_alert", acts.take_alert),
    ("/tasks/<int:task_id>/finish", "finish_task", acts.finish_task),
    ("/costs", "set_budget", costs.set_budget),
    ("/locks/<int:lock_id>/lift", "lift_lock", acts.lift_lock),
    ("/patients/search", "look_for", patients.look_for),
    ("/patients/new", "register", details.register),
    ("/patients/duplicates/<int:pair_id>/same", "same_person", duplicates.same_person),
    ("/patients/duplicates/<int:pair_id>/not-the-same", "not_the_same", duplicates.not_the_same),
    (f"{HERS}/ask", "ask", acts.ask_for_check_in),
    (f"{HERS}/details", "correct_details", details.correct_details),
    (f"{HERS}/numbers/new", "save_new_number", numbers.add),
    (f"{HERS}/numbers/<int:number_id>", "save_number", numbers.change),
    (f"{HERS}/numbers/<int:number_id>/remove", "remove_number", numbers.remove),
    (f"{HERS}/numbers/<int:number_id>/right", "number_is_right", numbers.is_right),
    (f"{HERS}/proxies/new", "save_new_proxy", proxies.add),
    (f"{HERS}/proxies/<int:proxy_id>", "save_proxy", proxies.change),
    (f"{HERS}/proxies/<int:proxy_id>/remove", "remove_proxy", proxies.remove),
    (f"{HERS}/own-topics", "save_own_topics", details.correct_own_topics),
    (f"{HERS}/safe-contact", "save_safe_contact", details.correct_safe_contact),
    (f"{HERS}/pin", "set_pin", pin.set_pin),
    (f"{HERS}/pin/remove", "remove_pin", pin.remove),
    (f"{HERS}/consent/<topic>/agree", "agree", consents.agree),
    (f"{HERS}/consent/<topic>/stop", "stop", consents.stop),
    ("/bulk/new", "draft_bulk_send", bulk.draft),
    ("/bulk/<int:bulk_id>/agree", "agree_to_bulk_send", bulk.agree),
    ("/bulk/<int:bulk_id>/stop", "stop_bulk_send", bulk.stop),
    (f"{HERS}/close", "save_close", leaving.close),
    (f"{HERS}/delete", "save_delete", leaving.delete),
)

blueprint.after_request(headers.add)
blueprint.after_request(auditing.note_what_was_seen)
blueprint.record_once(lambda state: auditing.listen(state.app))
for rule, endpoint, view in PAGES:
    blueprint.add_url_rule(rule, endpoint, view, methods=["GET"])
for rule, endpoint, view in ACTS:
    blueprint.add_url_rule(rule, endpoint, view, methods=["POST"])
