"""A database's own keys: made once, changed while others work, refused where they do not open."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import delete, inspect, select, text, update

from records import Database, keys, resealing, sealing, taking_up
from records.keys import CantRotate, DataKey
from records.migrating import downgrade, upgrade
from records.patients import Patient
from records.sealing import FRESH_SECONDS, Keys, Seal, WrongKey, audit_key, hashed, seal, use
from records.wrapping import WrappingKeys
from tests.records import every_column
from tests.records.conftest import KEY, OTHER_KEY
from tests.records.moments import NOON

ROOT = Path(__file__).parents[2]
NUMBER = "+16175550101"


@pytest.fixture
def kept(opened: Callable[[], Database]) -> Database:
    """A database with its tables and keys, and nobody in it."""
    database = opened()
    upgrade(database)
    return database


def from_before(database: Database, data_key: bytes = KEY) -> None:
    """As the version before this table of keys left it, every value sealed as it was then."""
    upgrade(database, "0003")
    use(data_key)
    derived = Keys.derived(data_key)
    sealing.take(_AsBefore(derived))
    every_column.fill(database)


class _AsBefore(Seal):
    """Seals as the version before did: no id in the value."""

    def close(self, plain: bytes) -> bytes:
        cipher, nonce = self._in_use.cipher, bytes(range(12))
        return b"\x01" + nonce + cipher.encrypt(nonce, plain, b"\x01")


def given(*data_keys: bytes) -> WrappingKeys:
    return WrappingKeys(data_keys)


def states(database: Database) -> list[tuple[int, str, str]]:
    with database.reading() as connection:
        rows = connection.execute(select(DataKey.id, DataKey.purpose, DataKey.state).order_by(DataKey.id))
        return [tuple(row) for row in rows]  # type: ignore[misc]


# Made once


def test_a_new_database_has_random_keys_and_none_of_them_in_plain(kept: Database) -> None:
    mine = seal().keys
    assert states(kept) == [(1, "data", "active"), (2, "lookup", "active"), (3, "audit", "active")]
    assert audit_key() == mine.audit
    random = {mine.data[1], mine.lookup, mine.audit}
    derived = Keys.derived(KEY)
    assert len(random | {derived.data[1], derived.lookup, derived.audit, KEY}) == 7
    with kept.reading() as connection:
        stored = b"".join(connection.scalars(select(DataKey.wrapped)))
    assert not any(key in stored for key in random)


def test_a_process_that_starts_later_has_the_same_keys(
    kept: Database, opened: Callable[[], Database]
) -> None:
    sealed, number, first = seal().close(b"Rosa"), hashed(NUMBER), seal()
    use(KEY)
    taking_up.take_up(opened())
    assert seal() is not first
    assert (seal().open(sealed), hashed(NUMBER)) == (b"Rosa", number)


def test_threads_that_start_at_once_make_one_set(opened: Callable[[], Database]) -> None:
    upgrade(opened())
    ready, databases = Barrier(6), [opened() for _ in range(6)]
    with databases[0].writing() as connection:
        connection.execute(delete(DataKey))

    def start(database: Database) -> Keys:
        ready.wait(10)
        keys.make_once(database, given(KEY), None, NOON)
        return keys.read(database, given(KEY))

    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(start, databases))
    assert made == [made[0]] * 6
    assert len(states(databases[0])) == 3


PROCESS = """
import sys
from records import Database, sealing, taking_up
from tests.records.conftest import KEY
sys.stdin.read()
sealing.use(KEY)
database = Database(sys.argv[1])
taking_up.take_up(database)
print(sealing.hashed("+16175550101"), sealing.audit_key().hex(), sealing.seal().keys.data[1].hex())
database.close()
"""


def test_so_do_processes(kept: Database, url: str) -> None:
    with kept.writing() as connection:
        connection.execute(delete(DataKey))
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, url],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    for process in started:  # each is held back at its stdin until all are up
        assert process.stdin is not None
        process.stdin.close()
    said = []
    for process in started:
        with process:
            assert process.stdout is not None
            said.append(process.stdout.read())
        assert process.returncode == 0
    assert len(set(said)) == 1


def test_a_process_that_started_before_the_tables_has_their_keys_too(opened: Callable[[], Database]) -> None:
    early, other = opened(), opened()
    taking_up.take_up(early)
    before = Keys.derived(KEY)
    waiting = sealing._later
    upgrade(other)
    made = seal().keys
    assert waiting is not None
    sealing.take_later(waiting)
    assert seal().keys == made != before


# A database from before


def test_a_database_from_before_keeps_its_keys_and_opens(opened: Callable[[], Database]) -> None:
    database = opened()
    from_before(database)
    use(KEY)
    upgrade(database)
    assert seal().keys == Keys.derived(KEY)
    read = every_column.everything(database)
    assert read["patients", "name", 2] == "patients name 2"
    assert len([value for value in read.values() if value is not None]) > 30
    assert seal().close(b"x")[:3] == b"\x02\x00\x01"


def test_so_it_does_where_its_key_is_no_longer_the_first(opened: Callable[[], Database]) -> None:
    database = opened()
    from_before(database)
    use(OTHER_KEY, KEY)
    upgrade(database)
    assert seal().keys == Keys.derived(KEY)


def test_its_tables_cannot_be_taken_back_once_somebody_is_in_it(opened: Callable[[], Database]) -> None:
    database = opened()
    upgrade(database)
    every_column.fill(database, 1)
    with pytest.raises(RuntimeError, match="never be read again"):
        downgrade(database, "0003")
    assert len(states(database)) == 3


# Changed


def test_a_new_key_is_taken_up_by_whoever_runs(kept: Database) -> None:
    now = [0.0]
    other = Seal(seal().keys, lambda known: keys.read(kept, given(KEY), known), lambda: now[0])
    old = other.close(b"before")
    assert keys.rotate(kept, given(KEY), NOON) == 4
    assert states(kept)[0] == (1, "data", "old")
    assert states(kept)[3] == (4, "data", "active")
    assert other.close(b"x")[:3] == b"\x02\x00\x01", "it has not looked yet"
    now[0] += FRESH_SECONDS
    assert other.close(b"x")[:3] == b"\x02\x00\x04"
    assert other.open(old) == b"before"


def test_a_value_of_a_key_that_is_not_known_here_is_opened_at_once(kept: Database) -> None:
    other = Seal(seal().keys, lambda known: keys.read(kept, given(KEY), known), lambda: 0.0)
    keys.rotate(kept, given(KEY), NOON)
    seal().refresh()
    sealed = seal().close(b"Rosa")
    assert sealed[:3] == b"\x02\x00\x04"
    assert other.open(sealed) == b"Rosa"
    with pytest.raises(WrongKey):
        other.open(b"\x02\x00\x09" + sealed[3:])


def test_no_number_is_hashed_otherwise_after_a_rotation(kept: Database) -> None:
    before, audit = hashed(NUMBER), audit_key()
    keys.rotate(kept, given(KEY), NOON)
    seal().refresh()
    assert (hashed(NUMBER), audit_key()) == (before, audit)


def test_a_turn_goes_on_where_the_table_cannot_be_read(
    kept: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable(known: Keys) -> Keys:
        raise OSError("the network is gone")

    now = [0.0]
    mine = Seal(seal().keys, unreachable, lambda: now[0])
    now[0] += FRESH_SECONDS
    assert mine.open(mine.close(b"Rosa")) == b"Rosa"
    assert "could not be read" in caplog.text


def test_two_new_keys_at_once_leave_one_active(kept: Database, opened: Callable[[], Database]) -> None:
    ready, databases = Barrier(4), [opened() for _ in range(4)]

    def rotate(database: Database) -> int | None:
        ready.wait(10)
        try:
            return keys.rotate(database, given(KEY), NOON)
        except CantRotate:
            return None

    with ThreadPoolExecutor(4) as threads:
        made = [number for number in threads.map(rotate, databases) if number]
    assert len(set(made)) == len(made) >= 1
    assert [state for _, purpose, state in states(kept) if purpose == "data"].count("active") == 1


def test_a_new_data_key_opens_alone_once_every_key_is_wrapped_under_it(kept: Database) -> None:
    sealed, number = seal().close(b"Rosa"), hashed(NUMBER)
    keys.rotate(kept, given(KEY), NOON)
    both = given(OTHER_KEY, KEY)
    assert [first for _, first in keys.listed(kept, both)] == [False] * 4
    assert keys.rewrap(kept, both) == 4
    assert keys.rewrap(kept, both) == 0
    assert [first for _, first in keys.listed(kept, both)] == [True] * 4
    use(OTHER_KEY)
    taking_up.take_up(kept)
    assert (seal().open(sealed), hashed(NUMBER)) == (b"Rosa", number)
    use(KEY)
    with pytest.raises(WrongKey):
        taking_up.take_up(kept)


def test_no_new_key_is_wrapped_under_a_data_key_that_others_may_lack(kept: Database) -> None:
    with pytest.raises(CantRotate, match="records rewrap"):
        keys.rotate(kept, given(OTHER_KEY, KEY), NOON)
    assert len(states(kept)) == 3


def test_a_process_that_runs_goes_on_where_a_key_is_wrapped_under_one_it_lacks(kept: Database) -> None:
    running = seal()
    keys.rewrap(kept, given(OTHER_KEY, KEY))
    keys.rotate(kept, given(OTHER_KEY, KEY), NOON)
    running.refresh()
    assert running.open(running.close(b"Rosa")) == b"Rosa"
    assert running.keys.active == 1


@pytest.mark.parametrize("change", [{"purpose": "other"}, {"id": 9}])
def test_a_wrapped_key_does_not_open_under_another_name(kept: Database, change: dict[str, object]) -> None:
    with kept.writing() as connection:
        connection.execute(update(DataKey).where(DataKey.id == 2).values(**change))
    with pytest.raises(WrongKey):
        keys.read(kept, given(KEY))


# Refused


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _stored(url: str) -> object:
    """The bytes of the file; of a server's database every row as it is stored, and its tables."""
    if url.startswith("sqlite"):
        return _file(url).read_bytes()
    with closing(Database(url)) as database, database.reading() as connection:
        tables = inspect(connection).get_table_names()
        return {
            table: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{table}"')))) for table in tables
        }


@pytest.mark.parametrize("before", [False, True])
def test_a_wrong_key_is_refused_and_not_a_byte_is_changed(
    url: str, before: bool, opened: Callable[[], Database]
) -> None:
    with closing(Database(url)) as database:
        if before:
            from_before(database)
        else:
            upgrade(database)
            every_column.fill(database)
    stored = _stored(url)
    use(OTHER_KEY)
    with closing(Database(url)) as database:
        with pytest.raises(WrongKey, match="CARELINE_DATA_KEY does not open"):
            taking_up.take_up(database)
        with pytest.raises(WrongKey, match="nothing has been changed"):
            upgrade(database)
    assert _stored(url) == stored


def test_keys_that_are_gone_are_not_made_anew_over_what_they_sealed(kept: Database) -> None:
    every_column.fill(kept)
    with kept.writing() as connection:
        connection.execute(delete(DataKey))
    use(KEY)
    with pytest.raises(WrongKey):
        taking_up.take_up(kept)
    assert states(kept) == []


def test_to_look_makes_no_file(url: str, opened: Callable[[], Database]) -> None:
    taking_up.take_up(opened())
    assert not (url.startswith("sqlite") and _file(url).exists())
    with pytest.raises(Exception, match="data_keys"):
        hashed(NUMBER)


def test_what_was_sealed_before_is_counted_as_the_first_keys(
    opened: Callable[[], Database], tmp_path: Path
) -> None:
    database = opened()
    from_before(database)
    use(KEY)
    upgrade(database)
    with database.writing() as connection:
        connection.execute(update(Patient).where(Patient.id == 1).values(name="Rosa"))
    values, recordings = resealing.counted(database, tmp_path)
    assert values.keys() == {1} and values[1] > 30
    assert not recordings


def test_every_table_with_something_sealed_is_filled(kept: Database) -> None:
    """The tests that walk all columns rest on this."""
    every_column.fill(kept)
    with kept.reading() as connection:
        for table in every_column.SEALED:
            assert connection.scalar(text(f"SELECT count(*) FROM {table.name}")) == 3
    assert {table.name for table in every_column.SEALED} >= {"patients", "turns", "outbox"}
    assert all(value is not None for value in every_column.everything(kept).values())
