"""The handset's websocket, and scripts played on it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from phonelab.audio import SILENCE, Track, decode, encode, read_wav, trim_silence, write_wav
from phonelab.handset_client import Handset
from phonelab.script import ScriptError, ScriptFailed, main, read_script

LINE, ROSA, NURSE = "+16175550100", "+16175550101", "+16175550190"
MENU = "<Response><Gather numDigits='1' action='/turn'><Say>For a nurse, press 1</Say></Gather></Response>"
PLAIN = f"""
# a patient is put through to a nurse
handset rosa {ROSA}
handset nurse {NURSE}
line {LINE}
rosa > call
rosa < press 1
rosa > keys 1
nurse < [ringing]
nurse > answer
nurse > hang up
rosa < /goodbye|so long/
rosa < [hung up]
rosa > text hola
rosa < You wrote hola
"""
YAML = f"""
handsets: {{rosa: "{ROSA}"}}
line: "{LINE}"
steps:
  - "> call"
  - "< press 1"
  - "> hang up"
"""


@pytest.fixture
def clinic(lab: Any, customer: Any) -> Any:
    customer.replies["/voice"] = MENU
    customer.replies["/turn"] = f"<Response><Dial>{NURSE}</Dial><Say>Goodbye</Say></Response>"
    customer.replies["/sms"] = lambda asked: (
        f"<Response><Message>You wrote {asked.form['Body']}</Message></Response>"
    )
    return lab


@pytest.mark.parametrize(("text", "words"), [(PLAIN, "< Goodbye"), (YAML, "< For a nurse, press 1")])
def test_a_script_is_played(clinic: Any, tmp_path: Path, capsys: Any, text: str, words: str) -> None:
    file = tmp_path / "script.txt"
    file.write_text(text)
    assert main([str(file), "--url", clinic.url]) == 0
    assert words in capsys.readouterr().out


def test_a_script_that_fails_says_where_and_what_happened(clinic: Any, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "script.txt"
    file.write_text(PLAIN.replace("< press 1", "< press 9"))
    assert main([str(file), "--url", clinic.url, "--deadline", "0.5"]) == 1
    said = capsys.readouterr().err
    assert "line 7: < press 9" in said
    assert "< For a nurse, press 1" in said


@pytest.mark.parametrize(
    "text", ["rosa > call", f"handset {ROSA}\ngarbage", "steps: [", "handsets: 3\nsteps: []"]
)
def test_a_script_that_can_not_be_read(text: str) -> None:
    with pytest.raises(ScriptError):
        read_script(text)


def test_waiting_for_words_ends_with_the_call(clinic: Any, customer: Any) -> None:
    customer.replies["/voice"] = "<Response><Say>Short</Say></Response>"
    rosa = clinic.handset()
    rosa.call(LINE)
    with pytest.raises(ScriptFailed, match="the call is over"):
        rosa.hears("something longer")


def test_a_page_that_comes_back_finds_its_call_and_texts(clinic: Any) -> None:
    rosa = clinic.handset()
    rosa.texts(LINE, "hola")
    rosa.reads("You wrote hola")
    rosa.call(LINE)
    rosa.hears("press 1")
    with Handset(clinic.url, ROSA) as again:
        [state] = [event for event in again.events if event["event"] == "state"]
        assert [text["body"] for text in state["texts"]] == ["hola", "You wrote hola"]
        assert state["calls"][0]["sid"] == rosa.call_sid
        assert "gathering" in [event["event"] for event in state["calls"][0]["events"]]
        again.press("1", at_once=True)
        rosa.hangs_up()
        again.is_hung_up()


def test_a_call_ends_when_nobody_holds_the_handset(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(offline_seconds=0.05)
    customer.replies["/voice"] = "<Response><Say>Hello</Say><Pause length='4000'/></Response>"
    with Handset(lab.url, ROSA) as rosa:
        rosa.call(LINE)
        rosa.hears("Hello")
        sid = rosa.call_sid
    lab.until(lambda: lab.twilio.calls(sid).fetch().status == "completed", "the end")


def test_a_handset_on_a_call_is_busy(clinic: Any) -> None:
    rosa = clinic.handset()
    rosa.call(LINE)
    rosa.hears("press 1")
    call = clinic.twilio.calls.create(to=ROSA, from_=LINE, url="http://127.0.0.1:9/")
    clinic.until(lambda: clinic.twilio.calls(call.sid).fetch().status == "busy", "busy")
    rosa.press("1")


@pytest.mark.parametrize(
    "message",
    ["no json", "[]", '{"do": "fly"}', '{"do": "keys", "digits": "abc"}', '{"do": "call", "to": "x"}',
     '{"do": "voice", "wav": "%%"}', '{"do": "answer"}', '{"do": "hangup"}', "{}"],
)  # fmt: skip
def test_nonsense_from_a_page_is_answered_and_harmless(clinic: Any, message: str) -> None:
    from websockets.sync.client import connect

    with connect(f"{clinic.url.replace('http', 'ws')}/handset/ws?number=%2B16175550101&audio=0") as page:
        assert '"state"' in page.recv(timeout=5)
        page.send(message)
        assert "not understood" in page.recv(timeout=5)
        page.send(f'{{"do": "text", "to": "{LINE}", "body": "still here"}}')
        assert "still here" in page.recv(timeout=5)


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 200), ({"Origin": "http://127.0.0.1:8001"}, 200), ({"Origin": "http://evil.example"}, 403),
     ({"Host": "evil.example"}, 403)],
)  # fmt: skip
def test_other_sites_are_kept_out(lab: Any, headers: dict[str, str], status: int) -> None:
    get = lab.twilio.http_client.session.get
    assert get(f"{lab.url}/lab/settings", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("path", "changes"),
    [("/lab/settings", {"speeed": 1}), ("/lab/settings", {"callback_drop": 2}),
     ("/lab/settings", {"host": "0.0.0.0"}),
     ("/lab/settings", {"auth_tokens": ["x"]}), (f"/lab/numbers/{ROSA}", {"kind": "ghost"}),
     (f"/lab/numbers/{ROSA}", {"mood": "good"}), ("/lab/numbers/rosa", {"kind": "busy"})],
)  # fmt: skip
def test_the_lab_refuses_what_it_does_not_know(lab: Any, path: str, changes: dict[str, Any]) -> None:
    assert lab.post(path, **changes).status_code == 400


def test_the_lab_can_be_reset(clinic: Any) -> None:
    rosa = clinic.handset()
    rosa.texts(LINE, "hola")
    rosa.reads("You wrote hola")
    clinic.until(lambda: all(m.status != "sent" for m in clinic.twilio.messages.list()), "delivery")
    assert clinic.post("/lab/reset").status_code == 200
    assert clinic.twilio.messages.list() == []
    assert clinic.get("/lab/errors") == {"errors": []}


class TestProgram:
    """`python -m phonelab` as it starts, or refuses to."""

    def starts(self, **environment: str) -> subprocess.CompletedProcess[str]:
        root = Path(__file__).parents[2]
        return subprocess.run(
            [sys.executable, "-m", "phonelab"],
            env={**os.environ, "PYTHONPATH": str(root), **environment},
            capture_output=True,
            text=True,
            timeout=20,
        )

    @pytest.mark.parametrize(
        ("environment", "word"),
        [
            ({"PHONELAB_HOST": "0.0.0.0"}, "PHONELAB_HOST"),
            ({"PHONELAB_SPEED": "fast"}, "PHONELAB_SPEED"),
            ({"PHONELAB_NUMBERS": "617"}, "PHONELAB_NUMBERS"),
            ({"PHONELAB_OPENAPI": "/nowhere.json"}, "PHONELAB_OPENAPI"),
            ({"PHONELAB_CALLBACK_DROP": "7"}, "PHONELAB_CALLBACK_DROP"),
        ],
    )
    def test_a_wrong_setting_is_named(self, environment: dict[str, str], word: str) -> None:
        ended = self.starts(**environment)
        assert ended.returncode == 2
        assert word in ended.stderr
        assert "Traceback" not in ended.stderr

    def test_a_taken_port_is_named(self, lab: Any) -> None:
        ended = self.starts(PHONELAB_PORT=lab.url.rpartition(":")[2])
        assert ended.returncode == 1
        assert "PHONELAB_PORT" in ended.stderr
        assert "Traceback" not in ended.stderr


class TestAudio:
    """Telephone audio, to the sample."""

    def test_mulaw_there_and_back(self) -> None:
        import numpy as np

        every = np.arange(-32000, 32000, 7).astype(np.int16)
        error = np.abs(decode(encode(every)).astype(int) - every)
        assert (error <= (np.abs(every.astype(int)) + 132) // 32 + 1).all()
        assert encode(np.zeros(1, np.int16)) == bytes([SILENCE])
        assert encode(decode(bytes(range(127)))) == bytes(range(127))  # the last is a second zero

    @pytest.mark.parametrize(
        ("rate", "width", "channels"), [(8000, 2, 1), (44100, 2, 2), (22050, 1, 1), (48000, 3, 1)]
    )
    def test_any_wav_becomes_telephone_audio(self, rate: int, width: int, channels: int) -> None:
        import io
        import wave

        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(channels)
            file.setsampwidth(width)
            file.setframerate(rate)
            file.writeframes((b"\x80" if width == 1 else b"\0") * (rate * width * channels))
        samples = read_wav(out.getvalue())
        assert abs(len(samples) - 8000) <= 2
        assert abs(int(samples.max())) < 300

    def test_speech_lies_where_it_was_said(self) -> None:
        import numpy as np

        loud = np.full(8000, 9000, np.int16)
        track = Track()
        assert track.lay(loud, 2.0) == 3.0
        assert track.lay(loud, 2.5) == 4.0  # what is said meanwhile follows
        cut = track.between(1.0, 5.0)
        voiced = [byte != SILENCE for byte in cut]
        assert (voiced.index(True), sum(voiced), len(cut)) == (8000, 16000, 32000)
        assert track.voiced_until == 4.0
        assert len(trim_silence(decode(cut))) <= 16000 + 10 * 160
        assert read_wav(write_wav(loud)).shape == (8000,)
