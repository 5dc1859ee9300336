"""People come in by a file as a spreadsheet writes it; mistakes are named by row, and the same file twice is once."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from care.importing import BATCH, import_people
from care.importing_file import FileProblem
from care.importing_report import Report
from records.audit import AuditEntry
from records.duplicates import DuplicatePair
from records.names import NameToken
from records.patients import Consent, Enrolment, Patient, PatientNumber, Proxy
from tests.care.clinic import Clinic
from tests.care.people_rows import ANA, everything, second_clinic

EXAMPLE = Path(__file__).parents[2] / "docs" / "patients.example.csv"
LUIS = {"record_number": "M-1002", "name": "Luís Costa", "birth_date": "5/12/1984", "language": "en",
        "number": "(617) 555-0113", "address": "Ünter Straße 3", "pin": ""}  # fmt: skip


class Desk:
    """Somebody at the clinic with a file, and what she is told about it."""

    def __init__(self, clinic: Clinic, folder: Path) -> None:
        self.clinic, self.path, self.told = clinic, folder / "people.csv", list[str]()

    def save(self, *people: Mapping[str, str], encoding: str = "utf-8", separator: str = ",") -> None:
        text = io.StringIO(newline="")
        columns = list(dict.fromkeys(column for person in people for column in person))
        writer = csv.DictWriter(text, columns, delimiter=separator)
        writer.writeheader()
        writer.writerows(people)
        self.path.write_bytes(text.getvalue().encode(encoding))

    def bring(self, *people: Mapping[str, str], **options: Any) -> Report:
        if people:
            self.save(*people)
        self.told.clear()
        return import_people(
            self.clinic.database,
            clinic_id=options.pop("clinic_id", 1),
            path=self.path,
            by="command:ana",
            now=self.clinic.now,
            on_problem=lambda row, problem: self.told.append(f"{row} {problem.column}: {problem.says}"),
            **options,
        )

    def names(self) -> list[str]:
        return list(self.clinic.rows(Patient, "name"))[4:]


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return Desk(clinic, tmp_path)


def _said(report: Report) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.unchanged, report.refused


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_is_read_however_the_spreadsheet_wrote_it(desk: Desk, encoding: str, separator: str) -> None:
    desk.save(ANA, LUIS, encoding=encoding, separator=separator)
    assert _said(desk.bring()) == (2, 0, 0, 0)
    assert desk.names() == ["Ana Lima", "Luís Costa"]
    assert desk.clinic.rows(Patient, "address")[-1] == "Ünter Straße 3"


def test_the_example_comes_in_whole_and_a_second_time_changes_nothing(desk: Desk) -> None:
    desk.path.write_bytes(EXAMPLE.read_bytes())
    assert _said(desk.bring()) == (4, 0, 0, 0)
    assert desk.told == []
    before = everything(desk.clinic)
    assert _said(desk.bring()) == (0, 0, 4, 0)
    assert everything(desk.clinic) == before
    assert len(desk.clinic.rows(Proxy)) == 2
    assert len(desk.clinic.rows(Enrolment)) == 1
    assert set(desk.clinic.rows(AuditEntry, "did")) == {"imported"}


def test_a_dry_run_says_the_same_and_writes_nothing(desk: Desk) -> None:
    people = [ANA, LUIS, {**ANA, "record_number": "M-3", "name": "Anna Lima", "number": "617-555-0114"},
              {**LUIS, "record_number": "M-4", "name": ""}]  # fmt: skip
    desk.save(*people)
    before = everything(desk.clinic)
    dry = desk.bring(dry_run=True)
    told = list(desk.told)
    assert everything(desk.clinic) == before
    wet = desk.bring()
    assert (dry, told) == (wet, desk.told)
    assert (wet.new, wet.refused, wet.pairs) == (3, 1, 1)


def test_rows_with_mistakes_are_named_and_left_out_and_can_be_mended_from_the_report(
    desk: Desk, tmp_path: Path
) -> None:
    refused = tmp_path / "refused.csv"
    report = desk.bring(ANA, {**LUIS, "birth_date": "31/12/84", "language": "Klingon"}, refused=refused)
    assert _said(report) == (1, 0, 0, 1)
    assert [line.split(":")[0] for line in desk.told] == ["3 birth_date", "3 language"]
    assert refused.stat().st_mode & 0o077 == 0
    [row] = list(csv.DictReader(io.StringIO(refused.read_text("utf-8-sig"), newline="")))
    assert (row["row"], row["name"]) == ("3", "Luís Costa")
    assert "birth_date: Write year, month and day" in row["what_to_write"]
    mended = refused.read_text("utf-8-sig").replace("31/12/84", "1984-12-31").replace("Klingon", "en")
    desk.path.write_text(mended, "utf-8")
    assert _said(desk.bring()) == (1, 0, 0, 0)
    assert desk.names() == ["Ana Lima", "Luís Costa"]


def test_all_or_nothing(desk: Desk) -> None:
    report = desk.bring(ANA, {**LUIS, "state": "Ohio"}, all_or_nothing=True)
    assert (report.refused, desk.names()) == (1, [])
    assert len(desk.told) == 1, "each mistake is said once"
    desk.bring(ANA, LUIS, all_or_nothing=True)
    assert desk.names() == ["Ana Lima", "Luís Costa"]


def test_changed_values_of_a_known_record_number_are_updates_and_empty_cells_change_nothing(
    desk: Desk,
) -> None:
    desk.bring(ANA, LUIS)
    report = desk.bring(
        {**ANA, "record_number": "m1001", "number": "617-555-0119", "address": "", "language": "en"}, LUIS
    )
    assert (_said(report), report.fields) == ((0, 1, 1, 0), {"record_number": 1, "language": 1, "numbers": 1})
    rows = desk.clinic.rows(Patient, "name", "language", "address")
    assert rows[4] == ("Ana Lima", "en", ANA["address"])
    assert "+16175550111" not in desk.clinic.rows(PatientNumber, "number")
    assert desk.clinic.rows(AuditEntry, "did", "about")[-1] == ("imported", "record_number,language,numbers")


def test_without_record_numbers_name_birth_date_and_number_tell_who_it_is(desk: Desk) -> None:
    bare = {column: cell for column, cell in ANA.items() if column != "record_number"}
    assert _said(desk.bring(bare)) == (1, 0, 0, 0)
    assert _said(desk.bring({**bare, "name": "ANA LIMA", "state": "MA"})) == (0, 1, 0, 0)
    # Another number: perhaps the same, and a person decides.
    report = desk.bring({**bare, "number": "617-555-0118"})
    assert (_said(report), report.pairs) == ((1, 0, 0, 0), 1)
    assert desk.clinic.rows(DuplicatePair, "why", "state") == [(["name"], "open")]


def test_a_record_number_of_somebody_else_changes_nobody(desk: Desk) -> None:
    desk.bring(ANA)
    assert _said(desk.bring({**LUIS, "record_number": "M-1001"})) == (0, 0, 0, 1)
    assert "belongs to somebody" in desk.told[0]
    assert desk.names() == ["Ana Lima"]


def test_one_person_twice_in_a_file_comes_in_once(desk: Desk) -> None:
    assert _said(desk.bring(ANA, LUIS, ANA)) == (2, 0, 0, 1)
    assert desk.told == ["4 record_number: Row 2 is about the same person: keep one of the two."]


def test_who_was_closed_stays_closed(desk: Desk) -> None:
    desk.bring(ANA)
    with desk.clinic.database.writing() as connection:
        connection.execute(update(Patient).where(Patient.name.is_not(None)).values(status="closed"))
    report = desk.bring({**ANA, "address": "9 Hill Road"})
    assert (_said(report), report.closed) == ((0, 0, 0, 0), 1)


def test_a_withdrawal_after_the_paper_still_counts_when_the_paper_is_imported_again(desk: Desk) -> None:
    row = {**ANA, "consent_topics": "check_ins", "consent_date": "2026-11-21", "consent_text": "v1"}
    desk.bring(row)
    said = desk.clinic.rows(Consent, "topic", "given", "by", "at")
    assert said[0][:3] == ("check_ins", True, "import")
    assert said[0][3] < desk.clinic.now, "the first moment of the day: what she says that day is later"
    desk.bring(row)
    assert desk.clinic.rows(Consent, "topic", "given", "by", "at") == said


def test_two_clinics_with_the_same_file_have_people_of_their_own(desk: Desk) -> None:
    there = second_clinic(desk.clinic)
    for clinic_id in (1, there):
        assert _said(desk.bring(ANA, LUIS, clinic_id=clinic_id)) == (2, 0, 0, 0)
        assert _said(desk.bring(ANA, LUIS, clinic_id=clinic_id)) == (0, 0, 2, 0)
    assert sorted(desk.clinic.rows(Patient, "clinic_id")) == [1] * 6 + [2] * 2
    hashes = [one for one in desk.clinic.rows(Patient, "record_number_hash") if one]
    assert len(set(hashes)) == 4, "nobody sees that two clinics have the same record number"
    assert desk.clinic.rows(DuplicatePair) == []


def test_many_come_in_over_several_commits_and_progress_is_told(desk: Desk) -> None:
    people = [
        {**ANA, "record_number": f"X{place}", "name": f"Person {chr(97 + place % 26)}{place}", "pin": "",
         "birth_date": f"{1930 + place % 70}-01-{1 + place % 28:02}", "number": f"617-555-{place:04}"}
        for place in range(BATCH + 20)
    ]  # fmt: skip
    seen: list[tuple[int, int]] = []
    report = desk.bring(*people, on_progress=lambda done, rows: seen.append((done, rows)))
    assert _said(report) == (BATCH + 20, 0, 0, 0)
    assert seen == [(BATCH, BATCH + 20), (BATCH + 20, BATCH + 20)]
    assert len(set(desk.clinic.rows(NameToken, "patient_id"))) == BATCH + 20


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"name,birth date,nmae\n", "did you mean name"),
        (b"name,colour_of_hair\n", "docs/people.md"),
        (b"name,name\n", "there twice"),
        (b'name,birth_date\n"Ana,1991-04-17\n', "can't be read as CSV"),
        (b"name,birth_date\nAna,Lima,1991-04-17\n", "Row 2 has more cells"),
        (b"name\nAn\x00a\n", "CSV UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_anything_is_written(
    desk: Desk, content: bytes, says: str
) -> None:
    desk.path.write_bytes(content)
    with pytest.raises(FileProblem, match=says):
        desk.bring()
    assert desk.names() == []


def test_blank_rows_are_passed_over_and_places_are_the_spreadsheets(desk: Desk) -> None:
    desk.path.write_text("sep=;\nName;Birth date;Language;Number\n\n;;;\nAna;1991-04-17;es;\n", "utf-8")
    assert _said(desk.bring()) == (0, 0, 0, 1)
    assert desk.told[0].startswith("5 number: ")


def test_a_date_that_could_be_two_is_refused_in_a_file_with_days_first(desk: Desk) -> None:
    days_first: Sequence[Mapping[str, str]] = [{**ANA, "birth_date": "17/4/1991"}, LUIS]
    assert _said(desk.bring(*days_first)) == (0, 0, 0, 2)
    assert "Row 2 has its day before the month" in desk.told[1]
