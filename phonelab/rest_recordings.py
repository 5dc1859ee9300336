"""Recordings through the REST API: looked at, listed, fetched, deleted."""

from __future__ import annotations

from aiohttp import web

from .exchange import Exchange
from .parameters import dated
from .resources import page_json, recording_json
from .rest import ROOT, Asked, Door, not_found
from .rest_errors import RestError
from .state import Recording


class RestRecordings:
    """The routes of `Recordings`, also under their call."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def add_to(self, door: Door, router: web.UrlDispatcher) -> None:
        door.add(router, "GET", "/Recordings.json", "ListRecording", self.list)
        door.add(router, "GET", "/Calls/{sid}/Recordings.json", "ListCallRecording", self.list_of_call)
        door.add(router, "GET", "/Recordings/{sid}.json", "FetchRecording", self.fetch)
        door.add(router, "DELETE", "/Recordings/{sid}.json", "DeleteRecording", self.delete)
        door.add(router, "DELETE", "/Recordings/{sid}", "DeleteRecording", self.delete)

        async def media(request: web.Request) -> web.StreamResponse:
            try:
                if self._exchange.settings.media_auth:
                    door.authenticate(request)
                return await self.media(Asked({}, request.match_info["sid"], request.path))
            except RestError as error:
                return error.response()

        router.add_get(ROOT + "/Recordings/{sid}.wav", media)
        router.add_get(ROOT + "/Recordings/{sid:RE[0-9a-f]{32}}", media)

    async def fetch(self, asked: Asked) -> web.Response:
        recording = self._recording(asked)
        return web.json_response(recording_json(recording, self._exchange.account, self._exchange.base_url))

    async def media(self, asked: Asked) -> web.Response:
        """The WAV file: 8 kHz, 16 bits, mono. Not there before the recording is completed."""
        recording = self._recording(asked)
        if recording.wav is None:
            raise not_found(asked)
        return web.Response(body=recording.wav, content_type="audio/x-wav")

    async def delete(self, asked: Asked) -> web.Response:
        recording = self._recording(asked)
        self._exchange.records.recordings.remove(recording.sid)
        return web.Response(status=204)

    async def list(self, asked: Asked) -> web.Response:
        return self._page(asked, asked.get("CallSid"))

    async def list_of_call(self, asked: Asked) -> web.Response:
        return self._page(asked, asked.sid)

    def _page(self, asked: Asked, call_sid: str) -> web.Response:
        recordings = [
            recording
            for recording in self._exchange.records.recordings.newest_first()
            if call_sid in ("", recording.call_sid) and dated(asked.given, "DateCreated", recording.created)
        ]
        account, base_url = self._exchange.account, self._exchange.base_url
        page = page_json(
            "recordings",
            asked.path,
            recordings,
            lambda recording: recording.sid,
            lambda recording: recording_json(recording, account, base_url),
            {name: values[-1] for name, values in asked.given.items()},
        )
        return web.json_response(page)

    def _recording(self, asked: Asked) -> Recording:
        recording = self._exchange.records.recordings.get(asked.sid)
        if recording is None:
            raise not_found(asked)
        return recording
