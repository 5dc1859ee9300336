"""The sample clinic in a database of its own, people who call and text it, and a browser's worth of requests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app import create_app, furnish
from clinic import demo
from conversation.house import House
from records import Database
from records.migrating import upgrade
from records.taking_up import take_up
from settings import Settings
from tests.databases import Databases

from .people import NOON, Clock, Nurse, Patient


def house_at(home: Path, clock: Clock) -> House:
    return replace(furnish(Settings.from_environ({"CARELINE_HOME": str(home)})), now=clock)


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample clinic and nothing else, copied for each test."""
    home = tmp_path_factory.mktemp("sample") / "home"
    house = house_at(home, Clock())
    _fill(house.database)
    house.database.close()
    return home


def _fill(database: Database) -> None:
    upgrade(database)
    demo.load(database, NOON)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(sample_home: Path, tmp_path: Path, clock: Clock, databases: Databases) -> Iterator[House]:
    shutil.copytree(sample_home, tmp_path / "home")
    here = house_at(tmp_path / "home", clock)
    here.database.close()
    url = databases.copy("sample clinic", _fill)
    opened = replace(here, settings=replace(here.settings, database_url=url), database=Database(url))
    take_up(opened.database)
    yield opened
    opened.database.close()


@pytest.fixture
def app(house: House) -> Flask:
    return create_app(house=house)


@pytest.fixture
def rosa(house: House) -> Patient:
    """In the postpartum programme, speaks Spanish."""
    return Patient(house, "+16175550101", "03/02/1994")


@pytest.fixture
def nurse(app: Flask) -> Nurse:
    """Signed in."""
    one = Nurse(app)
    one.sign_in()
    return one


@pytest.fixture
def stranger(app: Flask) -> Nurse:
    """Somebody at the console who is not signed in."""
    return Nurse(app)
