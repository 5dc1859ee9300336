"""The exchange: everything that the parts of the telephone company share."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from .behaviours import Behaviour
from .clock import Clock
from .errors import ErrorLog
from .faults import Callbacks, Faults
from .handsets import Handsets
from .pacing import Pacer
from .settings import Settings
from .sounds import Sounds, Speak
from .state import Number, Records, new_sid
from .webhooks import WebhookFailed, Webhooks

if TYPE_CHECKING:
    from .calls import Calls
    from .messages import Messages


class Exchange:
    """One telephone company. `settings` is replaced whole when the lab changes it."""

    calls: Calls
    messages: Messages

    def __init__(self, settings: Settings, speak: Speak | None = None) -> None:
        self.settings = settings
        self.speak = speak
        self.base_url = f"http://{settings.host}:{settings.port}"  # set anew once the port is bound
        self.clock = Clock(settings.speed)
        self.records = Records(lambda: self.settings.keep)
        self.errors = ErrorLog(self.records.errors, self.clock)
        self.faults = Faults(lambda: self.settings)
        self.callbacks = Callbacks(self.faults, self.clock)
        self.webhooks = Webhooks(lambda: self.settings, lambda: self.faults.strikes("webhook_double"))
        self.handsets = Handsets()
        self.sounds = Sounds()
        self.call_pacer = Pacer(lambda: self.settings.calls_per_second, self.clock)
        self._message_pacers: dict[str, Pacer] = {}
        self._behaviours: dict[str, Behaviour] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        for number in settings.numbers:
            self._add_number(number.number, vars(number))

    @property
    def account(self) -> str:
        return self.settings.account_sid

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change settings at run time. Raises SettingsError."""
        self.settings = self.settings.changed(changes)
        self.clock.run_at(self.settings.speed)

    def behaviour(self, number: str) -> Behaviour:
        return self._behaviours.get(number, Behaviour())

    def set_behaviour(self, number: str, changes: dict[str, Any]) -> Behaviour:
        """Raises BehaviourError."""
        self._behaviours[number] = self.behaviour(number).changed(changes)
        return self._behaviours[number]

    def message_pacer(self, sender: str) -> Pacer:
        if sender not in self._message_pacers:
            rate = Pacer(lambda: self.settings.messages_per_second, self.clock)
            self._message_pacers[sender] = rate
        return self._message_pacers[sender]

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something in the background until it ends or the exchange closes."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def status_callback(
        self, sid: str, url: str, method: str, fields: Mapping[str, str], trace: list[dict[str, Any]]
    ) -> None:
        """Send a status callback, as fate allows. A failed one is an error in the list, not sent again."""

        async def deliver() -> None:
            try:
                await self.webhooks.request(url, fields, method=method, trace=trace)
            except WebhookFailed as failed:
                self.errors.report(failed.code, failed.message, sid=sid, url=failed.url, trace=trace)

        self.callbacks.send(sid, deliver)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.callbacks.close()
        await self.webhooks.close()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.errors.report(0, f"phonelab itself failed: {type(error).__name__}: {error}")
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a phonelab task failed", "exception": error, "task": task}
            )

    def _add_number(self, number: str, urls: Mapping[str, str]) -> None:
        now = self.clock.now()
        made = Number(new_sid("PN"), number, number, now, now)
        for name, url in urls.items():
            if name != "number":
                setattr(made, name, url)
        self.records.numbers[number] = made
