"""Staff write down, correct and take away what the clinic knows of a patient."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.security import check_password_hash

from care import outbox, tasks
from care.rules.identity import limits
from conversation.house import House
from records.audit import AuditEntry
from records.outbox import OutboxRow
from records.patients import Contact, PatientNumber, Proxy
from records.patients import Patient as PatientRow
from records.sealing import hashed
from records.tasks import Task

from .people import NOON, Nurse, Patient, words

ROSA, LUCIA = "/clinic/patients/1", "/clinic/patients/3"
DETAILS = {
    "name": "Rosa Delgado", "birth_date": "1994-03-02", "record_number": "", "language": "es",
    "other_languages": "", "interpreter": "", "time_zone": "America/New_York", "state": "", "address": "",
}  # fmt: skip


def row(house: House, patient: int = 1) -> Any:
    with house.database.reading() as connection:
        return connection.execute(select(PatientRow.__table__).where(PatientRow.id == patient)).first()


def rows(house: House, table: Any, patient: int = 1) -> list[Any]:
    with house.database.reading() as connection:
        return list(connection.execute(select(table.__table__).where(table.patient_id == patient)))


def noted(house: House, patient: int = 1) -> list[tuple[str, str, str]]:
    """What the audit says was changed, the last first."""
    with house.database.reading() as connection:
        found = connection.execute(
            select(AuditEntry.by, AuditEntry.did, AuditEntry.about)
            .where(AuditEntry.patient_id == patient)
            .order_by(AuditEntry.id.desc())
        )
        return [
            tuple(one)  # type: ignore[misc]
            for one in found
            if not one.did.startswith(("saw", "opened", "added"))
        ]


def test_everything_that_is_known_stands_on_the_page_once_it_is_corrected(nurse: Nurse, house: House) -> None:
    new = DETAILS | {
        "name": "Rosa Delgado Cruz", "record_number": "M-0042", "other_languages": "Portuguese, fr",
        "interpreter": "Spanish", "time_zone": "America/Chicago", "state": "MA",
        "address": "48 Harbor Street, Boston",
    }  # fmt: skip
    page = words(nurse.post(f"{ROSA}/details", f"{ROSA}/details", **new))
    assert "The record is corrected." in page
    assert (
        "Language Spanish also Portuguese, French Interpreter Spanish Time there 11:00 AM, Central Time State"
        " Massachusetts Address 48 Harbor Street, Boston Record number M-0042 PIN none" in page
    )
    assert "Rosa Delgado Cruz" in nurse.post("/clinic/patients/search", words="cruz").text
    [(by, did, about), *_] = noted(house)
    assert (by, did) == ("demo", "corrected")
    assert "Harbor" not in about


def test_the_form_shows_what_is_kept_and_saving_it_changes_nothing(nurse: Nurse, house: House) -> None:
    nurse.post(
        f"{ROSA}/details",
        f"{ROSA}/details",
        **(DETAILS | {"other_languages": "Haitian Creole", "address": "x"}),
    )
    before, form = row(house), nurse.open(f"{ROSA}/details").text
    typed = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form))
    chosen = dict(re.findall(r'<select id="(\w+)".*?<option value="([^"]*)" selected', form, re.DOTALL))
    assert typed["other_languages"] == "Haitian Creole"
    nurse.post(f"{ROSA}/details", f"{ROSA}/details", **(DETAILS | typed | chosen))
    assert row(house) == before


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("name", "  ", "This is needed"),
        ("name", "4711", "Write the name in letters."),
        ("birth_date", "13/45/1994", "There is no such day"),
        ("birth_date", "2027-01-01", "This day has not come yet"),
        ("birth_date", "", "This is needed"),
        ("language", "tlh", "Careline does not speak this language yet"),
        ("interpreter", "Spansh", "Write a language"),
        ("other_languages", "Spanish, Gibberish", "Write a language"),
        ("time_zone", "Boston", "Write a time zone"),
        ("state", "ZZ", "two letters"),
        ("address", "x" * 400, "no more than"),
    ],
)
def test_what_can_t_be_read_is_said_beside_its_field_and_nothing_typed_is_lost(
    nurse: Nurse, house: House, field: str, typed: str, why: str
) -> None:
    before = row(house)
    typed_in = DETAILS | {"record_number": "M-77", "address": "12 <Pier> Road", field: typed}
    page = nurse.post(f"{ROSA}/details", f"{ROSA}/details", **typed_in)
    assert page.status_code == 422
    beside = re.search(rf'<p class="wrong" id="wrong-{field}">([^<]+)</p>', page.text)
    assert beside
    assert why in beside[1]
    assert re.search(
        rf'id="{field}"[^>]*aria-describedby="[^"]*wrong-{field}"[^>]* aria-invalid="true"', page.text
    )
    assert 'role="alert"' in page.text
    assert 'value="M-77"' in page.text
    if field != "address":
        assert 'value="12 &lt;Pier&gt; Road"' in page.text
    if field not in ("language", "time_zone", "state"):
        assert f'value="{typed}"' in page.text
    assert row(house) == before


def test_two_people_never_have_one_record_number(nurse: Nurse) -> None:
    nurse.post(f"{ROSA}/details", f"{ROSA}/details", **(DETAILS | {"record_number": "M-0042"}))
    james = DETAILS | {
        "name": "James Carter",
        "birth_date": "1950-11-20",
        "language": "en",
        "record_number": "m 0042",
    }
    page = nurse.post("/clinic/patients/2/details", ROSA, **james)
    assert page.status_code == 422
    assert "Another person has this record number" in words(page)


def test_a_new_patient_is_registered_and_found(nurse: Nurse, house: House) -> None:
    new = DETAILS | {
        "name": "Ana Paz", "birth_date": "1/2/1980", "number": "617-555-0171", "number_kind": "landline",
        "number_shared": "yes",
    }  # fmt: skip
    page = words(nurse.post("/clinic/patients/new", "/clinic/patients/new", **new))
    assert "The patient is registered." in page
    assert "Ana Paz Born (age) Jan 2, 1980 (46)" in page
    assert "(617) 555-0171 landline, shared with others" in page
    assert noted(house, 7)[0][:2] == ("demo", "registered")
    assert "Ana Paz" in nurse.post("/clinic/patients/search", words="paz").text


def test_a_new_patient_needs_a_number_and_keeps_what_was_typed(nurse: Nurse) -> None:
    page = nurse.post(
        "/clinic/patients/new", "/clinic/patients/new", **(DETAILS | {"name": "Ana Paz", "number": ""})
    )
    assert page.status_code == 422
    assert 'id="wrong-number"' in page.text
    assert 'value="Ana Paz"' in page.text


NUMBER = {"kind": "mobile", "rank": "1"}


def test_a_number_is_added_corrected_and_taken_off(nurse: Nurse, house: House) -> None:
    page = words(nurse.post(f"{ROSA}/numbers/new", ROSA, number="(617) 555-0171", **NUMBER, text_only="yes"))
    assert "The number is registered." in page
    assert "(617) 555-0171 mobile, texts only Tried after the one above" in page
    second = rows(house, PatientNumber)[1].id
    nurse.post(f"{ROSA}/numbers/{second}", ROSA, number="617 555 0172", kind="relay", rank="0")
    [_, kept] = rows(house, PatientNumber)
    assert (kept.number, kept.number_hash) == ("+16175550172", hashed("+16175550172"))
    assert (kept.kind, kept.text_only, kept.rank) == ("relay", False, 0)
    nurse.post(f"{ROSA}/numbers/{second}/remove", ROSA)
    assert [one.number for one in rows(house, PatientNumber)] == ["+16175550101"]
    assert noted(house)[:3] == [("demo", "corrected", "numbers")] * 3


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"number": "555"}, "number"),
        ({"number": ""}, "number"),
        ({"number": "617-555-0101"}, "number"),
        ({"number": "617-555-0171", "kind": "fax"}, "kind"),
        ({"number": "617-555-0171", "kind": "landline", "text_only": "yes"}, "text_only"),
        ({"number": "617-555-0171", "rank": "9"}, "rank"),
    ],
)
def test_a_number_that_can_t_be_kept(nurse: Nurse, house: House, typed: dict[str, str], field: str) -> None:
    page = nurse.post(f"{ROSA}/numbers/new", ROSA, **(NUMBER | typed))
    assert page.status_code == 422
    assert f'id="wrong-{field}"' in page.text
    assert f'value="{typed["number"]}"' in page.text
    assert len(rows(house, PatientNumber)) == 1


def test_what_waits_for_a_number_that_is_taken_off_goes_nowhere(nurse: Nurse, house: House) -> None:
    with house.database.writing() as connection:
        for patient in (1, 2):
            outbox.put(
                house.database, connection, key=f"k{patient}", kind="check_in", channel="text", clinic_id=1, now=NOON,
                number="+16175550101", number_hash=hashed("+16175550101"), patient_id=patient,
            )  # fmt: skip
    nurse.post(f"{ROSA}/numbers/1/remove", ROSA)
    assert [(one.status, one.reason) for one in rows(house, OutboxRow)] == [("dropped", "number removed")]
    assert [one.status for one in rows(house, OutboxRow, 2)] == ["due"]
    assert "the number was taken off the record" in nurse.read("/clinic/sent")


def test_a_number_of_a_wrong_person_is_hers_after_all(nurse: Nurse, rosa: Patient, house: House) -> None:
    with house.database.writing() as connection:
        connection.execute(
            house.database.insert_once(Contact).values(
                clinic_id=1, number_hash=hashed(rosa.number), wrong_person_at=NOON
            )
        )
    assert "“wrong person” since 12:00 PM" in nurse.read(ROSA)
    page = words(nurse.post(f"{ROSA}/numbers/1/right", ROSA))
    assert "“wrong person”" not in page
    assert noted(house)[0] == ("demo", "corrected", "wrong_person")


def test_somebody_who_calls_from_a_new_number_is_registered_from_the_task(nurse: Nurse, house: House) -> None:
    details = {"number": "+16175550177", "other_number": "+16175550101", "birth_date": "1994-03-02"}
    with house.database.writing() as connection:
        tasks.make(
            house.database, connection, key="c", clinic_id=1, reason="changed_number", same_day=True, now=NOON,
            details={**details, "language": "es"},
        )  # fmt: skip
    page = nurse.read()
    assert "Says that our records have (617) 555-0101 and gave the date of birth Mar 2, 1994 (32)." in page
    assert "Rosa Delgado , born Mar 2, 1994 (32) Register (617) 555-0177 as a number of Rosa Delgado" in page
    link = re.search(r'href="(/clinic/patients/1/numbers/new\?task=\d+)"', nurse.open().text)
    assert link
    form = nurse.open(link[1]).text
    assert 'value="(617) 555-0177"' in form
    assert f'action="{link[1]}"' in form
    assert "the task is done" in words(nurse.post(link[1], ROSA, number="(617) 555-0177", **NUMBER))
    assert [one.number for one in rows(house, PatientNumber)] == ["+16175550101", "+16175550177"]
    with house.database.reading() as connection:
        assert connection.execute(select(Task.state, Task.done_by)).all() == [("done", "Demo Nurse")]


SPEAKER = {
    "name": "Elena Rivera", "relation": "parent", "birth_date": "1986-02-11", "number": "617-555-0103",
    "language": "es", "topics": "reminders", "ends_on": "2033-05-04",
}  # fmt: skip


def test_who_speaks_for_a_child_is_written_down_until_she_is_of_age(nurse: Nurse, house: House) -> None:
    assert 'value="2033-05-04"' in nurse.open(f"{LUCIA}/proxies/new").text
    page = words(nurse.post(f"{LUCIA}/proxies/new", LUCIA, **SPEAKER))
    assert "Elena Rivera parent, Spanish (617) 555-0103 Of reminders of visits. Until May 4, 2033." in page
    [proxy] = rows(house, Proxy, 3)
    nurse.post(f"{LUCIA}/proxies/{proxy.id}", LUCIA, **(SPEAKER | {"name": "Elena R.", "ends_on": ""}))
    [changed] = rows(house, Proxy, 3)
    assert (changed.name, changed.ends_on, changed.id) == ("Elena R.", None, proxy.id)
    assert "no longer speaks" in words(nurse.post(f"{LUCIA}/proxies/{proxy.id}/remove", LUCIA))
    assert rows(house, Proxy, 3) == []
    assert noted(house, 3)[:3] == [("demo", "corrected", "proxies")] * 3


@pytest.mark.parametrize(
    "typed",
    [
        {"name": ""}, {"relation": "friend"}, {"birth_date": "2/30/1986"}, {"number": "12"}, {"language": "xx"},
        {"topics": "gossip"}, {"ends_on": "2020-01-01"}, {"ends_on": "soon"},
    ],
)  # fmt: skip
def test_who_speaks_must_be_told_apart(nurse: Nurse, house: House, typed: dict[str, str]) -> None:
    page = nurse.post(f"{LUCIA}/proxies/new", LUCIA, **(SPEAKER | typed))
    assert page.status_code == 422
    assert f'id="wrong-{next(iter(typed))}"' in page.text
    assert rows(house, Proxy, 3) == []


def test_what_has_ended_can_still_be_corrected(nurse: Nurse, house: House) -> None:
    nurse.post(f"{LUCIA}/proxies/new", LUCIA, **SPEAKER)
    with house.database.writing() as connection:
        connection.execute(update(Proxy).values(ends_on=date(2020, 1, 1)))
    assert "Ended Jan 1, 2020." in nurse.read(LUCIA)
    one = rows(house, Proxy, 3)[0].id
    page = nurse.post(
        f"{LUCIA}/proxies/{one}", LUCIA, **(SPEAKER | {"ends_on": "2020-01-01", "name": "E. R."})
    )
    assert page.status_code == 200


def test_own_confidences(nurse: Nurse, house: House) -> None:
    page = words(nurse.post(f"{LUCIA}/own-topics", LUCIA, own_topics="visits"))
    assert "With nobody but Lucía Rivera: visits." in page
    nurse.post(f"{LUCIA}/own-topics", LUCIA)
    assert row(house, 3).own_topics == []


def test_safe_contact(nurse: Nurse, house: House) -> None:
    page = words(
        nurse.post(
            f"{ROSA}/safe-contact", ROSA, safe_hours="mon-fri 9:00-15:00", safe_number="+16175550101",
            safe_name="Ana from the library", never_text="yes",
        )
    )  # fmt: skip
    assert "Only Mon, Tue, Wed, Thu, Fri, 09:00 to 15:00" in page
    assert "Under the name “Ana from the library” Never by text" in page
    form = nurse.open(f"{ROSA}/safe-contact").text
    assert 'value="Ana from the library"' in form
    assert re.search(r'name="never_text"[^>]* checked', form)
    assert not re.search(r'name="never_call"[^>]* checked', form)
    nurse.post(f"{ROSA}/safe-contact", ROSA)
    assert not row(house).safe_contact


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("safe_hours", "mornings"),
        ("safe_hours", "17:00-9:00"),
        ("safe_number", "+16175550199"),
        ("safe_name", "{x}"),
    ],
)
def test_safe_contact_that_can_t_be_kept(nurse: Nurse, house: House, field: str, typed: str) -> None:
    page = nurse.post(f"{ROSA}/safe-contact", ROSA, **{field: typed})
    assert page.status_code == 422
    assert f'id="wrong-{field}"' in page.text
    assert not row(house).safe_contact


def test_a_pin_is_set_never_shown_and_taken_away(nurse: Nurse, house: House) -> None:
    page = nurse.post(f"{ROSA}/pin", ROSA, pin="7391", again="7391")
    assert "PIN asked for" in words(page)
    assert check_password_hash(row(house).pin_hash, "7391")
    for path in ("", "/pin", "/details", "/history"):
        assert "7391" not in nurse.open(f"{ROSA}{path}").text
    assert noted(house)[0] == ("demo", "corrected", "pin")
    nurse.post(f"{ROSA}/pin/remove", ROSA)
    assert row(house).pin_hash is None


@pytest.mark.parametrize(
    ("pin", "again"),
    [
        ("739", "739"),
        ("7391", "7392"),
        ("1234", "1234"),
        ("1994", "1994"),
        ("", ""),
        ("abcd", "abcd"),
        ("9" * 30, "9" * 30),
    ],
)
def test_a_pin_that_is_none(nurse: Nurse, house: House, pin: str, again: str) -> None:
    page = nurse.post(f"{ROSA}/pin", ROSA, pin=pin, again=again)
    assert page.status_code == 422
    assert not pin or f'"{pin}"' not in page.text
    assert row(house).pin_hash is None


def test_a_closed_record_is_reached_by_nobody_and_can_be_opened_again(nurse: Nurse, house: House) -> None:
    page = words(nurse.post(f"{ROSA}/close", ROSA))
    assert "No longer with the clinic since Nov 21" in page
    assert "Ask for a check-in now" not in page
    assert "Rosa" not in nurse.read("/clinic/patients")
    assert "Rosa" in nurse.read("/clinic/patients?status=closed")
    nurse.post(f"{ROSA}/close", ROSA)
    assert row(house).status == "active"
    assert [did for _, did, _ in noted(house)[:2]] == ["reopened", "closed"]


def test_a_record_is_deleted_by_typing_its_name(nurse: Nurse, house: House) -> None:
    page = nurse.post(f"{LUCIA}/delete", LUCIA, name="Lucia")
    assert page.status_code == 422
    assert row(house, 3) is not None
    assert "The record is deleted." in words(nurse.post(f"{LUCIA}/delete", LUCIA, name=" lucia  RIVERA"))
    assert row(house, 3) is None
    assert nurse.open(LUCIA).status_code == 404
    assert any("delete" in did for _, did, _ in noted(house, 3))


def test_a_record_that_went_into_another_is_changed_no_more(nurse: Nurse, house: House) -> None:
    with house.database.writing() as connection:
        connection.execute(
            update(PatientRow).where(PatientRow.id == 1).values(status="merged", merged_into=2)
        )
    page = nurse.open(ROSA).text
    assert 'href="/clinic/patients/2"' in page
    assert ">Correct<" not in page
    assert nurse.open(f"{ROSA}/details").status_code == 404
    assert nurse.post(f"{ROSA}/details", "/clinic/", **DETAILS).status_code == 404
    assert nurse.post(f"{ROSA}/pin/remove", "/clinic/").status_code == 404


def test_the_form_of_a_pin_takes_the_lengths_of_the_rules(nurse: Nurse) -> None:
    lengths = limits()["pin"]
    assert f"{lengths['shortest']} to {lengths['longest']} digits." in nurse.read(f"{ROSA}/pin")
