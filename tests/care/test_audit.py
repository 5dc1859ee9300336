"""The audit, broken by hand in every way that somebody with rights on the database has, and caught."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from care import audit, audit_heads
from care.audit_check import check
from records import Database
from records.audit_chain import CHAINS, START, NotedOutsideAWrite
from records.migrating import upgrade
from records.sealing import use
from records.taking_up import take_up

KEY, OTHER_KEY = b"a key that is used in tests only", b"another key that tests can use.."
NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
TRIGGERS = (
    "audit_no_update",
    "audit_no_delete",
    "audit_no_replace",
    "audit_heads_no_delete",
    "audit_heads_no_replace",
    "audit_heads_only_rise",
)
FIELDS = 'at, clinic_id, patient_id, "by", did, about, chain, place, mac'
copies = count()


def note(database: Database, patient: int, did: str = "saw_patient", by: str = "rivera") -> None:
    with database.writing() as connection:
        audit.note(
            database,
            connection,
            by=by,
            did=did,
            now=NOON + timedelta(seconds=patient),
            clinic_id=1,
            patient_id=patient,
            about="patient",
        )


def run(database: Database, *statements: str) -> None:
    """What somebody types who has the database's password."""
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def begin_anew(database: Database) -> None:
    """What writes next knows of no head: it goes on in the first chain, and not beside one that somebody changed."""
    database.engine.dispose()


def ask(database: Database, query: str) -> list[Any]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def told(database: Database, exported: str | None = None) -> list[str]:
    """What the check says is wrong."""
    head = audit_heads.read(exported) if exported else None
    return [str(problem) for problem in check(database, head).problems]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve entries in the first chain and eight in the second; the triggers are there."""
    use(KEY)
    path = tmp_path_factory.mktemp("audit") / "written.sqlite3"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    for patient in range(1, 13):
        note(database, patient)
    first = ask(database, "SELECT hex(mac) FROM audit_heads WHERE chain = 1")[0][0]
    guard = ask(database, "SELECT sql FROM sqlite_master WHERE name = 'audit_heads_no_delete'")[0][0]
    run(database, "DROP TRIGGER audit_heads_no_delete", "DELETE FROM audit_heads WHERE chain = 1")
    for patient in range(13, 21):
        note(database, patient)
    run(database, f"INSERT INTO audit_heads VALUES (1, 12, x'{first}')", guard)
    database.close()
    return path


@pytest.fixture
def database(written: Path, tmp_path: Path) -> Iterator[Database]:
    yield from _copied(written, tmp_path)


@pytest.fixture
def unguarded(database: Database) -> Database:
    """Somebody dropped the triggers."""
    run(database, *(f"DROP TRIGGER {name}" for name in TRIGGERS))
    return database


def _copied(written: Path, folder: Path) -> Iterator[Database]:
    use(KEY)
    path = shutil.copy(written, folder / f"copy{next(copies)}.sqlite3")
    database = Database(f"sqlite:///{path}")
    take_up(database)
    yield database
    database.close()


def test_an_audit_that_nobody_touched_is_whole(database: Database) -> None:
    checked = check(database)
    assert (checked.entries, checked.problems) == (20, ())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET did = 'nothing' WHERE id = 3",
        "UPDATE audit SET mac = x'00'",
        "DELETE FROM audit WHERE id = 3",
        "DELETE FROM audit",
        "DELETE FROM audit_heads",
        "UPDATE audit_heads SET count = 3 WHERE chain = 1",
        "UPDATE audit_heads SET mac = x'00' WHERE chain = 1",
        "UPDATE audit_heads SET chain = 99, count = 100 WHERE chain = 1",
        f"INSERT OR REPLACE INTO audit (id, {FIELDS}) SELECT id, {FIELDS.replace('patient_id', '9')}"
        " FROM audit WHERE id = 3",
        f"INSERT INTO audit (id, {FIELDS}) SELECT id, {FIELDS} FROM audit WHERE id = 3"
        " ON CONFLICT DO UPDATE SET patient_id = 9",
        "REPLACE INTO audit_heads VALUES (1, 13, x'00')",
    ],
)
def test_the_database_refuses(database: Database, statement: str) -> None:
    before = ask(database, "SELECT * FROM audit"), ask(database, "SELECT * FROM audit_heads")
    with pytest.raises(DBAPIError, match="the audit is never changed"):
        run(database, statement)
    assert (ask(database, "SELECT * FROM audit"), ask(database, "SELECT * FROM audit_heads")) == before
    assert told(database) == []


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit SET \"by\" = 'somebody' WHERE id = 5", "chain 1, place 5 (id 5): does not fit"),
        ("UPDATE audit SET did = 'nothing' WHERE id = 5", "chain 1, place 5 (id 5): does not fit"),
        ("UPDATE audit SET about = '' WHERE id = 5", "chain 1, place 5 (id 5): does not fit"),
        ("UPDATE audit SET patient_id = 6 WHERE id = 5", "chain 1, place 5 (id 5): does not fit"),
        ("UPDATE audit SET patient_id = NULL WHERE id = 5", "chain 1, place 5 (id 5): does not fit"),
        ("UPDATE audit SET clinic_id = 2 WHERE id = 5", "chain 1, place 5 (id 5): does not fit"),
        (
            "UPDATE audit SET at = '2026-11-21 17:00:05.000001' WHERE id = 5",
            "chain 1, place 5 (id 5): does not fit",
        ),
        (
            "UPDATE audit SET mac = (SELECT mac FROM audit WHERE id = 6) WHERE id = 5",
            "chain 1, place 5 (id 5): does not fit",
        ),
        ("UPDATE audit SET mac = x'' WHERE id = 5", "chain 1, place 5 (id 5): does not fit"),
        ("UPDATE audit SET mac = x'00' WHERE id = 12", "chain 1, place 12 (id 12): does not fit"),
        ("DELETE FROM audit WHERE id = 5", "chain 1, place 5: is missing: the next that stands there is 6 (id 6)"),
        ("DELETE FROM audit WHERE id = 1", "chain 1, place 1: is missing: the next that stands there is 2 (id 2)"),
        ("DELETE FROM audit WHERE id > 10 AND chain = 1", "chain 1, place 11: entries 11 to 12 are missing"),
        ("DELETE FROM audit WHERE chain = 2", "chain 2, place 1: entries 1 to 8 are missing"),
        ("UPDATE audit SET chain = 2, place = 9 WHERE id = 12", "chain 1, place 12: entries 12 to 12 are missing"),
        ("UPDATE audit_heads SET count = 11 WHERE chain = 1", "chain 1, place 11: the head does not follow"),
        ("UPDATE audit_heads SET count = 13 WHERE chain = 1", "chain 1, place 13: entries 13 to 13 are missing"),
        ("UPDATE audit_heads SET mac = x'00' WHERE chain = 2", "chain 2, place 8: the head does not follow"),
        ("DELETE FROM audit_heads WHERE chain = 2", "chain 2: its head is missing"),
        ("DELETE FROM audit_heads WHERE chain = 8", "chain 8: its head is missing"),
        (
            "UPDATE audit SET place = CASE place WHEN 5 THEN 6 ELSE 5 END WHERE chain = 1 AND place IN (5, 6)",
            "chain 1, place 5 (id 6): does not fit",
        ),
        (
            f"INSERT INTO audit ({FIELDS}) SELECT at, clinic_id, 9, \"by\", did, about, chain, 13, mac"
            " FROM audit WHERE id = 5",
            "chain 1, place 13: an entry stands after the head",
        ),
        (
            f"INSERT INTO audit ({FIELDS}) SELECT {FIELDS} FROM audit WHERE id = 5",
            "chain 1, place 5 (id 21): stands here a second time",
        ),
        (
            f"INSERT INTO audit ({FIELDS}) SELECT {FIELDS} FROM audit WHERE id = 12",
            "chain 1, place 12 (id 21): stands here a second time",
        ),
        (
            f"INSERT INTO audit ({FIELDS}) SELECT {FIELDS.replace('place', '0')} FROM audit WHERE id = 5",
            "chain 1, place 0 (id 21): stands here a second time",
        ),
        (
            f"INSERT INTO audit ({FIELDS}) SELECT {FIELDS.replace('chain', '30')} FROM audit WHERE id = 1",
            "chain 30: its head is missing",
        ),
        ("UPDATE audit SET chain = 3 - chain", "chain 1, place 1 (id 13): does not fit"),
    ],
)  # fmt: skip
def test_whoever_drops_the_triggers_is_found(unguarded: Database, statement: str, says: str) -> None:
    run(unguarded, statement)
    assert any(one.startswith(says) for one in told(unguarded)), told(unguarded)


def test_one_put_in_between_with_all_after_it_moved_on(unguarded: Database) -> None:
    run(
        unguarded,
        "UPDATE audit SET place = place + 1 WHERE chain = 1 AND place >= 5",
        f"INSERT INTO audit ({FIELDS}) SELECT {FIELDS.replace('place', '5')} FROM audit WHERE id = 3",
        "UPDATE audit_heads SET count = 13 WHERE chain = 1",
    )
    assert told(unguarded) == [
        "chain 1, place 5 (id 21): does not fit: this entry was changed, or put in by hand"
    ]


def test_the_tail_cut_off_and_the_head_patched_with_what_the_database_holds(unguarded: Database) -> None:
    run(
        unguarded,
        "UPDATE audit_heads SET count = 10, mac = (SELECT mac FROM audit WHERE id = 10) WHERE chain = 1",
        "DELETE FROM audit WHERE chain = 1 AND place > 10",
    )
    assert told(unguarded)[0].startswith("chain 1, place 10: the head does not follow from the last entry")


def test_a_tail_cut_off_with_an_old_head_is_found_by_the_exported_one(unguarded: Database) -> None:
    """Somebody had copied the head before: within the database all fits."""
    count_then, mac = ask(unguarded, "SELECT count, hex(mac) FROM audit_heads WHERE chain = 1")[0]
    note(unguarded, 77, "saw_what_was_not_hers")
    exported = audit_heads.export(unguarded, NOON)
    assert told(unguarded, exported) == []
    run(
        unguarded,
        f"DELETE FROM audit WHERE chain = 1 AND place > {count_then}",
        f"UPDATE audit_heads SET count = {count_then}, mac = x'{mac}' WHERE chain = 1",
    )
    assert told(unguarded) == []
    assert told(unguarded, exported) == [
        "chain 1, place 13: it had 13 entries when the head was exported, and has 12: the end was cut off"
    ]
    begin_anew(unguarded)
    note(unguarded, 78)
    assert told(unguarded) == []
    assert told(unguarded, exported) == [
        "chain 1, place 13 (id 21): is not the entry that stood here when the head was exported"
    ]


def test_entries_of_two_histories_do_not_mix(unguarded: Database) -> None:
    """Cut back with an old head, written on, and then an entry from before put in where it had stood."""
    count_then, mac = ask(unguarded, "SELECT count, hex(mac) FROM audit_heads WHERE chain = 1")[0]
    note(unguarded, 77)
    run(
        unguarded,
        f"CREATE TABLE kept AS SELECT {FIELDS} FROM audit WHERE chain = 1 AND place = 13",
        "DELETE FROM audit WHERE chain = 1 AND place = 13",
        f"UPDATE audit_heads SET count = {count_then}, mac = x'{mac}' WHERE chain = 1",
    )
    begin_anew(unguarded)
    note(unguarded, 78, "saw_what_was_not_hers")
    note(unguarded, 79)
    assert told(unguarded) == []
    run(
        unguarded,
        "DELETE FROM audit WHERE chain = 1 AND place = 13",
        f"INSERT INTO audit ({FIELDS}) SELECT {FIELDS} FROM kept",
    )
    assert [one[:18] for one in told(unguarded)] == ["chain 1, place 14 "]


def test_an_audit_that_was_emptied_is_found_by_the_exported_head(unguarded: Database) -> None:
    exported = audit_heads.export(unguarded, NOON)
    run(unguarded, "DELETE FROM audit", f"UPDATE audit_heads SET count = 0, mac = x'{START.hex()}'")
    assert told(unguarded) == []
    assert [one[:7] for one in told(unguarded, exported)] == ["chain 1", "chain 2"]


def test_the_exported_head_is_not_what_the_database_wants(unguarded: Database) -> None:
    """Whoever reads the exported file has not got the head that would hide a cut tail."""
    exported = json.loads(audit_heads.export(unguarded, NOON))
    heads = [mac for (mac,) in ask(unguarded, "SELECT lower(hex(mac)) FROM audit_heads")]
    assert not {marked for _, _, marked in exported["heads"]} & set(heads)


@pytest.mark.parametrize(
    "broken",
    ["", "{}", "[]", "null", '{"mac": 3}', '{"at": "2026", "heads": [], "mac": ""}'],
)
def test_what_is_no_exported_head_is_said(database: Database, broken: str) -> None:
    with pytest.raises(audit_heads.NotAHead):
        audit_heads.read(broken)


def test_an_exported_head_that_was_changed_is_no_head(database: Database) -> None:
    exported = audit_heads.export(database, NOON)
    changed = exported.replace("[1, 12,", "[1, 11,")
    assert changed != exported
    with pytest.raises(audit_heads.NotAHead, match="was changed since it was exported"):
        audit_heads.read(changed)


def test_another_key_neither_reads_nor_makes_it(database: Database) -> None:
    exported = audit_heads.export(database, NOON)
    use(OTHER_KEY)
    assert told(database)[0].startswith("chain 1, place 1 (id 1): does not fit")
    with pytest.raises(audit_heads.NotAHead):
        audit_heads.read(exported)


def test_patients_are_served_on_where_all_heads_are_gone_and_the_loss_stays_to_be_seen(
    unguarded: Database,
) -> None:
    run(unguarded, "DELETE FROM audit_heads")
    note(unguarded, 21)
    note(unguarded, 22)
    assert ask(unguarded, "SELECT chain, place FROM audit WHERE patient_id > 20") == [(3, 1), (3, 2)]
    assert [one for one in told(unguarded) if "chain 3" in one] == []
    assert len(told(unguarded)) == CHAINS - 1


def test_a_write_that_is_taken_back_takes_its_entry_back(database: Database) -> None:
    with pytest.raises(LookupError), database.writing() as connection:
        audit.note(database, connection, by="a", did="b", now=NOON, clinic_id=1)
        raise LookupError
    note(database, 30)
    assert check(database).entries == 21
    assert told(database) == []


def test_nothing_is_noted_outside_a_write(database: Database) -> None:
    with database.reading() as connection, pytest.raises(NotedOutsideAWrite):
        audit.note(database, connection, by="a", did="b", now=NOON, clinic_id=1)
    with database.engine.begin() as connection, pytest.raises(NotedOutsideAWrite):
        audit.note(database, connection, by="a", did="b", now=NOON, clinic_id=1)


def test_writers_beside_each_other_come_to_a_chain_each(database: Database) -> None:
    """Each goes on from the head it knows; where another one moved it, it is read again."""
    other = Database(database.engine.url.render_as_string(hide_password=False))
    for patient in range(30, 36):
        note(database, patient)
        note(other, patient + 100)
    other.close()
    told_of = "SELECT chain, patient_id FROM audit WHERE patient_id >= 30 ORDER BY id"
    first, second = [(1, 30), (1, 130)], [(2, 31), (1, 131)]
    assert ask(database, told_of)[:4] == [*first, *second]
    assert {chain for chain, patient in ask(database, told_of)[4:] if patient < 100} == {2}
    assert {chain for chain, patient in ask(database, told_of)[4:] if patient > 100} == {1}
    assert told(database) == []


def test_many_entries_of_one_write_stand_in_their_order(database: Database) -> None:
    with database.writing() as connection:
        for place in range(2500):
            audit.note(
                database, connection, by="a", did=f"did{place}", now=NOON, clinic_id=None, about="é ؟ ' \""
            )
    found = [
        did for (did,) in ask(database, "SELECT did FROM audit WHERE chain = 1 AND place > 12 ORDER BY place")
    ]
    assert found == [f"did{place}" for place in range(2500)]
    assert check(database).entries == 2520
    assert told(database) == []


@pytest.mark.parametrize("batch", [1, 2, 3, 4, 5, 12, 13])
def test_an_entry_copied_at_the_end_of_a_batch_is_found(unguarded: Database, batch: int) -> None:
    assert check(unguarded, batch=batch).problems == ()
    run(unguarded, f"INSERT INTO audit ({FIELDS}) SELECT {FIELDS} FROM audit WHERE chain = 1 AND place = 4")
    assert [(one.place, one.id) for one in check(unguarded, batch=batch).problems] == [(4, 21)]


def test_many_at_once_make_one_chain_without_a_gap(database: Database) -> None:
    def work(worker: int) -> None:
        for one in range(20):
            note(database, 1000 * worker + one, by=f"nurse{worker}")

    with ThreadPoolExecutor(12) as pool:
        checking = pool.submit(lambda: [told(database) for _ in range(10)])
        list(pool.map(work, range(1, 13)))
    assert checking.result() == [[]] * 10, "who checks meanwhile sees nothing wrong"
    assert check(database).entries == 20 + 240
    assert told(database) == []


def test_the_head_is_exported_once_a_day_for_our_own_account(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    assert audit_heads.newest(folder) is None
    assert audit_heads.export_once_a_day(database, folder, NOON)
    first = (folder / "head-2026-11-21.json").read_text()
    note(database, 40)
    assert not audit_heads.export_once_a_day(database, folder, NOON + timedelta(hours=6))
    assert (folder / "head-2026-11-21.json").read_text() == first
    assert audit_heads.export_once_a_day(database, folder, NOON + timedelta(hours=7))
    newest = audit_heads.newest(folder)
    assert newest is not None
    assert newest.name == "head-2026-11-22.json"
    assert newest.stat().st_mode & 0o777 == 0o600
    assert told(database, first) == told(database, newest.read_text()) == []


def content(database: Database) -> tuple[list[Any], list[Any]]:
    """All that is sealed: the entries wherever they lie, and the heads."""
    return (
        sorted(ask(database, f"SELECT {FIELDS} FROM audit"), key=repr),
        sorted(ask(database, "SELECT chain, count, mac FROM audit_heads")),
    )


ROW = st.integers(1, 22)
TAMPERING: st.SearchStrategy[str] = st.one_of(
    st.builds("UPDATE audit SET patient_id = {} WHERE id = {}".format, st.integers(1, 20), ROW),
    st.builds("UPDATE audit SET did = '{}' WHERE id = {}".format, st.sampled_from(["saw_patient", "x"]), ROW),
    st.builds("UPDATE audit SET place = {} WHERE id = {}".format, st.integers(0, 14), ROW),
    st.builds("UPDATE audit SET chain = {}, place = {} WHERE id = {}".format, st.integers(1, 3), ROW, ROW),
    st.builds("UPDATE audit SET mac = (SELECT mac FROM audit WHERE id = {}) WHERE id = {}".format, ROW, ROW),
    st.builds("DELETE FROM audit WHERE id = {}".format, ROW),
    st.builds("DELETE FROM audit WHERE chain = {} AND place > {}".format, st.integers(1, 2), st.integers(0, 12)),
    st.builds(f"INSERT INTO audit ({FIELDS}) SELECT {FIELDS} FROM audit WHERE id = {{}}".format, ROW),
    st.builds("UPDATE audit_heads SET count = {} WHERE chain = {}".format, st.integers(0, 13), st.integers(1, 3)),
    st.builds(
        "UPDATE audit_heads SET count = {}, mac = (SELECT mac FROM audit WHERE id = {}) WHERE chain = {}"
        " AND EXISTS (SELECT 1 FROM audit WHERE id = {})".format,
        st.integers(0, 13), ROW, st.integers(1, 3), ROW,
    ),
    st.builds("DELETE FROM audit_heads WHERE chain = {}".format, st.integers(1, 3)),
    st.builds(f"UPDATE audit_heads SET count = 0, mac = x'{START.hex()}' WHERE chain = {{}}".format, st.integers(1, 3)),
    st.builds(
        "UPDATE audit SET place = CASE place WHEN {0} THEN {1} ELSE {0} END WHERE chain = 1"
        " AND place IN ({0}, {1})".format,
        st.integers(1, 12), st.integers(1, 12),
    ),
)  # fmt: skip


@given(tampering=st.lists(TAMPERING, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_check_tells_exactly_whether_anything_was_changed(
    written: Path, tmp_path: Path, tampering: list[str]
) -> None:
    for database in _copied(written, tmp_path):
        before, exported = content(database), audit_heads.export(database, NOON)
        run(database, *(f"DROP TRIGGER {name}" for name in TRIGGERS))
        for statement in tampering:
            try:
                run(database, statement)
            except DBAPIError:
                continue  # no such entry, so no mac for the head: the database refuses
        assert bool(told(database, exported)) == (content(database) != before)
