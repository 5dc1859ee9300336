"""A day at the sample clinic: readings, an alert, a call-back, and messages in four scripts."""

from __future__ import annotations

import io
import math
import struct
import wave
from typing import Any

from sqlalchemy import insert, select

from care.sounds import store
from conversation.house import House
from records.conversations import Conversation
from records.messages import Message
from records.patients import Patient as PatientRow

from .people import Clock, Patient

SPANISH = "Buenos días, ¿me pueden cambiar la cita del martes? Trabajo por la mañana y no puedo salir."
CREOLE = "Bonjou, mwen ta renmen konnen si rezilta tès san mwen yo pare. Mèsi anpil."
ARABIC = "مرحبا، ابني عنده حرارة 38.5 منذ يومين. هل يمكننا أن نأتي غدا الساعة 10؟"
KOREAN = "안녕하세요. 약이 떨어져서 처방전을 다시 받고 싶습니다."


def live(house: House, clock: Clock) -> None:
    """Nine days of check-ins by Rosa, calls by James, and messages; then, now, what can't wait."""
    rosa = Patient(house, "+16175550101")
    james = Patient(house, "+16175550102")
    unknown = Patient(house, "+16175550177")
    clock.go_on(days=-9)
    rosa.text("hola", "sí", "1", "2 de marzo de 1994", "138/88", "sí", "no")
    for reading, signs in (
        ("142/91", "no"),
        ("128/82", "no"),
        ("152/101", "no"),
        ("146/95", "no"),
        ("88/52", "no"),
        ("131/84", "no"),
    ):
        clock.go_on(days=1, minutes=17)
        rosa.text("hola", "1", "2 de marzo de 1994", reading, "sí", signs)
    clock.go_on(days=1)
    james.call("1", "1", "11201950", "118*76", "1", "2", "2")
    clock.go_on(days=1, hours=-1)
    messages(house, clock)
    unknown.text("hello", "yes", "3", "2", "My mother is with you, please call me about her appointment.")
    clock.go_on(minutes=30)
    Patient(house, "+16175550103").text("155/95", "yes", "May 1 2001", "May 1 2002")
    clock.go_on(minutes=20)
    rosa.text("hola", "1", "2 de marzo de 1994", "168/112", "sí")
    clock.go_on(minutes=10)


def messages(house: House, clock: Clock) -> None:
    """Spoken and written, as the worker leaves them when it has fetched the sound and put it into words."""
    with house.database.writing() as connection:
        talk = connection.execute(select(Conversation.__table__).limit(1)).one()
        by_language = select(PatientRow.language, PatientRow.id).order_by(PatientRow.id.desc())
        ids = {row.language: row.id for row in connection.execute(by_language)}
        said: tuple[tuple[str, str | None, dict[str, Any]], ...] = (
            ("es", SPANISH, spoken("RE11", 14, 0.91, "vosk:es")),
            ("ht", CREOLE, spoken("RE12", 9, 0.55, "faster-whisper:base", "language not measured")),
            ("ar", ARABIC, {}),
            ("ko", KOREAN, spoken("RE13", 11, 0.72, "vosk:ko", "low confidence")),
            ("en", None, spoken("RE14", 3, None, None, "gone", "unfetchable")),
        )
        for place, (language, text, more) in enumerate(said):
            key = connection.execute(
                insert(Message).values(
                    {
                        "clinic_id": talk.clinic_id,
                        "conversation_id": talk.id,
                        "patient_id": ids.get(language) if language != "es" else 1,
                        "number": f"+1617555010{place}",
                        "language": language,
                        "text": text,
                        "state": "ready",
                        "at": clock(),
                    }
                    | more
                )
            ).inserted_primary_key
            assert key
            if more and text:
                store(house.settings.recordings_dir, key[0], tone(2))


def spoken(
    recording: str,
    seconds: int,
    confidence: float | None,
    recogniser: str | None,
    listen: str | None = None,
    state: str = "ready",
) -> dict[str, Any]:
    return {
        "recording": recording,
        "seconds": seconds,
        "confidence": confidence,
        "recogniser": recogniser,
        "listen": listen,
        "state": state,
    }


def tone(seconds: float) -> bytes:
    """A WAV of 8,000 samples a second."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        samples = (int(8000 * math.sin(place / 9)) for place in range(int(8000 * seconds)))
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()
