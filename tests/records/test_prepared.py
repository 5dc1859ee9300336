"""Prepared statements do what SQLAlchemy would: same rows, same types, same errors."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import bindparam, delete, select, text

from records import Database
from records.base import table_of
from records.counters import Counter
from records.database import Obstructed, Taken
from records.leases import Lease
from records.patients import Contact
from records.prepared import NotFixed, Prepared, change_together

TODAY = date(2026, 11, 21)
_counters, _contacts, _leases = table_of(Counter), table_of(Contact), table_of(Lease)
ADD = Prepared(_counters.insert())
READ = Prepared(
    select(_counters.c.name, _counters.c.day, _counters.c.count)
    .where(_counters.c.count >= bindparam("least"))
    .order_by(_counters.c.name)
)
RAISE = Prepared(
    _counters.update()
    .where(_counters.c.name == bindparam("of"), _counters.c.count == bindparam("was"))
    .values(count=bindparam("count"))
)


def counter(name: str, count: int = 0) -> dict[str, object]:
    return {"name": name, "day": TODAY, "count": count}


def counts(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {row.name: row[2] for row in READ.all(connection, {"least": 0})}


def test_a_row_has_its_columns_as_attributes_in_our_types(database: Database) -> None:
    with database.writing() as connection:
        assert ADD.change(connection, counter("one", 1), counter("two", 2)) == 2
    with database.reading() as connection:
        assert READ.first(connection, {"least": 2})._asdict() == counter("two", 2)
        assert READ.first(connection, {"least": 3}) is None
        assert READ.all(connection, {"least": 3}) == []


def test_a_moment_goes_in_aware_and_comes_out_in_utc(database: Database) -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("America/New_York"))
    with database.writing() as connection:
        Prepared(_leases.insert()).change(connection, {"name": "it", "held_until": noon})
    until = Prepared(select(_leases.c.held_until).where(_leases.c.name == bindparam("name")))
    with database.reading() as connection:
        found = until.first(connection, {"name": "it"}).held_until
    assert (found, found.tzinfo) == (noon, UTC)


def test_what_is_put_twice_is_one_row_with_the_last_values(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO clinics (name, line, emergency_number, timezone) VALUES "
                "('Harbor', '+16175550100', '+16175550190', 'UTC')"
            )
        )
    key = {"clinic_id": 1, "number_hash": "a"}
    for values in (
        {"language": "es"},
        {"opted_out_at": datetime(2026, 11, 21, tzinfo=UTC)},
        {"language": "ht"},
    ):
        with database.writing() as connection:
            database.put(connection, Contact, key, values)
    with database.reading() as connection:
        row = connection.execute(select(_contacts)).one()
    assert (row.language, row.opted_out_at) == ("ht", datetime(2026, 11, 21, tzinfo=UTC))


def test_a_key_that_is_taken_is_told_as_taken_and_all_is_taken_back(database: Database) -> None:
    with database.writing() as connection:
        ADD.change(connection, counter("one"))
    with pytest.raises(Taken) as told, database.writing() as connection:
        ADD.change(connection, counter("two"))
        ADD.change(connection, counter("one", 765))
    assert "765" not in str(told.value)
    with pytest.raises(Taken), database.writing() as connection:
        change_together(connection, (ADD, counter("two")), (ADD, counter("one")))
    assert counts(database) == {"one": 0}
    with database.writing() as connection:
        ADD.change(connection, counter("two"))
    assert counts(database) == {"one": 0, "two": 0}, "and the connection is as good as before"


def test_changes_together_each_say_how_many_rows_they_changed(database: Database) -> None:
    with database.writing() as connection:
        ADD.change(connection, counter("one"))
        moved = (RAISE, {"of": "one", "was": 0, "count": 1})
        assert change_together(connection, moved, (ADD, counter("two"))) == [1, 1]
        assert change_together(connection, moved, (ADD, counter("three"))) == [0, 1]
    assert counts(database) == {"one": 1, "two": 0, "three": 0}


def test_a_statement_whose_text_depends_on_its_values_is_refused(database: Database) -> None:
    several = Prepared(delete(_counters).where(_counters.c.name.in_(bindparam("names", expanding=True))))
    with pytest.raises(NotFixed), database.writing() as connection:
        several.change(connection, {"names": ["one", "two"]})


def test_a_value_that_was_forgotten_is_refused(database: Database) -> None:
    with pytest.raises(NotFixed), database.writing() as connection:
        Prepared(RAISE.statement).change(connection, {"of": "one", "count": 1})
    with database.writing() as connection:
        ADD.change(connection, counter("one"))
    with pytest.raises(NotFixed), database.writing() as connection:
        ADD.change(connection, {"name": "two", "day": TODAY})
    with pytest.raises(NotFixed), database.writing() as connection:
        ADD.change(connection, {**counter("two"), "more": 1})
    assert counts(database) == {"one": 0}


def test_a_connection_lost_in_the_middle_is_told_as_an_obstacle(database: Database, url: str) -> None:
    if database.is_sqlite:
        pytest.skip("a file is not lost")
    with pytest.raises(Obstructed), database.writing() as connection:
        ADD.change(connection, counter("one"))
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        change_together(connection, (ADD, counter("two")), (ADD, counter("three")))
    assert counts(database) == {}
