"""A backup taken while people call and text, and put back: everything is there, and nothing is sent twice."""

from __future__ import annotations

import os
import sqlite3
import stat
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import Result
from sqlalchemy import func, select, text

from app import create_app, furnish
from care import check_ins, sounds
from clinic import demo
from conversation.house import House
from records import Database, backup, keys, resealing
from records.alerts import Alert
from records.audit import AuditEntry
from records.conversations import Conversation, Turn
from records.manifest import Manifest
from records.messages import Message
from records.migrating import downgrade, upgrade
from records.outbox import OutboxRow
from records.patients import Consent, Enrolment, Patient
from records.readings import Reading
from records.restoring import restore
from records.sealing import given, seal, use
from records.taking_up import take_up
from records.tasks import Task
from settings import Settings
from tests.conversation.clinic_day import BIRTH_DATE, DATA_KEY, NUMBERS, Clock, Day, Premises, environment
from tests.conversation.sounds import spoken
from tests.conversation.telephone_company import TelephoneCompany
from tests.records.test_keys import from_before
from voice import recordings
from voice.recognition import Transcript

SOUND = spoken(seconds=2)
RECORDING = "RE0123456789abcdef0123456789abcdef"
SAID = "May I take aspirin?"
OTHER_KEY = "b3RoZXIgYnl0ZXMsIHRoaXJ0eS10d28gb2YgdGhlbS4="


pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""What is the same on PostgreSQL, and what is not: test_backup_postgresql.py."""


@pytest.fixture
def day(premises: Premises, tmp_path: Path) -> Iterator[Day]:
    with premises.day(tmp_path / "home") as made:
        yield made


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Where backups are kept."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


def house_at(home: Path, clock: Clock, company: TelephoneCompany, **variables: str) -> House:
    """Another machine, with nothing on it but the settings and the keys."""
    made = furnish(Settings.from_environ({**environment(home), **variables}))
    return replace(made, now=clock, carrier=company)


@contextmanager
def fresh(day: Day, home: Path, **variables: str) -> Iterator[Day]:
    house = house_at(home, day.clock, day.company, **variables)
    try:
        yield Day(house, day.clock, day.company)
    finally:
        house.database.close()
        use(*day.house.settings.data_keys)
        take_up(day.house.database)


def run(day: Day, *words: str) -> Result:
    return create_app(house=day.house).test_cli_runner().invoke(args=["backup", *words])


def made(day: Day, shelf: Path) -> Path:
    """A backup of now."""
    done = run(day, "make", str(shelf))
    assert done.exit_code == 0, done.output
    return Path(done.output.rsplit(" (", 1)[0])


def restored(day: Day, file: Path, *options: str) -> str:
    done = run(day, "restore", str(file), *options)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def everything_under(*folders: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()
    }


def database_of(day: Day) -> bytes | None:
    """Its file, where it has one."""
    url = day.house.database.engine.url
    path = Path(url.database or "")
    return path.read_bytes() if url.get_backend_name() == "sqlite" and path.exists() else None


def leave_a_message(day: Day) -> None:
    """James speaks; the worker fetches it and puts it into words."""
    day.company.recordings[RECORDING] = SOUND
    call = day.phone("james").call().keys("2")
    call.record(RECORDING, 2).over()
    while recordings.work_due(
        day.house, lambda wav, language: Transcript(SAID, language, 0.9, "test", 2.0, None)
    ):
        pass


# As it goes


def test_what_was_backed_up_while_people_texted_goes_on_on_another_machine(day, shelf, tmp_path):
    leave_a_message(day)
    assert "128/82" in " ".join(day.phone("rosa").texts("menu", "1", BIRTH_DATE, "128/82"))
    enough, sent = Event(), []

    def others_text() -> None:
        for place in range(1000):
            day.phone(f"+161755540{place % 100:02d}").text(f"hello {place}")
            sent.append(place)
            if enough.is_set():
                return

    others = Thread(target=others_text)
    others.start()
    try:
        while len(sent) < 3:
            others.join(0.01)
        acknowledged = len(sent)
        file = made(day, shelf)
    finally:
        enough.set()
        others.join()
    assert list(shelf.iterdir()) == [file]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    day.phone("rosa").text("yes")
    day.house.database.close()  # that machine is gone

    with fresh(day, tmp_path / "fresh") as there:
        restored(there, file)
        assert whole(there) >= acknowledged
        message = there.the(Message)
        assert (message.text, message.state) == (SAID, "ready")
        assert sounds.sound_of(there.house.settings.recordings_dir, message.id) == SOUND
        assert not there.the(Reading).confirmed
        assert "?" in " ".join(there.phone("rosa").text("yes"))
        assert there.the(Reading).confirmed, "her question stood where it stood"
        assert there.the(AuditEntry, AuditEntry.did == "restored").by.startswith("command:")


def whole(day: Day) -> int:
    """Every conversation has one stored turn for each reply; returns how many strangers are in it."""
    with day.house.database.reading() as connection:
        stored = select(Turn.conversation_id, func.count()).group_by(Turn.conversation_id)
        turns = {row[0]: row[1] for row in connection.execute(stored)}
        talks = connection.execute(select(Conversation.id, Conversation.turn, Conversation.number)).all()
    assert {talk.id: talk.turn for talk in talks} == turns
    return sum(talk.number.startswith("+161755540") for talk in talks)


def test_a_backup_holds_no_key_and_nothing_that_can_be_read(day, shelf):
    leave_a_message(day)
    day.severe_reading_by_text()
    content = made(day, shelf).read_bytes()
    settings = day.house.settings
    secrets = [
        *settings.data_keys,
        seal().keys.data[1],
        seal().keys.lookup,
        seal().keys.audit,
        settings.secret_key,
        DATA_KEY.encode(),
        settings.auth_tokens[0].encode(),
    ]
    secrets += [b"Rosa", b"aspirin", b"165/112", NUMBERS["rosa"].encode(), b"1994", SOUND[100:140]]
    assert [secret for secret in secrets if secret in content] == []
    assert b"Harbor Community Clinic" in content, "what is no secret is found by the same search"


def test_a_recording_of_a_later_message_is_left_out(day, shelf):
    leave_a_message(day)
    sounds.store(day.house.settings.recordings_dir, 77, SOUND)
    with tarfile.open(made(day, shelf)) as tar:
        assert [name for name in tar.getnames() if "recordings" in name] == ["recordings/1.sealed"]


def test_check_says_what_it_is_and_changes_nothing(day, shelf):
    leave_a_message(day)
    file = made(day, shelf)
    before = everything_under(shelf)
    done = run(day, "check", str(file))
    assert done.exit_code == 0
    assert "1 recordings" in done.output
    assert "whole" in done.output
    assert everything_under(shelf) == before


def test_what_was_there_is_kept_under_another_name(day, shelf, tmp_path):
    file = made(day, shelf)
    with fresh(day, tmp_path / "other") as there:
        restored(there, file)
        leave_a_message(there)
        there.house.database.close()
        day.clock.forward(minutes=1)
        told = restored(there, file, "--replace")
        assert there.rows(Message) == []
        assert list(there.house.settings.recordings_dir.iterdir()) == []
        kept = [Path(line.split(": ", 1)[1]) for line in told.splitlines() if "is kept" in line]
        assert [path.name.split(".before-")[0] for path in kept] == ["careline.sqlite3", "recordings"]
        old = Database(f"sqlite:///{kept[0]}")
        assert Day(replace(there.house, database=old), day.clock, day.company).the(Message).text == SAID
        old.close()
        assert sounds.sound_of(kept[1], 1) == SOUND


def test_a_backup_of_older_tables_is_brought_up_to_date(day, shelf, tmp_path):
    newest = revision(day)
    downgrade(day.house.database, "0005")
    file = made(day, shelf)
    with fresh(day, tmp_path / "fresh") as there:
        restored(there, file)
        assert revision(there) == newest
        assert there.rows(AuditEntry)[-1].did == "restored"
        assert there.rows(Consent), "what was a column then is a row now"


def test_a_backup_from_before_a_database_had_keys_of_its_own(day, shelf, tmp_path):
    """Its values are sealed with keys that are derived from the data key, and go on being read with them."""
    with fresh(day, tmp_path / "before") as before:
        from_before(before.house.database, *before.house.settings.data_keys)
        sounds.store(before.house.settings.recordings_dir, 1, SOUND)
        file = made(before, shelf)
    refused(day, file, 4, "does not open", tmp_path / "refused", CARELINE_DATA_KEY=OTHER_KEY)
    with fresh(day, tmp_path / "fresh") as there:
        assert "no keys of its own" in restored(there, file)
        assert revision(there) == revision(day)
        assert [patient.name for patient in there.rows(Patient)] == [f"patients name {n}" for n in (1, 2, 3)]
        assert sounds.sound_of(there.house.settings.recordings_dir, 1) == SOUND


def revision(day: Day) -> str:
    with day.house.database.reading() as connection:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


# Keys


def test_keys_that_were_changed_come_back_with_it(day, shelf, tmp_path):
    """Two data keys, the first of which wraps nothing yet, and values sealed with two of the database's own."""
    leave_a_message(day)
    keys.rotate(day.house.database, given(), day.clock())
    seal().refresh()
    day.phone("stranger").text("hello")
    with fresh(
        day, day.house.settings.home, CARELINE_DATA_KEY=f"{OTHER_KEY},{DATA_KEY}", **its_database(day)
    ) as both:
        file = made(both, shelf)
        assert "keys 1, 2, 3, 4, opened by" in run(both, "check", str(file)).output
    refused(day, file, 4, "does not open", tmp_path / "old")
    refused(day, file, 4, " and ", tmp_path / "new", CARELINE_DATA_KEY=OTHER_KEY)
    with fresh(day, tmp_path / "fresh", CARELINE_DATA_KEY=f"{DATA_KEY},{OTHER_KEY}") as there:
        restored(there, file)
        assert seal().keys.active == 4
        assert there.the(Message).text == SAID
        assert sounds.sound_of(there.house.settings.recordings_dir, 1) == SOUND
        assert there.phone("stranger").text("hello again")
        assert verified(there).exit_code == 0


@pytest.fixture
def other(day: Day, tmp_path: Path) -> Iterator[Day]:
    """An installation under the same data key, whose database has keys of its own."""
    with fresh(day, tmp_path / "other") as made:
        upgrade(made.house.database)
        demo.load(made.house.database, day.clock())
        yield made


def test_it_takes_the_place_of_a_database_with_other_keys(day, other, shelf, tmp_path):
    take_up(day.house.database)
    file, people = made(day, shelf), [row.name for row in day.rows(Patient)]
    before = seal().keys
    take_up(other.house.database)
    assert seal().keys != before
    restored(other, file, "--replace")
    assert seal().keys == before
    assert [row.name for row in other.rows(Patient)] == people
    assert verified(other).exit_code == 0


def test_where_it_fails_at_the_last_moment_all_is_as_it_was(day, other, shelf):
    take_up(day.house.database)
    file = made(day, shelf)
    take_up(other.house.database)
    before, people = seal().keys, [row.name for row in other.rows(Patient)]

    def settle(database: Database, manifest: Manifest) -> None:
        raise OSError("the disk is full")

    folder = other.house.settings.recordings_dir
    with pytest.raises(OSError, match="full"):
        restore(other.house.database, folder, file, replace=True, now=day.clock(), settle=settle)
    assert seal().keys == before
    assert [row.name for row in other.rows(Patient)] == people
    assert not list(other.house.settings.home.glob("*.before-*"))


def test_a_recording_that_was_sealed_anew_since_the_copy_opens_with_the_copy_s_keys(day, shelf, tmp_path):
    """The copy is of before; the folder, which is read after it, of a rotation later."""
    leave_a_message(day)
    settings = day.house.settings
    earlier = Path(tmp_path / "earlier.sqlite3")
    with closing(sqlite3.connect(earlier)) as copied, day.house.database.reading() as connection:
        connection.connection.driver_connection.backup(copied)
    keys.rotate(day.house.database, given(), day.clock())
    resealing.go_on(day.house.database, settings.recordings_dir, day.clock(), day.clock.pause)
    assert seal().keys.active == 4
    database = Database(f"sqlite:///{earlier}")
    file = backup.make(database, settings.recordings_dir, shelf, day.clock(), "0")
    database.close()
    with fresh(day, tmp_path / "fresh") as there:
        restored(there, file)
        assert seal().keys.active == 1
        assert sounds.sound_of(there.house.settings.recordings_dir, 1) == SOUND


# The audit


def verified(day: Day, *options: str) -> Result:
    return create_app(house=day.house).test_cli_runner().invoke(args=["audit", "verify", *options])


def exported(day: Day, folder: Path) -> Path:
    """A head of now, kept elsewhere."""
    path = folder / f"kept-{day.clock():%H%M%S}.json"
    done = create_app(house=day.house).test_cli_runner().invoke(args=["audit", "head", "--to", str(path)])
    assert done.exit_code == 0, done.output
    return path


def test_a_restored_audit_is_whole_and_says_what_it_gave_up(day, shelf, tmp_path):
    day.severe_reading_by_text()
    before = exported(day, tmp_path)
    day.clock.forward(minutes=1)
    file = made(day, shelf)
    day.clock.forward(minutes=1)
    assert day.phone("rosa").texts("menu", "2", "my foot hurts")
    between = exported(day, tmp_path)
    day.clock.forward(minutes=1)
    with fresh(day, tmp_path / "fresh") as there:
        restored(there, file)
        done = verified(there)
        assert (done.exit_code, "Restored at" in done.output) == (0, True), done.output
        assert "Compared with the head" in done.output, "one was exported by the restore"
        assert verified(there, "--head", str(before)).exit_code == 0
        done = verified(there, "--head", str(between))
        assert (done.exit_code, "was not compared" in done.output) == (3, True), done.output
        assert "tampered" not in done.output
        for _ in range(3):  # past the place where that head was
            day.clock.forward(minutes=1)
            there.phone("rosa").texts("menu", "2", "my foot hurts")
        assert verified(there, "--head", str(between)).exit_code == 3
        assert verified(there).exit_code == 0


def test_a_restore_excuses_nothing_that_was_done_after_it(day, shelf, tmp_path):
    """Somebody puts a copy of the file back by hand, the entry *restored* in it, to hide what came later."""
    file = made(day, shelf)
    day.clock.forward(minutes=1)
    with fresh(day, tmp_path / "fresh") as there:
        restored(there, file)
        path = Path(there.house.database.engine.url.database)
        there.house.database.close()
        copied = path.read_bytes()
        day.clock.forward(minutes=1)
        there.severe_reading_by_text()
        since = exported(there, tmp_path)
        assert verified(there, "--head", str(since)).exit_code == 0
        there.house.database.close()
        path.write_bytes(copied)
        done = verified(there, "--head", str(since))
        assert (done.exit_code, "tampered" in done.output) == (1, True), done.output


# What was sent since


def test_a_check_in_that_was_sent_after_the_backup_is_not_sent_again(day, shelf, tmp_path):
    day.ask_rosa()
    file = made(day, shelf)
    day.send()
    assert [text.to for text in day.company.texts] == [NUMBERS["rosa"]]
    day.house.database.close()
    day.clock.forward(minutes=5)
    with fresh(day, tmp_path / "fresh") as there:
        restored(there, file)
        there.send()
        there.sweep()
        there.send()
        assert len(day.company.texts) == 1
        assert (there.outbox("check_in").status, there.outbox("check_in").reason) == ("unknown", "restored")
        assert there.the(Task, Task.reason == "restored").details["unknown"] == 1


def test_nor_is_one_that_was_asked_for_only_after_the_backup(day, shelf, tmp_path):
    day.set(Enrolment, Enrolment.patient_id == 1, ask_at=["12:05"])
    file = made(day, shelf)
    day.clock.forward(minutes=5)
    assert check_ins.ask_those_due(day.house.database, day.clock()) == 1
    day.send()
    assert len(day.company.texts) == 1
    day.house.database.close()
    day.clock.forward(minutes=5)
    with fresh(day, tmp_path / "fresh") as there:
        restored(there, file)
        check_ins.ask_those_due(there.house.database, day.clock())
        there.send()
        assert len(day.company.texts) == 1
        assert there.outbox("check_in").status == "unknown"


def test_an_alert_is_sent_again_and_recordings_are_worked_on(day, shelf, tmp_path):
    day.raise_alerts(1)
    day.company.recordings[RECORDING] = SOUND
    day.phone("james").call().keys("2").record(RECORDING, 2).over()
    day.set(OutboxRow, OutboxRow.kind == "alert", due_at=day.clock())
    file = made(day, shelf)
    day.send("alerts")
    assert len(day.company.calls) == 1
    day.house.database.close()
    with fresh(day, tmp_path / "fresh") as there:
        restored(there, file)
        there.send("alerts")
        assert len(day.company.calls) == 2, "an alert may ring twice, and must ring"
        assert there.the(Alert).state == "open"
        assert there.the(OutboxRow, OutboxRow.channel == "fetch").status == "due"


def test_what_is_due_later_goes_out_then(day, shelf, tmp_path):
    day.ask_rosa()
    day.set(OutboxRow, due_at=day.clock.moment.replace(hour=20), expires_at=None)
    file = made(day, shelf)
    day.house.database.close()
    with fresh(day, tmp_path / "fresh") as there:
        restored(there, file)
        assert there.outbox("check_in").status == "due"


def test_the_late_status_of_a_lost_message_moves_no_new_one(day, shelf, tmp_path):
    file = made(day, shelf)
    day.ask_rosa()
    day.send()
    (lost,) = day.company.texts
    day.house.database.close()
    day.clock.forward(minutes=20)
    with fresh(day, tmp_path / "fresh") as there:
        restored(there, file)
        (number,) = there.ask_everybody(1)
        there.text_status(lost.id, "delivered", lost.outbox)
        new = there.the(OutboxRow, OutboxRow.kind == "check_in")
        assert (new.number, new.status, new.carrier_id) == (number, "due", None)


# Refusals: nothing is changed


def spoilt(file: Path, how: str) -> Path:
    content = bytearray(file.read_bytes())
    match how:
        case "a byte of the database":
            content[len(content) // 2] ^= 1
        case "cut short":
            del content[len(content) * 2 // 3 :]
        case "no tar":
            content = bytearray(os.urandom(5000))
        case "empty":
            content = bytearray()
        case "its list":
            place = content.index(b'"revision"')
            content[place + 14] ^= 1
    other = file.with_name("spoilt.tar")
    other.write_bytes(content)
    return other


@pytest.mark.parametrize("how", ["a byte of the database", "cut short", "no tar", "empty", "its list"])
def test_a_damaged_file(day, shelf, tmp_path, how):
    leave_a_message(day)
    file = spoilt(made(day, shelf), how)
    refused(day, file, 3, "can't be used", tmp_path / "fresh")
    assert run(day, "check", str(file)).exit_code == 3


def test_a_file_with_a_way_out_of_its_folder(day, shelf, tmp_path):
    file = made(day, shelf)
    with tarfile.open(file, "a") as tar:
        entry = tarfile.TarInfo("../outside")
        entry.size = 4
        tar.addfile(entry, BytesIO(b"evil"))
    refused(day, file, 3, "no backup holds", tmp_path / "fresh")


def test_another_key(day, shelf, tmp_path):
    file = made(day, shelf)
    refused(day, file, 4, "does not open", tmp_path / "fresh", CARELINE_DATA_KEY=OTHER_KEY)


def test_values_of_another_key_in_the_database(day, shelf, tmp_path):
    use(b"another key that tests can use..")
    day.phone("stranger").text("hello")
    use(*day.house.settings.data_keys)
    take_up(day.house.database)
    file = made(day, shelf)
    refused(day, file, 4, "does not open", tmp_path / "fresh")


def test_a_newer_schema(day, shelf, tmp_path):
    with day.house.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    refused(day, made(day, shelf), 5, "newer Careline", tmp_path / "fresh")


def refused(
    day: Day, file: Path, code: int, sentence: str, home: Path, *options: str, **variables: str
) -> None:
    with fresh(day, home, **variables) as there:
        before = everything_under(home), database_of(there)
        done = run(there, "restore", str(file), *options)
        assert (done.exit_code, sentence in done.output) == (code, True), done.output
        assert (everything_under(home), database_of(there)) == before
        assert not list(home.glob(".*"))


def its_database(day: Day) -> dict[str, str]:
    return {"CARELINE_DATABASE_URL": day.house.settings.database_url}


def test_data_that_is_there(day, shelf, tmp_path):
    file = made(day, shelf)
    leave_a_message(day)
    day.house.database.close()
    refused(day, file, 6, "--replace", day.house.settings.home, **its_database(day))


def test_while_careline_runs(day, shelf):
    """A process that has the database open, and does nothing at the moment."""
    file = made(day, shelf)
    assert day.rows(Message) == []
    refused(day, file, 7, "running", day.house.settings.home, "--replace", **its_database(day))
    day.phone("stranger").text("hello")


def test_a_database_without_tables_is_not_backed_up(day, shelf, tmp_path):
    with fresh(day, tmp_path / "fresh") as there:
        done = run(there, "make", str(shelf))
        assert (done.exit_code, list(shelf.iterdir())) == (1, [])
        assert "no tables" in done.output


def test_a_folder_that_takes_nothing(day):
    done = run(day, "make", "/proc")
    assert (done.exit_code, "can't be read or written" in done.output) == (10, True), done.output
