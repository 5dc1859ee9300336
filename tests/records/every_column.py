"""Rows in every table that holds something sealed, found by looking: whoever adds a column need not come here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, insert, inspect, select, type_coerce
from sqlalchemy.types import TypeDecorator

from records import Base, Database
from records.sealing import SealedJson, head, sealed_columns
from tests.records.moments import NOON

PLAIN: dict[type, Any] = {
    bool: False, float: 0.5, datetime: NOON, date: NOON.date(), dict: {}, list: [], object: {}, bytes: b"",
}  # fmt: skip
SEALED = sealed_columns(Base.metadata)
EVERY_ONE = [(table, column) for table, columns in SEALED.items() for column in columns]


def fill(database: Database, rows: int = 3) -> None:
    """So many rows in each, numbered from 1; of an older database the tables and columns that it has."""
    with database.writing() as connection:
        schema = inspect(connection)
        for table in _with_parents():
            if schema.has_table(table.name):
                known = {column["name"] for column in schema.get_columns(table.name)}
                connection.execute(
                    insert(table), [_row(table, number, known) for number in range(1, rows + 1)]
                )


def value_of(column: Column[Any], word: str) -> Any:
    """A value that may stand in the column."""
    return {"word": word} if isinstance(column.type, SealedJson) else word


def first_value(column: Column[Any], number: int) -> Any:
    """What `fill` puts there."""
    return value_of(column, f"{column.table.name} {column.name} {number}")


def own_key(table: Table, number: int) -> Any:
    """Where a table's row of that number is."""
    (key,) = table.primary_key.columns
    return key == _plain(key, number)


def everything(database: Database) -> dict[tuple[str, str, int], Any]:
    """What can be read, by table, column and row."""
    found = {}
    with database.reading() as connection:
        for table, column in EVERY_ONE:
            values = connection.scalars(select(column).order_by(*table.primary_key.columns)).all()
            found |= {(table.name, column.name, number): value for number, value in enumerate(values, 1)}
    return found


def sealed_with_another(database: Database, active: int) -> list[str]:
    """Columns in which something is not sealed with the active key."""
    left = []
    with database.reading() as connection:
        for table, column in EVERY_ONE:
            values = connection.scalars(select(type_coerce(column, LargeBinary)).where(column.is_not(None)))
            if any(bytes(value)[:3] != head(active) for value in values):
                left.append(f"{table.name}.{column.name}")
    return left


def _with_parents() -> list[Table]:
    wanted = set(SEALED)
    while more := {key.column.table for table in wanted for key in table.foreign_keys} - wanted:
        wanted |= more
    return [table for table in Base.metadata.sorted_tables if table in wanted]


def _row(table: Table, number: int, known: Collection[str]) -> dict[str, Any]:
    return {
        column.name: first_value(column, number)
        if column in SEALED.get(table, [])
        else _plain(column, number)
        for column in table.columns
        if column.name in known
    }


def _plain(column: Column[Any], number: int) -> Any:
    """Keys, and what names another row, are the row's number; so is all else that may have to be unique."""
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return _plain(key.column, number)
    stored = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    kind = stored.python_type
    if kind is str:
        return f"{number}"
    return number if kind is int else PLAIN[kind]
