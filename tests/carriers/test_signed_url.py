"""Which address the carrier signed, from what each server tells of a request."""

from __future__ import annotations

import pytest

from carriers.webhook_requests import signed_url

PUBLIC = "https://phone.example.org"


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({"PATH_INFO": "/voice/answer", "QUERY_STRING": ""}, f"{PUBLIC}/voice/answer"),
        ({"PATH_INFO": "/voice/answer", "QUERY_STRING": "token=a%20b"}, f"{PUBLIC}/voice/answer?token=a%20b"),
        ({"PATH_INFO": "/voice/turn/Az09-._~/1", "QUERY_STRING": ""}, f"{PUBLIC}/voice/turn/Az09-._~/1"),
        ({"SCRIPT_NAME": "/clinic", "PATH_INFO": "/voice/answer"}, f"{PUBLIC}/clinic/voice/answer"),
        # What can't be told from its decoded form is refused.
        ({"PATH_INFO": "/voice/a b"}, ""),
        ({"PATH_INFO": "/voice/a%b"}, ""),
        ({"PATH_INFO": "/voice/a:b"}, ""),
        ({"PATH_INFO": "/voice/é"}, ""),
        ({"PATH_INFO": "/voice/Ã©"}, ""),
        ({"PATH_INFO": "\ud800/"}, ""),
        ({"PATH_INFO": ""}, ""),
        ({}, ""),
        # Servers that pass the target on as it was sent are believed over the decoded path.
        ({"RAW_URI": "/voice/a%20b?x=1", "PATH_INFO": "/voice/a b"}, f"{PUBLIC}/voice/a%20b?x=1"),
        ({"REQUEST_URI": "/voice/%61nswer", "PATH_INFO": "/voice/answer"}, f"{PUBLIC}/voice/%61nswer"),
        ({"RAW_URI": "http://evil.example/voice/answer", "PATH_INFO": "/voice/answer"}, ""),
        ({"REQUEST_URI": "*", "PATH_INFO": "*"}, ""),
        # Headers never are.
        ({"PATH_INFO": "/x", "HTTP_HOST": "evil", "HTTP_X_FORWARDED_HOST": "evil"}, f"{PUBLIC}/x"),
    ],
)
def test_signed_url(environ, url):
    assert signed_url(environ, PUBLIC) == url
