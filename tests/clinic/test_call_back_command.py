"""`flask clinic call-back` as the IT team types it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from conversation.house import House
from records.audit import AuditEntry
from records.clinics import Clinic


@pytest.mark.parametrize("setting", ["after_hang_up", "reject", "off"])
def test_a_clinic_chooses(app: Flask, house: House, setting: str) -> None:
    with house.database.reading() as connection:
        line, *others = connection.scalars(select(Clinic.line).order_by(Clinic.id))
    done = app.test_cli_runner().invoke(args=["clinic", "call-back", setting, "--line", line])
    assert done.exit_code == 0, done.output
    with house.database.reading() as connection:
        chosen = {
            row.line: row.call_back for row in connection.execute(select(Clinic.line, Clinic.call_back))
        }
        entry = connection.execute(select(AuditEntry).where(AuditEntry.did == "chose_call_back")).first()
    assert chosen == {line: setting, **dict.fromkeys(others, "off")}
    assert entry is not None


@pytest.mark.parametrize("words", [["always"], ["reject", "--line", "+16175550999"]])
def test_what_is_not_understood_changes_nothing(app: Flask, house: House, words: list[str]) -> None:
    done = app.test_cli_runner().invoke(args=["clinic", "call-back", *words])
    assert done.exit_code != 0
    with house.database.reading() as connection:
        assert set(connection.scalars(select(Clinic.call_back))) == {"off"}
