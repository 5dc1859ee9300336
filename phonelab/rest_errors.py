"""Errors of the REST API, as Twilio's error dictionary numbers them."""

from __future__ import annotations

from aiohttp import web

INVALID, AUTHENTICATE, METHOD, NOT_FOUND, TOO_MANY, SERVER = 20001, 20003, 20004, 20404, 20429, 20500
NO_TO, BAD_URL, UNVERIFIED_FROM, BAD_TO, BAD_FROM, NO_CALLER = 21201, 21205, 21210, 21211, 21212, 21213
CALL_NOT_RUNNING = 21220
BODY_REQUIRED, FROM_REQUIRED, TO_REQUIRED, FOREIGN_FROM = 21602, 21603, 21604, 21606
BAD_CALLBACK, OPTED_OUT, NOT_MOBILE, TOO_LONG, BAD_MEDIA = 21609, 21610, 21614, 21617, 21620


class RestError(Exception):
    """A request refused. `status` is HTTP's, `code` Twilio's."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status

    def response(self) -> web.Response:
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        response = web.json_response(body, status=self.status)
        if self.status == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
        return response
