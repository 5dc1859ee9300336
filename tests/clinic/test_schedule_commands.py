"""`flask schedule …` as somebody at a clinic types it."""

from __future__ import annotations

import stat
from pathlib import Path

from click.testing import Result
from flask import Flask
from sqlalchemy import select

from conversation.house import House
from records.appointments import Appointment
from records.audit import AuditEntry
from records.scheduling import Clinician

DOCS = Path(__file__).parents[2] / "docs"


def _type(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["schedule", *words])


def _clinicians(house: House) -> list[str]:
    with house.database.reading() as connection:
        return list(connection.scalars(select(Clinician.name).order_by(Clinician.id)))


def test_a_schedule_is_set_up_comes_in_and_goes_out(app: Flask, house: House, tmp_path: Path) -> None:
    before = _clinicians(house)
    said = _type(app, "import-places", str(DOCS / "places.example.csv"), "--apply")
    assert "1 new, 0 changed, 1 as they were, 0 left out." in said.output, said.output
    dry = _type(app, "import-clinicians", str(DOCS / "clinicians.example.csv"))
    assert "Nothing was written: --apply writes it." in dry.output
    assert _clinicians(house) == before
    assert _type(app, "import-clinicians", str(DOCS / "clinicians.example.csv"), "--apply").exit_code == 0
    assert _clinicians(house) == [*before, "Dr. Noah Bose"]
    assert (
        "Time off: 3 new"
        in _type(app, "import-days-off", str(DOCS / "days-off.example.csv"), "--apply").output
    )
    people = app.test_cli_runner().invoke(args=["patients", "import", str(DOCS / "patients.example.csv")])
    assert people.exit_code == 0, people.output
    visits = tmp_path / "visits.csv"
    day = f"{house.now():%Y}-12-28" if house.now().month < 12 else f"{house.now().year + 1}-06-15"
    head = "uid,record_number,clinician,starts,minutes,kind,reason\n"
    visits.write_text(
        f"{head}A-1,M-1001,S1,{day} 09:00,20,audio,problem\nA-2,M-99,S1,{day} 10:00,20,audio,problem\n"
    )
    said = _type(app, "import-visits", str(visits), "--apply")
    assert said.exit_code == 1
    assert "Row 3, record_number: No patient has this record number: register her first." in said.output
    assert "M-99" not in said.output
    assert "1 new, 0 moved, 0 called off, 0 as they were, 1 left out." in said.output
    out = tmp_path / "out.ics"
    assert "1 visits, 0 of them called off." in _type(app, "export", "--ics", str(out)).output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with house.database.reading() as connection:
        assert connection.scalars(select(Appointment.outside_uid)).all() == ["A-1"]
        by = set(connection.scalars(select(AuditEntry.by).where(AuditEntry.did == "exported_schedule")))
    assert {one.partition(":")[0] for one in by} == {"command"}


def test_who_decides_is_said_per_clinic(app: Flask, house: House) -> None:
    assert "careline" in _type(app, "master").output
    assert "outside" in _type(app, "master", "outside").output
    assert "outside" in _type(app, "master").output


def test_what_can_not_be_done_is_a_sentence(app: Flask, house: House, tmp_path: Path) -> None:
    assert "There is no such file" in _type(app, "import-visits", "/nowhere/schedule.ics").output
    assert "Say one of --ics FILE and --csv FILE." in _type(app, "export").output
    assert "can't be written" in _type(app, "export", "--csv", "/nowhere/out.csv").output
    heading = tmp_path / "visits.csv"
    heading.write_text("uid,recrod_number\n1,2\n")
    assert "did you mean record_number?" in _type(app, "import-visits", str(heading)).output
    binary = tmp_path / "visits.xls"
    binary.write_bytes(bytes(range(256)) * 10)
    assert "not text in UTF-8" in _type(app, "import-visits", str(binary)).output
