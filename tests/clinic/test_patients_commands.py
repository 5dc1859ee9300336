"""`flask patients …` as somebody at a clinic types it."""

from __future__ import annotations

from pathlib import Path

from click.testing import Result
from flask import Flask
from sqlalchemy import func, insert, select

from conversation.house import House
from records.audit import AuditEntry
from records.clinics import Clinic
from records.patients import Patient

EXAMPLE = Path(__file__).parents[2] / "docs" / "patients.example.csv"


def _type(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["patients", *words])


def _people(house: House) -> int:
    with house.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(Patient)) or 0


def test_a_dry_run_then_the_import_then_again(app: Flask, house: House) -> None:
    before = _people(house)
    dry = _type(app, "import", str(EXAMPLE), "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "4 new, 0 changed, 0 as they were, 0 left out." in dry.output
    assert "Nothing was written." in dry.output
    assert _people(house) == before
    done = _type(app, "import", str(EXAMPLE))
    assert "4 of 4 rows" in done.output
    assert _people(house) == before + 4
    assert "0 new, 0 changed, 4 as they were, 0 left out." in _type(app, "import", str(EXAMPLE)).output
    with house.database.reading() as connection:
        by = set(connection.scalars(select(AuditEntry.by).where(AuditEntry.did == "imported")))
    assert len(by) == 1
    assert by.pop().startswith("command")


def test_mistakes_are_said_by_row_and_column_and_nothing_private_is_printed(
    app: Flask, house: House, tmp_path: Path
) -> None:
    file, refused = tmp_path / "people.csv", tmp_path / "refused.csv"
    file.write_text("name;birth date;language;number\nAna Lima;31/12/1984;es;617-555-0111\n", "utf-8")
    said = _type(app, "import", str(file), "--refused", str(refused))
    assert said.exit_code == 1
    assert "Row 2, birth_date: There is no such day" in said.output
    for private in ("Ana", "Lima", "31/12", "0111"):
        assert private not in said.output
    assert "Ana Lima" in refused.read_text("utf-8-sig")
    assert "another name" in _type(app, "import", str(file), "--refused", str(file)).output


def test_a_file_that_is_not_there(app: Flask) -> None:
    said = _type(app, "import", "/nowhere/people.csv")
    assert (said.exit_code, "There is no such file" in said.output) == (1, True)


def test_which_clinic_must_be_said_where_there_are_several(app: Flask, house: House) -> None:
    with house.database.writing() as connection:
        connection.execute(
            insert(Clinic).values(
                name="Hill Clinic",
                line="+16175550180",
                emergency_number="+16175550181",
                timezone="America/New_York",
            )
        )
    assert "Say which clinic with --line" in _type(app, "import", str(EXAMPLE)).output
    assert "4 new" in _type(app, "import", str(EXAMPLE), "--line", "+16175550180").output
    assert "4 new" in _type(app, "import", str(EXAMPLE), "--line", "+16175550100").output


def test_likely_duplicates_are_looked_for(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name,birth_date,language,number\nRosa Delgdo,1994-03-02,es,617-555-0118\n", "utf-8")
    assert "1 likely duplicates are for a person" in _type(app, "import", str(file)).output
    assert "0 new likely pairs" in _type(app, "duplicates").output
