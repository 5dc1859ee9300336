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
from records.migrating import upgrade
from settings import Settings

from .people import NOON, Clock, Nurse, Patient


def house_at(home: Path, clock: Clock) -> House:
    return replace(furnish(Settings.from_environ({"CARELINE_HOME": str(home)})), now=clock)


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample clinic and nothing else, copied for each test."""
    home = tmp_path_factory.mktemp("sample") / "home"
    house = house_at(home, Clock())
    upgrade(house.database)
    demo.load(house.database, NOON)
    house.database.close()
    return home


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(sample_home: Path, tmp_path: Path, clock: Clock) -> Iterator[House]:
    shutil.copytree(sample_home, tmp_path / "home")
    opened = house_at(tmp_path / "home", clock)
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
