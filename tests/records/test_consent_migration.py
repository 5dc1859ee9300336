"""What stood in a column of enrolments, and what numbers had stopped, are words of consent afterwards."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text

from records import Database
from records.migrating import downgrade, upgrade

BEFORE = """
INSERT INTO clinics (id, name, line, emergency_number, timezone) VALUES (1, 'C', '+16175550100', '+16175550190', 'UTC');
INSERT INTO patients (id, clinic_id, name, birth_date, language, timezone, created_at)
    VALUES (1, 1, :sealed, :sealed, 'ht', 'UTC', '2026-11-01'), (2, 1, :sealed, :sealed, 'es', 'UTC', '2026-11-01');
INSERT INTO enrolments (clinic_id, patient_id, programme, starts_on, ends_on, ask_at, consented_at) VALUES
    (1, 1, 'postpartum', '2026-11-01', '2026-11-10', '[]', '2026-11-02 10:00:00+00'),
    (1, 1, 'postpartum', '2026-11-11', '2026-11-20', '[]', '2026-11-12 10:00:00+00'),
    (1, 2, 'postpartum', '2026-11-01', '2026-11-10', '[]', NULL);
INSERT INTO contacts (clinic_id, number_hash, opted_out_at) VALUES
    (1, 'hash', '2026-11-03 10:00:00+00'), (1, 'other', NULL)
"""


def _words(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        rows = connection.execute(
            text(
                "SELECT patient_id, number_hash, topic, channel, given, language, at FROM consents ORDER BY id"
            )
        )
        return [(*row[:-1], _shown(row.at)) for row in rows]


def _shown(moment: object) -> str | None:
    """A text on SQLite, a moment on PostgreSQL."""
    return str(moment)[:19] if moment else None


def test_consents_and_stops_are_taken_over_and_given_back(opened: Callable[[], Database]) -> None:
    database = opened()
    upgrade(database, "0005")
    with database.writing() as connection:
        for statement in BEFORE.split(";"):
            sealed = {"sealed": b"\x00"} if ":sealed" in statement else {}
            connection.execute(text(statement), sealed)
    upgrade(database, "0006")
    after = [
        (1, None, "check_ins", "any", 1, "ht", "2026-11-02 10:00:00"),
        (None, "hash", "everything", "any", 0, "en", "2026-11-03 10:00:00"),
    ]
    assert _words(database) == after
    downgrade(database, "0005")
    with database.reading() as connection:
        given = connection.execute(text("SELECT patient_id, consented_at FROM enrolments ORDER BY id")).all()
    assert [(row.patient_id, _shown(row.consented_at)) for row in given] == [
        (1, "2026-11-02 10:00:00"), (1, "2026-11-02 10:00:00"), (2, None),
    ]  # fmt: skip
    upgrade(database, "0006")
    assert _words(database) == after, "nothing is taken over twice"


def test_who_took_her_consent_back_is_not_asked_by_the_version_before(opened: Callable[[], Database]) -> None:
    database = opened()
    upgrade(database, "0005")
    with database.writing() as connection:
        for statement in BEFORE.split(";"):
            sealed = {"sealed": b"\x00"} if ":sealed" in statement else {}
            connection.execute(text(statement), sealed)
    upgrade(database, "0006")
    with database.writing() as connection:
        connection.execute(
            text(
                'INSERT INTO consents (clinic_id, patient_id, topic, channel, given, text_version, language, "by", at)'
                " VALUES (1, 1, 'everything', 'any', :no, 'staff', 'ht', 'nurse', '2026-11-13 10:00:00+00')"
            ),
            {"no": False},
        )
    downgrade(database, "0005")
    with database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM enrolments WHERE consented_at IS NOT NULL")) == 0
