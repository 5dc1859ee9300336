"""What PostgreSQL does that SQLite can't: writers meet, wait for each other, and are lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import psycopg
import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.engine import make_url

from records import Base, Database, Unreachable
from records.counters import Counter
from records.database import Obstructed, again_if_obstructed
from records.migrating import downgrade, upgrade
from tests.databases import PostgresqlDatabases, opened
from tests.servers import Addresses

TODAY = date(2026, 11, 21)


@pytest.fixture
def url(addresses: Addresses) -> Iterator[str]:
    maker = PostgresqlDatabases(addresses)
    made = maker.empty()
    yield made
    maker.drop(made)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """With two counters, `one` and `other`."""
    made = Database(url)
    Base.metadata.create_all(made.engine)
    with made.writing() as connection:
        connection.execute(insert(Counter), [_counter("one"), _counter("other")])
    yield made
    made.close()


def _counter(name: str) -> dict[str, object]:
    return {"name": name, "day": TODAY, "count": 0}


def _counts(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {row.name: row.count for row in connection.execute(select(Counter.name, Counter.count))}


def test_a_deadlock_is_broken_and_both_are_done(database: Database) -> None:
    both_hold_one = Barrier(2)
    tries: list[str] = []

    def add(first: str, then: str) -> None:
        tries.append(first)
        with database.writing() as connection:
            _add_one(database, connection, first)
            if len(tries) <= 2:
                both_hold_one.wait(10)
            _add_one(database, connection, then)

    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(again_if_obstructed, lambda: add("one", "other"))
        other = threads.submit(again_if_obstructed, lambda: add("other", "one"))
        one.result(30), other.result(30)
    assert _counts(database) == {"one": 2, "other": 2}
    assert len(tries) >= 3, "one of the two was done again"


def _add_one(database: Database, connection: object, name: str) -> None:
    connection.execute(  # type: ignore[attr-defined]
        update(Counter).where(Counter.name == name).values(count=Counter.count + 1)
    )


def test_a_lock_is_not_waited_for_longer_than_a_carrier_waits(database: Database, url: str) -> None:
    with database.writing() as holding:
        _add_one(database, holding, "one")
        with pytest.raises(Obstructed), database.writing() as waiting:
            waiting.execute(text("SET LOCAL lock_timeout = '50ms'"))  # three seconds otherwise
            _add_one(database, waiting, "one")
    assert _counts(database) == {"one": 1, "other": 0}


@pytest.mark.parametrize(
    ("name", "most"), [("statement_timeout", "10s"), ("lock_timeout", "3s"), ("timezone", "UTC")]
)
def test_no_wait_of_ours_is_longer_than_a_carriers(database: Database, name: str, most: str) -> None:
    for way in (database.reading, database.writing):
        with way() as connection:
            assert connection.execute(text(f"SHOW {name}")).scalar() == most


def test_a_connection_that_the_server_closed_is_not_used_again(database: Database, url: str) -> None:
    """After a restart of the server nobody meets an error that was there before she came."""
    assert _counts(database) == {"one": 0, "other": 0}
    with psycopg.connect(url, autocommit=True) as other:
        mine = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        other.execute(f"{mine} WHERE datname = current_database() AND pid <> pg_backend_pid()".encode())
    with database.writing() as connection:
        _add_one(database, connection, "one")
    assert _counts(database) == {"one": 1, "other": 0}


def test_a_connection_lost_in_the_middle_is_told_as_an_obstacle(database: Database, url: str) -> None:
    with pytest.raises(Obstructed), database.writing() as connection:
        _add_one(database, connection, "one")
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        _add_one(database, connection, "other")
    assert _counts(database) == {"one": 0, "other": 0}


def test_who_holds_a_name_keeps_the_others_waiting(database: Database) -> None:
    ready = Barrier(4)

    def count_up() -> None:
        """Reads and writes what nothing but the name guards."""
        ready.wait(10)
        for _ in range(10):
            with database.writing() as connection:
                database.hold(connection, "call:1:somebody")
                count = connection.scalar(select(Counter.count).where(Counter.name == "one")) or 0
                connection.execute(update(Counter).where(Counter.name == "one").values(count=count + 1))

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(count_up) for _ in range(4)]:
            done.result(60)
    assert _counts(database)["one"] == 40


@pytest.mark.parametrize("prefix", ["postgresql://", "postgresql+psycopg://"])
def test_both_ways_to_write_the_address_mean_psycopg(addresses: Addresses, prefix: str) -> None:
    address = addresses.database("postgres", over_network=True).replace("postgresql://", prefix)
    database = Database(address)
    database.check()
    assert (database.engine.name, database.engine.driver) == ("postgresql", "psycopg")
    database.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("127.0.0.1:{port}", "127.0.0.1:1"), "Connection refused"),
        (("/postgres", "/nothing_here"), 'database "nothing_here" does not exist'),
        (("careline:", "nobody:"), "password authentication failed"),
    ],
)
def test_why_it_cannot_be_used_is_a_sentence_without_the_password(
    addresses: Addresses, change: tuple[str, str], said: str
) -> None:
    old, new = (part.format(port=addresses.postgresql_port) for part in change)
    database = Database(addresses.database("postgres", over_network=True).replace(old, new))
    with pytest.raises(Unreachable, match=said) as raised:
        database.check()
    assert "CARELINE_DATABASE_URL" in str(raised.value)
    assert addresses.password not in str(raised.value)
    assert "\n" not in str(raised.value)
    database.close()


def test_a_role_that_owns_its_database_and_nothing_else_is_enough(addresses: Addresses, url: str) -> None:
    """As docs/going-live.md makes it: no superuser, no right to make roles or databases."""
    name = make_url(url).database
    with psycopg.connect(url, autocommit=True) as root:
        root.execute("DROP ROLE IF EXISTS least")
        root.execute("CREATE ROLE least LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
        root.execute(f'ALTER DATABASE "{name}" OWNER TO least'.encode())
        root.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC'.encode())
    with opened(url.replace("careline@", "least@")) as database:
        upgrade(database)
        with database.writing() as connection:
            connection.execute(insert(Counter), [_counter("one")])
        downgrade(database, "base")
