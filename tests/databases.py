"""A database for each test, on SQLite and on PostgreSQL: empty, or a copy of one that was filled once."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
from sqlalchemy.engine import make_url

from records import Database
from tests.servers import Addresses

KINDS = ("sqlite", "postgresql")
_numbers = itertools.count(1)


class Maker(Protocol):
    """Makes databases of one kind; each is named by its address."""

    def empty(self) -> str: ...
    def copy(self, template: str) -> str: ...
    def drop(self, url: str) -> None: ...


class SqliteFiles:
    """Files in a folder, which clears them away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def empty(self) -> str:
        return f"sqlite:///{self._folder / f'careline-{next(_numbers)}.sqlite3'}"

    def copy(self, template: str) -> str:
        made = self.empty()
        shutil.copy(template.removeprefix("sqlite:///"), made.removeprefix("sqlite:///"))
        return made

    def drop(self, url: str) -> None:
        Path(url.removeprefix("sqlite:///")).unlink(missing_ok=True)


class PostgresqlDatabases:
    """Databases of this run's cluster. One is dropped before the next is made, when nobody is in it any more."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._done_with: list[str] = []

    def empty(self) -> str:
        return self._make("template1")

    def copy(self, template: str) -> str:
        return self._make(str(make_url(template).database))

    def drop(self, url: str) -> None:
        self._done_with.append(str(make_url(url).database))

    def _make(self, template: str) -> str:
        name = f"test_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(self._addresses.database("postgres"), autocommit=True) as connection:
            for old in self._done_with:
                connection.execute(f'DROP DATABASE "{old}" WITH (FORCE)'.encode())
            self._done_with.clear()
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'.encode())
        return self._addresses.database(name)


class Databases:
    """Where one test gets its databases from: all of one kind, gone after it."""

    def __init__(self, kind: str, maker: Maker, templates: dict[tuple[str, str], str]) -> None:
        self.kind = kind
        self._maker = maker
        self._templates = templates
        self._made: list[str] = []

    def empty(self) -> str:
        """The address of a new one."""
        return self._keep(self._maker.empty())

    def copy(self, name: str, fill: Callable[[Database], None]) -> str:
        """The address of a copy of the template `name`, which `fill` fills when it is first asked for."""
        if (self.kind, name) not in self._templates:
            template = self._maker.empty()
            with opened(template) as database:
                fill(database)
            self._templates[self.kind, name] = template
        return self._keep(self._maker.copy(self._templates[self.kind, name]))

    def drop(self, url: str) -> None:
        """This one is not needed any more."""
        self._made.remove(url)
        self._maker.drop(url)

    def drop_all(self) -> None:
        for url in list(self._made):
            self.drop(url)

    def _keep(self, url: str) -> str:
        self._made.append(url)
        return url


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()
