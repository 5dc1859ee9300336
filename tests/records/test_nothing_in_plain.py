"""Whoever takes the database file learns no name, number, birth date or word of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import yaml
from sqlalchemy import insert
from sqlalchemy import text as sql
from sqlalchemy.exc import StatementError

from app import furnish
from clinic import demo
from conversation.events import Event, Kind
from conversation.house import House
from dialogue.reply import Reply
from dialogue.said import Channel
from records.alerts import Alert
from records.migrating import upgrade
from records.patients import Patient
from settings import Settings
from tests.databases import Databases
from tests.records.moments import NOON

SAMPLE = yaml.safe_load(demo.SAMPLE.read_text("utf-8"))
LINE, ROSA, STRANGER = SAMPLE["clinic"]["line"], "+16175550101", "+16175550107"
MESSAGE = "Necesito mis plaquetas de sangre"
WORDS = ["172/104", "2 de marzo", "I can't breathe since yesterday", MESSAGE]
FILES_OF_OURS = (
    "SELECT pg_relation_filepath(oid) FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'i', 't')"
)
"""Tables, indexes and what is kept beside them; lower ids are the server's own."""
turns = count()


@pytest.fixture
def house(tmp_path: Path, databases: Databases) -> Iterator[House]:
    given = {"CARELINE_HOME": str(tmp_path), "CARELINE_DATABASE_URL": databases.empty()}
    made = replace(furnish(Settings.from_environ(given)), now=lambda: NOON)
    upgrade(made.database)
    demo.load(made.database, NOON)
    yield made
    made.database.close()


def text(house: House, number: str, *words: str) -> Reply:
    replies = [
        house.take_turn(Event(Kind.SAID, Channel.TEXT, LINE, number, f"SM{next(turns)}", text=word))
        for word in words
    ]
    return replies[-1]


def call(house: House, number: str, *keys: str) -> Reply:
    event = Event(Kind.STARTED, Channel.VOICE, LINE, number, "CA1:0", call="CA1")
    reply = house.take_turn(event)
    for pressed in keys:
        here = {"call": "CA1", "conversation": reply.conversation, "turn": reply.turn}
        event = Event(Kind.SAID, Channel.VOICE, LINE, number, f"CA1:{reply.turn}", keys=pressed, **here)
        reply = house.take_turn(event)
    return reply


def _bytes(house: House, request: pytest.FixtureRequest) -> bytes:
    """All that the database has on disk: what whoever takes the machine's files has of it."""
    if house.database.is_sqlite:
        path = Path(str(house.database.engine.url.database))
        files = sorted(path.parent.glob(f"{path.name}*"))
        assert any(file.name.endswith("-wal") for file in files)
    else:
        with house.database.reading() as connection:
            connection.execute(sql("CHECKPOINT"))
            paths = connection.scalars(sql(FILES_OF_OURS)).all()
        cluster = Path(request.getfixturevalue("addresses").folder).parent / "cluster"
        files = [cluster / path for path in paths]
        assert files
    return b"".join(file.read_bytes() for file in files)


def _ways_to_write(number: str) -> list[str]:
    area, first, last = number[2:5], number[5:8], number[8:]
    return [number[1:], number[2:], f"({area}) {first}-{last}", f"{area}-{first}-{last}"]


def test_nothing_of_a_person_can_be_read_in_the_file(house: House, request: pytest.FixtureRequest) -> None:
    text(house, ROSA, "mi presión es 172/104", "sí", "2 de marzo de 1994", "sí")
    text(house, STRANGER, "hello", "1", "2", MESSAGE, "I can't breathe since yesterday")
    call(house, ROSA, "2", "1", "03021994", "165*112")
    with house.database.reading() as connection:
        assert len(connection.execute(Alert.__table__.select()).all()) >= 2, "there is something to find"

    secrets = [*WORDS, "172-104", '"systolic"', "03021994", "165*112", "breathe", "plaquetas"]
    for person in SAMPLE["patients"]:
        secrets += [person["name"], *person["name"].split(), str(person["birth_date"])]
    for number in [STRANGER, *(person["number"] for person in SAMPLE["patients"])]:
        secrets += _ways_to_write(number)
    stored = _bytes(house, request)
    assert [secret for secret in secrets if secret.encode() in stored] == []
    assert SAMPLE["clinic"]["name"].encode() in stored, "what is no secret is found by the same search"


def test_nor_of_somebody_whom_a_text_only_names(house: House, request: pytest.FixtureRequest) -> None:
    text(house, ROSA, "hola")
    text(house, ROSA, "Soy Maria Zzyzxova y mi presion es 201/133")
    stored = _bytes(house, request)
    assert [
        secret for secret in ("Zzyzxova", "201/133", "201-133", "Maria") if secret.encode() in stored
    ] == []


def test_nor_in_an_error_of_the_database(house: House) -> None:
    """A value that can't be stored: the error would quote all the others of its row, before they were sealed."""
    row = {"clinic_id": 1, "name": "Maria Zzyzxova", "birth_date": "1994-03-02", "language": "es"}
    with pytest.raises(StatementError) as raised, house.database.writing() as connection:
        connection.execute(insert(Patient).values(**row, created_at=NOON.replace(tzinfo=None)))
    assert "Zzyzxova" not in str(raised.value)
    assert "1994" not in str(raised.value)
