"""What is logged of an unforeseen error: its type and where it was raised, never its words.

The words of an error quote what it was raised for: `Invalid isoformat string: …` holds a birth date.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

LOGGERS = ("app", "celery.app.trace")
"""Flask's, by the name of our application, and the one to which Celery tells that a task failed."""


def use() -> None:
    """From now on, in this process."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, WithoutWords) for one in logger.filters):
            logger.addFilter(WithoutWords())


class WithoutWords(logging.Filter):
    """Lets every record pass, with an exception told by type and place."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is not None:
            record.msg, record.args = f"{_what(record)}: {told(error)}", ()
            record.exc_info = record.exc_text = None
        return True


def told(error: BaseException) -> str:
    """`KeyError in care/people.py:12 find < care/acts.py:40 run`: innermost first, causes after it."""
    return ", from ".join(_one(each) for each in _chain(error))


def _one(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[::-1]
    places = (f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__module__}.{type(error).__qualname__} in {' < '.join(places)}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _what(record: logging.LogRecord) -> str:
    """What Flask was answering, by its own words; which task, of all that Celery says."""
    if isinstance(record.args, dict):
        return f"task {record.args.get('name')}"
    return record.getMessage()
