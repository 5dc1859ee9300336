"""An unforeseen error is logged by its type and place, and what it quotes is not."""

from __future__ import annotations

import logging

import pytest

import error_logs

BIRTH_DATE = "2 de marzo de 1994"


@pytest.fixture(params=error_logs.LOGGERS)
def logger(request: pytest.FixtureRequest) -> logging.Logger:
    error_logs.use()
    error_logs.use()
    return logging.getLogger(request.param)


def fail() -> None:
    try:
        int(BIRTH_DATE)
    except ValueError as error:
        raise KeyError(BIRTH_DATE) from error


def test_what_failed_and_where(logger, caplog):
    try:
        fail()
    except KeyError:
        context = {"name": "send", "exc": f"KeyError({BIRTH_DATE!r})", "args": BIRTH_DATE}
        if logger.name == "app":
            logger.exception("Exception on %s [%s]", "/sms/receive", "POST")
        else:
            logger.error("Task %(name)s raised unexpected: %(exc)s", context, exc_info=True)
    (record,) = caplog.records
    line = logging.Formatter().format(record)
    assert BIRTH_DATE not in line
    assert "KeyError" in line
    assert "from builtins.ValueError" in line
    assert "test_error_logs.py" in line
    assert ("/sms/receive" in line) == (logger.name == "app")
    assert ("send" in line) == (logger.name != "app")


def test_what_is_no_error_stays_as_it_is(logger, caplog):
    logger.warning("%s rows", 3)
    assert caplog.messages == ["3 rows"]
