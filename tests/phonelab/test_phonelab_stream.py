"""`<Connect><Stream>`: the call's audio over a websocket, as a customer's stream server sees it."""

from __future__ import annotations

import base64
import json
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from twilio.request_validator import RequestValidator
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from phonelab.audio import FRAME, decode, encode, voiced_frames, write_wav
from phonelab.settings import DEMO_TOKEN

LINE = "+16175550100"
TONE = (np.sin(np.arange(8000) * 0.5) * 8000).astype(np.int16)


class StreamServer:
    """Keeps what comes, and sends what the test says."""

    def __init__(self) -> None:
        self.messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self.connection: ServerConnection | None = None
        self.signature = ""
        self._server = serve(self._serve, "127.0.0.1", 0)
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/voice/stream"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def _serve(self, connection: ServerConnection) -> None:
        self.connection = connection
        assert connection.request is not None
        self.signature = connection.request.headers["X-Twilio-Signature"]
        try:
            for message in connection:
                self.messages.put(json.loads(message))
        except ConnectionClosed:
            pass

    def gets(self, event: str) -> dict[str, Any]:
        """The next message of a kind; others are passed over."""
        while (message := self.messages.get(timeout=10))["event"] != event:
            pass
        return message

    def sends(self, stream: str, event: str, **fields: Any) -> None:
        assert self.connection is not None
        self.connection.send(json.dumps({"event": event, "streamSid": stream, **fields}))

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[StreamServer]:
    served = StreamServer()
    yield served
    served.close()


@pytest.fixture
def connected(lab: Any, customer: Any, server: StreamServer) -> Any:
    stream = f"<Stream url='{server.url}'><Parameter name='conversation' value='c1'/></Stream>"
    customer.replies["/voice"] = f"<Response><Connect action='/after'>{stream}</Connect></Response>"
    customer.replies["/after"] = "<Response><Say>Back again</Say></Response>"
    rosa = lab.handset()
    rosa.call(LINE)
    return rosa


def test_it_begins_as_twilios_does(connected: Any, server: StreamServer) -> None:
    first = server.messages.get(timeout=10)
    assert first == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    start = server.gets("start")
    assert start["sequenceNumber"] == "1"
    assert start["start"]["customParameters"] == {"conversation": "c1"}
    assert start["start"]["mediaFormat"]["encoding"] == "audio/x-mulaw"
    assert start["start"]["callSid"] == connected.call_sid
    assert start["start"]["streamSid"] == start["streamSid"]
    assert server.signature == RequestValidator(DEMO_TOKEN).compute_signature(server.url, {})


def test_the_callers_voice_comes_in_frames(connected: Any, server: StreamServer, tmp_path: Path) -> None:
    (tmp_path / "one-second.wav").write_bytes(write_wav(TONE))
    first = server.gets("media")
    assert (first["media"]["chunk"], first["media"]["timestamp"]) == ("1", "0")
    assert len(base64.b64decode(first["media"]["payload"])) == FRAME
    connected.says(tmp_path / "one-second.wav", then="")
    voiced = 0
    while voiced < 50:
        frame = decode(base64.b64decode(server.gets("media")["media"]["payload"]))
        voiced += sum(voiced_frames(frame))
    assert voiced == 50


def test_keys_come_one_by_one(connected: Any, server: StreamServer) -> None:
    connected.press("4#")
    assert [server.gets("dtmf")["dtmf"]["digit"] for _ in range(2)] == ["4", "#"]


def test_marks_come_back_when_what_was_sent_has_been_heard(connected: Any, server: StreamServer) -> None:
    stream = server.gets("start")["streamSid"]
    payload = base64.b64encode(encode(np.tile(TONE, 10))).decode()  # ten seconds
    server.sends(stream, "media", media={"payload": payload})
    server.sends(stream, "mark", mark={"name": "greeting"})
    connected.hears("[mark greeting]")
    heard = [event for event in connected.events if event["event"] == "playing"]
    assert [event["seconds"] for event in heard] == [10.0]
    frames_before = int(server.gets("mark")["sequenceNumber"])
    assert frames_before > 450  # about ten seconds of frames went the other way meanwhile


def test_a_clear_gives_marks_back_at_once(connected: Any, server: StreamServer) -> None:
    stream = server.gets("start")["streamSid"]
    payload = base64.b64encode(encode(np.tile(TONE, 600))).decode()  # ten minutes
    server.sends(stream, "media", media={"payload": payload})
    server.sends(stream, "mark", mark={"name": "long"})
    server.sends(stream, "clear")
    mark = server.gets("mark")
    assert mark["mark"] == {"name": "long"}
    assert int(mark["sequenceNumber"]) < 10_000  # ten minutes would be 30,000 frames


def test_what_is_cleared_is_not_heard(connected: Any, server: StreamServer) -> None:
    stream = server.gets("start")["streamSid"]
    payload = base64.b64encode(encode(np.tile(TONE, 600))).decode()
    server.sends(stream, "media", media={"payload": payload})
    server.sends(stream, "clear")
    server.sends(stream, "mark", mark={"name": "after"})
    connected.hears("[mark after]")
    assert "playing" not in [event["event"] for event in connected.events]


def test_the_call_goes_on_when_the_server_closes(connected: Any, server: StreamServer, customer: Any) -> None:
    server.gets("start")
    assert server.connection is not None
    server.connection.close()
    connected.hears("Back again")
    assert customer.of("/after")[0].form["StreamSid"].startswith("MZ")


def test_the_stream_stops_when_she_hangs_up(connected: Any, server: StreamServer) -> None:
    server.gets("media")
    connected.hangs_up()
    assert server.gets("stop")["stop"]["callSid"] == connected.call_sid


def test_nonsense_is_an_error_in_the_list(connected: Any, server: StreamServer, lab: Any) -> None:
    stream = server.gets("start")["streamSid"]
    server.sends(stream, "speak", text="hello")
    server.sends("MZ0", "clear")
    errors = lab.until(lambda: len(lab.errors()) == 2 and lab.errors(), "two errors")
    assert "'speak'" in errors[0]
    assert "streamSid" in errors[1]


def test_a_stream_that_does_not_open_goes_to_the_next_verb(lab: Any, customer: Any) -> None:
    customer.replies["/voice"] = (
        "<Response><Connect><Stream url='ws://127.0.0.1:9/s'/></Connect><Say>By keys then</Say></Response>"
    )
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears("By keys then")
    assert lab.get("/lab/errors")["errors"][0]["code"] == 31920
