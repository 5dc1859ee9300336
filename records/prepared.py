"""Statements that run in every turn, compiled once and handed to the driver as they are.

SQLAlchemy compiles them and its types seal, open and convert; what is left out is its own work around each
execution, which costs several times what the driver's does. Only for statements whose text never changes:
no IN with a list, no defaults that Python fills in. All others go by `Connection.execute`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any] | None
_CURSORS = "cursors of prepared statements"


class NotFixed(TypeError):
    """The statement's text or values depend on more than what it is given: it can't be prepared."""


@dataclass(frozen=True)
class _Compiled:
    """A statement for one kind of database. `binds`: the name and conversion of each parameter, in order."""

    text: str
    binds: tuple[tuple[str, Convert], ...]
    own: Mapping[str, Any]
    """The values that stand in the statement itself."""
    given: int
    """How many values it is given each time."""
    positional: bool
    row: Callable[[Sequence[Any]], Any]
    opened: tuple[tuple[int, Callable[[Any], Any]], ...]
    """The places in a row whose values are converted, and how."""

    def parameters(self, values: Mapping[str, Any]) -> list[Any] | dict[str, Any]:
        if len(values) != self.given:
            raise NotFixed(self.text)
        all_ = {**self.own, **values}
        if self.positional:
            return [all_[name] if convert is None else convert(all_[name]) for name, convert in self.binds]
        return {name: all_[name] if convert is None else convert(all_[name]) for name, convert in self.binds}

    def read(self, found: Sequence[Any]) -> Any:
        if not self.opened:
            return self.row(found)
        values = list(found)
        for place, convert in self.opened:
            values[place] = convert(values[place])
        return self.row(values)


class Prepared:
    """One such statement. Its errors are those of `Connection.execute`."""

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The first row, its columns as attributes, or None."""
        compiled = self.compiled_for(connection, values)
        found = _run(connection, compiled, compiled.parameters(values)).fetchall()
        return compiled.read(found[0]) if found else None

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        compiled = self.compiled_for(connection, values)
        found = _run(connection, compiled, compiled.parameters(values)).fetchall()
        return [compiled.read(row) for row in found]

    def change(self, connection: Connection, *values: Mapping[str, Any]) -> int:
        """Run it for each of `values`, which name the same parameters. How many rows were changed."""
        compiled = self.compiled_for(connection, values[0])
        many = [compiled.parameters(one) for one in values]
        cursor = (
            _run(connection, compiled, many[0]) if len(many) == 1 else _run_each(connection, compiled, many)
        )
        return int(cursor.rowcount)

    def compiled_for(self, connection: Connection, values: Mapping[str, Any]) -> _Compiled:
        dialect = connection.dialect
        known = self._compiled.get(dialect.name)
        if known is None:
            known = self._compiled[dialect.name] = _compile(self.statement, dialect, list(values))
        return known


def change_together(connection: Connection, *changes: tuple[Prepared, Mapping[str, Any]]) -> list[int]:
    """Changes that don't wait for each other's outcome: one round trip on PostgreSQL. How many rows each changed."""
    ready = [
        (compiled, compiled.parameters(values))
        for statement, values in changes
        for compiled in [statement.compiled_for(connection, values)]
    ]
    together = getattr(connection.connection.dbapi_connection, "pipeline", nullcontext)
    # Where the first of them fails, the server never comes to prepare the next one, and the driver believes it did.
    how = {} if together is nullcontext else {"prepare": False}
    cursors = [_cursor(connection, place) for place in range(len(ready))]
    running = ready[0][0]
    try:
        with together():
            for cursor, (running, parameters) in zip(cursors, ready, strict=True):
                cursor.execute(running.text, parameters, **how)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, running, error) from error
    return [int(cursor.rowcount) for cursor in cursors]


def _compile(statement: Executable, dialect: Dialect, names: list[str]) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=names)  # type: ignore[attr-defined]
    assert isinstance(compiled, SQLCompiler)
    if "POSTCOMPILE" in compiled.string or compiled.prefetch or compiled.implicit_returning:
        raise NotFixed(compiled.string)
    order = compiled.positiontup if compiled.positional else list(compiled.binds)
    binds = tuple(
        (name, _conversion(compiled.binds[name].type, dialect, "bind_processor")) for name in order or ()
    )
    own = {name: compiled.binds[name].value for name, _ in binds if name not in names}
    if missing := [name for name in own if compiled.binds[name].required]:
        raise NotFixed(f"{missing} in {compiled.string}")
    columns = getattr(statement, "exported_columns", ())
    opened = [
        (place, _conversion(column.type, dialect, "result_processor", None))
        for place, column in enumerate(columns)
    ]
    row = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc]
    return _Compiled(
        compiled.string,
        binds,
        own,
        len(names),
        compiled.positional,
        row._make,
        tuple((place, convert) for place, convert in opened if convert is not None),
    )


def _conversion(of: TypeEngine[Any], dialect: Dialect, which: str, *more: Any) -> Convert:
    convert: Convert = getattr(of.dialect_impl(dialect), which)(dialect, *more)
    return convert


def _run(connection: Connection, compiled: _Compiled, parameters: Any) -> Any:
    """A cursor with the answer in it."""
    cursor = _cursor(connection, 0)
    try:
        cursor.execute(compiled.text, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, compiled, error) from error
    return cursor


def _run_each(connection: Connection, compiled: _Compiled, many: list[Any]) -> Any:
    cursor = _cursor(connection, 0)
    try:
        cursor.executemany(compiled.text, many)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, compiled, error) from error
    return cursor


def _cursor(connection: Connection, place: int) -> Any:
    """The connection's own cursor, used again and again: making one costs as much as a statement."""
    cursors: list[Any] = connection.info.setdefault(_CURSORS, [])
    while len(cursors) <= place:
        cursors.append(connection.connection.cursor())
    return cursors[place]


def _told(connection: Connection, compiled: _Compiled, error: Any) -> BaseException:
    """The driver's error as SQLAlchemy tells it, without the values; a connection that was lost is given up."""
    lost = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    if lost:
        connection.invalidate(error)
    told: BaseException = DBAPIError.instance(
        compiled.text,
        None,
        error,
        connection.dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=connection.dialect,
    )
    return told
