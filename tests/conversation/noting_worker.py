"""The worker, with every step that it runs noted."""

from tests.conversation.step_log import listen
from worker import celery

listen()

__all__ = ["celery"]
