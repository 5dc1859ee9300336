"""What staff change from the console: an act of care each, then back to where the button was."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from care import by_staff, check_ins
from clinic.finding import alerts, locks, patients, tasks
from clinic.here import act, house, note, staff

ASKED = {
    "asked": "The question is on its way: it goes out as soon as quiet hours, caps and consent allow.",
    "waiting": "A question is waiting for an answer already. After two hours of silence Careline goes on by itself.",
    "in no programme": "Not in a programme today, so there is nothing to ask.",
    "not to be asked": "Nothing was sent: there is no consent to automatic check-ins, or it was taken back.",
}


def take_alert(alert_id: int) -> ResponseReturnValue:
    clinic, me = staff().clinic_id, staff().name
    with house().database.writing() as connection:
        taken = by_staff.take_alert(connection, clinic, alert_id, me, house().now())
        found = alerts.alerts(connection, clinic, most=1, id=alert_id).rows or abort(404)
        note(connection, "took_alert" if taken else "saw_alert", found[0].patient_id, f"alert:{alert_id}")
    flash("The alert is yours." if taken else f"Already taken: {found[0].taken_by}.")
    return back()


def finish_task(task_id: int) -> ResponseReturnValue:
    clinic, me = staff().clinic_id, staff().name
    with house().database.writing() as connection:
        finished = by_staff.finish_task(connection, clinic, task_id, me, house().now())
        found = tasks.tasks(connection, clinic, most=1, id=task_id).rows or abort(404)
        note(connection, "finished_task" if finished else "saw_task", found[0].patient_id, f"task:{task_id}")
    flash("The task is done." if finished else f"Already done: {found[0].done_by}.")
    return back()


def lift_lock(lock_id: int) -> ResponseReturnValue:
    with house().database.writing() as connection:
        lock = locks.lock(connection, staff().clinic_id, lock_id) or abort(404)
        lifted = by_staff.lift_lock(act(connection), lock_id)
    flash("The lock is lifted: wrong tries count anew." if lifted else f"Already lifted: {lock.lifted_by}.")
    return back()


def ask_for_check_in(patient_id: int) -> ResponseReturnValue:
    clinic = staff().clinic_id
    with house().database.reading() as connection:
        patients.patient(connection, clinic, patient_id) or abort(404)
    asked = check_ins.ask_patient_now(house().database, clinic, patient_id, house().now(), staff().login)
    flash(ASKED[asked])
    return redirect(url_for("console.patient", patient_id=patient_id), 303)


def back() -> ResponseReturnValue:
    """To the page that the button was on, if that is one of ours."""
    home = url_for("console.now")
    asked = request.form.get("back", "")
    parts = urlsplit(asked)
    ours = not parts.scheme and not parts.netloc and parts.path.startswith(home) and "\\" not in asked
    return redirect(asked if ours else home, 303)
