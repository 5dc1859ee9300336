"""Languages on calls: the carrier's voice where it has one, prompts of our own where it has none."""

from __future__ import annotations

import re
import sys
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from app import create_app
from records.conversations import Turn
from tests.conversation.carrier_webhooks import new_id, target_of
from tests.conversation.clinic_day import KEYED_BIRTH_DATE, LINE
from voice.prompts.addresses import GOOD_FOR
from voice.prompts.speaker import Speaker
from voice.prompts.store import Prompts, name_of

MARIE, KIM = "+16175550104", "+16175550109"
KREYOL = "3"
"""The key of Haitian Creole where the languages are offered."""


def sounds_of(document: str) -> list[str]:
    return [target_of(play.text or "") for play in ElementTree.fromstring(document).iter("Play")]


def words_of(day, call) -> list[str]:
    """What the open call was told last, in the order of its sentences."""
    turns = day.rows(Turn)
    return [text for text, _ in max(turns, key=lambda turn: turn.turn).reply["says"]]


@pytest.fixture
def web(day) -> FlaskClient:
    return create_app(house=day.house).test_client()


def test_who_writes_haitian_creole_is_spoken_to_in_it(day):
    marie = day.phone(MARIE)
    marie.texts("bonjou", "1")
    call = marie.call()
    assert call.said == [], "the carrier has no voice for it"
    assert len(sounds_of(call.document)) == 8, "a welcome, the keys, the question and its five choices"


def test_who_writes_korean_is_spoken_to_in_korean(day):
    kim = day.phone(KIM)
    kim.texts("안녕하세요", "1")
    assert any("911" in words and "전화" in words for words in kim.call().said)


def test_every_language_is_offered_in_its_own_voice(day):
    call = day.phone(MARIE).call()
    assert call.said == [
        *("Harbor Community Clinic.", "For English, press 1.", "Para español, marque 2."),
        *("한국어, 4번을 눌러 주세요.", "For another language, press 5."),
    ]
    assert len(sounds_of(call.document)) == 1


def test_a_prompt_is_8_khz_audio_that_nobody_on_the_way_keeps(day, web):
    (address,) = sounds_of(day.phone(MARIE).call().document)
    heard = web.get(address)
    assert heard.status_code == 200
    assert heard.mimetype == "audio/x-wav"
    assert heard.headers["Cache-Control"] == "no-store"
    assert heard.data[:4] == b"RIFF"
    assert int.from_bytes(heard.data[22:24], "little") == 1
    assert int.from_bytes(heard.data[24:28], "little") == 8000


def test_an_address_that_is_old_changed_or_made_up_opens_nothing(day, web):
    call = day.phone(MARIE).call().keys(KREYOL)
    first, second, *_ = sounds_of(call.document)
    path, _, query = first.partition("?")
    _, _, other_query = second.partition("?")
    expires, signature = (pair.partition("=")[2] for pair in query.split("&"))
    later = f"expires={int(expires) + 60}&signature={signature}"
    refused = [
        *(path, f"{path}?{other_query}", f"{path}?{later}", f"{path}?{query[:-1]}"),
        f"{path.replace('/0.wav', '/1.wav')}?{query}",
        f"{path.replace('/2/', '/1/')}?{query}",
        *(f"{path}?expires={number}&signature={signature}" for number in ("٣", "", "9" * 5000, "soon")),
        f"{path}?expires={expires}&signature=%C3%A9",
    ]
    assert [web.get(address).status_code for address in refused] == [403] * len(refused)
    assert web.get(first).status_code == 200
    day.clock.forward(seconds=GOOD_FOR.total_seconds() + 1)
    assert web.get(first).status_code == 403
    assert day.counted("sound address") > 0


@pytest.mark.parametrize("place", ["x.wav", "w.wav", "-1.wav", "1e3.wav", "0.mp3", "9" * 5000 + ".wav"])
def test_places_that_no_address_of_ours_names(web, place):
    assert web.get(f"/voice/sounds/talk/1/{place}").status_code == 404
    assert web.get(f"/voice/sounds/talk/{place.removesuffix('.wav')}x/0.wav").status_code == 404


def test_a_reading_is_read_back_by_sounds_whose_addresses_say_nothing(day, web):
    call = day.phone("rosa").call().keys("5", "1", KREYOL)
    addresses = sounds_of(call.document)
    for keys in ("1", KEYED_BIRTH_DATE, "128*82"):
        call.keys(keys)
        assert call.said == [], "one voice all through"
        addresses += sounds_of(call.document)
    assert words_of(day, call)[0] == "Mwen konprann 128 sou 82. Se sa?"
    assert not [one for one in addresses if re.search("128|82\\b|1994|Rosa|5550101", urlsplit(one).path)]
    assert all(web.get(address).status_code == 200 for address in addresses)
    other = create_app(house=day.house).extensions["prompts"]
    heard = web.get(sounds_of(call.document)[0]).data
    assert heard == other.sound("Mwen konprann 128 sou 82. Se sa?", "ht")
    assert heard != other.sound("Mwen konprann 128 sou 92. Se sa?", "ht")


def test_where_nothing_can_be_spoken_the_turn_is_answered_and_the_sound_is_refused(day, tmp_path, caplog):
    """A carrier goes on after a sound that it could not fetch, and silence makes Careline ask again."""
    app = create_app(house=day.house)
    dead = Speaker((sys.executable, "-c", ""))
    app.extensions["prompts"] = Prompts(tmp_path / "elsewhere", day.house.languages, dead)
    form = {
        "CallSid": new_id("CA"),
        "Direction": "inbound",
        "CallStatus": "in-progress",
        "From": MARIE,
        "To": LINE,
    }
    headers = {"X-Twilio-Signature": day.webhooks.sign("/voice/answer", form)}
    answered = app.test_client().post("/voice/answer", data=form, headers=headers)
    assert answered.status_code == 200
    (address,) = sounds_of(answered.text)
    assert app.test_client().get(address).status_code == 503
    assert day.counted("sound not made") == 1
    assert "the speaking process died twice" in caplog.text
    assert "kreyòl" not in caplog.text
    app.extensions["prompts"].close()


def test_a_rare_value_is_made_while_the_call_waits_and_stays_off_the_disk(day):
    prompts = create_app(house=day.house).extensions["prompts"]
    before = set(prompts.folder.iterdir())
    said = "Byenveni nan Kay Sante Solèy Leve. Si se yon ijans, rakwoche epi rele 911."
    assert len(prompts.sound(said, "ht")) > 8000 * 2
    parts = prompts.cutter("ht").cut(said)
    kept = {path.name for path in set(prompts.folder.iterdir()) - before}
    assert name_of(parts[1].words, prompts.languages["ht"]) not in kept
    assert parts[1].words == "Kay Sante Solèy Leve,"
    prompts.close()
