"""Who saw and changed one patient's record."""

from __future__ import annotations

import re
from pathlib import Path

from clinic.auditing import SEEN
from clinic.words import words as words_of_staff
from conversation.acting import AUDITED

from .people import Clock, Nurse, Patient

ROSA = "/clinic/patients/1"
ROOT = Path(__file__).resolve().parents[2]


def test_looks_and_changes_stand_there_with_who_and_when(nurse: Nurse, rosa: Patient, clock: Clock) -> None:
    rosa.text("hola", "sí", "1", "2 de marzo de 1994", "128/82", "sí", "no")
    nurse.read(ROSA)
    nurse.read("/clinic/patients")
    clock.go_on(minutes=5)
    nurse.post(f"{ROSA}/own-topics", f"{ROSA}/own-topics", own_topics="visits")
    page = nurse.read(f"{ROSA}/history")
    assert "12:05 PM Demo Nurse changed own topics" in page
    assert "12:05 PM Demo Nurse opened the form of own confidences" in page
    assert "12:00 PM Demo Nurse saw the list of patients with 5 others" in page
    assert "12:00 PM Demo Nurse saw this record" in page
    assert "12:00 PM The patient, confirmed gave a reading Conversation" in page
    assert "128/82" not in page
    assert "saw this record" not in nurse.read("/clinic/patients/2/history")
    assert "saw this page" in nurse.read(f"{ROSA}/history")


def test_it_goes_on_with_older_entries(nurse: Nurse) -> None:
    for _ in range(60):
        nurse.open(f"{ROSA}/pin")
    page = nurse.open(f"{ROSA}/history").text
    assert len(re.findall("opened the form of the PIN", page)) == 50
    older = re.search(r'class="older"><a href="([^"]+)"', page)
    assert older
    assert (
        len(re.findall("opened the form of the PIN", nurse.open(older[1].replace("&amp;", "&")).text)) == 10
    )


def test_every_entry_has_words() -> None:
    known = set(words_of_staff()["audit"])
    assert set(SEEN.values()) - known == set()
    assert set(AUDITED.values()) - known == set()
    code = "".join(
        path.read_text("utf-8")
        for room in ("care", "voice", "clinic")
        for path in (ROOT / room).rglob("*.py")
    )
    written = set(re.findall(r'did="([^"]+)"', code)) | set(re.findall(r'act\.note\("([^"]+)"', code))
    assert {"corrected", "lifted_lock"} <= written
    assert written - known - {"added_staff"} == set()
