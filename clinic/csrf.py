"""A form counts only when it comes from a page of ours: a token in the session and in every form."""

from __future__ import annotations

import hmac
import secrets

from flask import abort, request, session

FIELD = "csrf"


def token() -> str:
    """This session's token; made when a form is first shown."""
    if FIELD not in session:
        session[FIELD] = secrets.token_urlsafe(24)
    return str(session[FIELD])


def demand() -> None:
    """403 for whatever would change something and does not bring the token."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    ours, theirs = session.get(FIELD), request.form.get(FIELD, "")
    if not ours or not hmac.compare_digest(str(ours).encode(), theirs.encode()):
        abort(403)
