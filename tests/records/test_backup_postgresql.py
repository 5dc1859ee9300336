"""The same on PostgreSQL: pg_dump and pg_restore, and what they refuse."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from care import outbox
from clinic import demo
from records.audit import AuditEntry
from records.conversations import Turn
from records.migrating import upgrade
from records.outbox import OutboxRow
from records.patients import Patient
from records.sealing import hashed
from tests.conversation.clinic_day import NOON, NUMBERS, Clock, Day
from tests.conversation.telephone_company import TelephoneCompany
from tests.databases import Databases
from tests.records.test_backup import OTHER_KEY, house_at, made, refused, restored, run, verified
from tests.servers import Addresses

pytestmark = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)


@contextmanager
def day_at(home: Path, url: str) -> Iterator[Day]:
    clock = Clock(NOON)
    company = TelephoneCompany(clock, "the-carrier-s-token")
    house = house_at(home, clock, company, CARELINE_DATABASE_URL=url)
    try:
        yield Day(house, clock, company)
    finally:
        house.database.close()


@pytest.fixture
def empty(databases: Databases, addresses: Addresses) -> str:
    return with_password(databases.empty(), addresses)


@pytest.fixture
def day(databases: Databases, addresses: Addresses, tmp_path: Path) -> Iterator[Day]:
    with day_at(tmp_path / "home", with_password(databases.empty(), addresses)) as here:
        upgrade(here.house.database)
        demo.load(here.house.database, NOON)
        yield here


def with_password(url: str, addresses: Addresses) -> str:
    """The address as another machine has it."""
    return addresses.database(str(make_url(url).database), over_network=True)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


def question(day: Day, key: str = "check_in:1") -> None:
    """A question by text that is due now."""
    with day.house.database.writing() as connection:
        outbox.put(
            day.house.database,
            connection,
            key=key,
            kind="check_in",
            channel="text",
            clinic_id=1,
            now=day.clock(),
            number=NUMBERS["rosa"],
            number_hash=hashed(NUMBERS["rosa"]),
            flow="check_in_text",
            language="es",
        )


def test_it_comes_back_and_goes_on(day, shelf, tmp_path, empty):
    assert day.phone("rosa").text("hola")
    question(day)
    file = made(day, shelf)
    assert list(shelf.iterdir()) == [file]
    day.house.database.close()
    with day_at(tmp_path / "fresh", empty) as there:
        assert "1 messages may have been sent" in restored(there, file)
        assert "Rosa Delgado" in {patient.name for patient in there.rows(Patient)}
        assert there.send() == 0
        assert there.outbox("check_in").status == "unknown"
        assert there.the(AuditEntry, AuditEntry.did == "restored")
        assert verified(there).exit_code == 0
        with pytest.raises(DBAPIError, match="never changed"), there.house.database.writing() as connection:
            connection.execute(text("UPDATE audit_heads SET count = count - 1 WHERE count > 0"))
        turns = len(there.rows(Turn))
        assert there.phone("rosa").text("1")
        assert len(there.rows(Turn)) == turns + 1
        question(there, "check_in:2")
        new = there.the(OutboxRow, OutboxRow.key == "check_in:2")
        assert new.id > 1_000_000, "ids that were used since the backup are not given out again"
        there.house.database.close()
        refused(there, file, 6, "RENAME", tmp_path / "fresh", CARELINE_DATABASE_URL=empty)


def test_no_password_on_a_command_line(day, shelf, tmp_path, monkeypatch, addresses):
    """pg_dump as a script that notes what it is called with."""
    noted, real = tmp_path / "noted", shutil.which("pg_dump")
    tool = tmp_path / "bin" / "pg_dump"
    tool.parent.mkdir()
    tool.write_text(
        f'#!/bin/sh\ntr "\\0" " " < /proc/$$/cmdline >> {noted}\n'
        f'if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 99.1"; exit; fi\n'
        f'test "$PGPASSWORD" = {addresses.password} && exec {real} "$@"\n'
    )
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=":")
    made(day, shelf)
    assert "--snapshot" in noted.read_text()
    assert addresses.password not in noted.read_text()


@pytest.mark.parametrize(
    ("tool", "sentence"),
    [(None, "not on PATH"), ("echo 'pg_dump (PostgreSQL) 9.6'", "version 9"), ("exit 1", "does not say")],
)
def test_a_program_that_is_missing_or_old(day, shelf, tmp_path, monkeypatch, tool, sentence):
    if tool:
        (tmp_path / "pg_dump").write_text(f"#!/bin/sh\n{tool}\n")
        (tmp_path / "pg_dump").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run(day, "make", str(shelf))
    assert (done.exit_code, sentence in done.output) == (8, True), done.output
    assert list(shelf.iterdir()) == []


def test_a_database_that_has_tables(day, shelf, tmp_path):
    file = made(day, shelf)
    url = day.house.database.engine.url.render_as_string(hide_password=False)
    refused(day, file, 6, "RENAME", tmp_path / "fresh", "--replace", CARELINE_DATABASE_URL=url)


def test_somebody_else_on_the_database(day, shelf, tmp_path, empty):
    file = made(day, shelf)
    with day_at(tmp_path / "other", empty) as other, other.house.database.reading() as connection:
        connection.execute(text("SELECT 1"))
        refused(day, file, 7, "running", tmp_path / "fresh", CARELINE_DATABASE_URL=empty)


def test_another_key(day, shelf, tmp_path, empty):
    file = made(day, shelf)
    keys = {"CARELINE_DATA_KEY": OTHER_KEY, "CARELINE_DATABASE_URL": empty}
    refused(day, file, 4, "does not open", tmp_path / "fresh", **keys)
    with day_at(tmp_path / "after", empty) as there, there.house.database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0


def test_a_backup_of_another_kind(day, shelf, tmp_path):
    refused(day, made(day, shelf), 9, "postgresql", tmp_path / "fresh")
