"""What is sealed: nobody else reads it, and whoever changes it is found out."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert, select, text, update

from records import Database
from records.clinics import Clinic
from records.patients import Patient
from records.sealing import Keys, Seal, SealedJson, SealedText, WrongKey, hashed, seal, use
from tests.records.conftest import KEY, OTHER_KEY
from tests.records.moments import NOON

PLAIN = b"Rosa Delgado, 1994-03-02"
NUMBER = "+16175550101"


@pytest.mark.parametrize("plain", [b"", b"x", PLAIN, bytes(range(256)) * 400])
def test_what_is_sealed_opens_with_the_same_key_and_no_other(plain: bytes) -> None:
    sealed = Seal(Keys.derived(KEY)).close(plain)
    assert Seal(Keys.derived(KEY)).open(sealed) == plain
    with pytest.raises(WrongKey, match="CARELINE_DATA_KEY"):
        Seal(Keys.derived(OTHER_KEY)).open(sealed)


def test_the_same_is_never_sealed_alike() -> None:
    sealed = {Seal(Keys.derived(KEY)).close(PLAIN) for _ in range(1000)}
    assert len({one[3:15] for one in sealed}) == 1000
    assert len({one[15:] for one in sealed}) == 1000
    assert not any(PLAIN[:4] in one for one in sealed)


def test_every_byte_that_is_changed_is_noticed() -> None:
    sealed = Seal(Keys.derived(KEY)).close(PLAIN)
    for place in range(len(sealed)):
        tampered = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(WrongKey):
            Seal(Keys.derived(KEY)).open(tampered)


def test_what_is_cut_short_or_made_longer_is_noticed() -> None:
    sealed = Seal(Keys.derived(KEY)).close(PLAIN)
    for length in range(len(sealed)):
        with pytest.raises(WrongKey):
            Seal(Keys.derived(KEY)).open(sealed[:length])
    with pytest.raises(WrongKey):
        Seal(Keys.derived(KEY)).open(sealed + b"\0")


def test_a_hash_stands_for_a_number_and_depends_on_the_key() -> None:
    # Worked out once by hand: HMAC-SHA-256 under HKDF(key, "careline lookup"). It must not change: rows rest on it.
    assert Seal(Keys.derived(KEY)).hash(NUMBER) == "ad569e0ffaad4341b925dc86488bb6c1"
    assert Seal(Keys.derived(KEY)).hash(NUMBER) == hashed(NUMBER)
    assert Seal(Keys.derived(OTHER_KEY)).hash(NUMBER) != hashed(NUMBER)
    assert Seal(Keys.derived(KEY)).hash("+16175550102") != hashed(NUMBER)
    assert hashlib.sha256(NUMBER.encode()).hexdigest()[:32] != hashed(NUMBER)


def test_keys_for_sealing_and_for_looking_up_are_not_the_data_key_itself() -> None:
    sealed = Seal(Keys.derived(KEY)).close(PLAIN)
    with pytest.raises(InvalidTag):
        AESGCM(KEY).decrypt(sealed[3:15], sealed[15:], sealed[:3])


def test_the_wrong_key_stops_a_read_and_nothing_is_changed(database: Database) -> None:
    clinic = {"name": "C", "line": "+16175550100", "emergency_number": "+16175550190", "timezone": "UTC"}
    rosa = {
        "name": "Rosa",
        "birth_date": "1994-03-02",
        "language": "es",
        "timezone": "UTC",
        "created_at": NOON,
    }
    with database.writing() as connection:
        connection.execute(insert(Clinic).values(id=1, **clinic))
        connection.execute(insert(Patient).values(clinic_id=1, **rosa))
    raw = text("SELECT name, birth_date FROM patients")
    with database.reading() as connection:
        before = connection.execute(raw).all()
    use(OTHER_KEY)
    with pytest.raises(WrongKey), database.writing() as connection:
        connection.execute(update(Patient).values(language="en"))
        connection.execute(select(Patient.name)).all()
    use(KEY)
    with database.reading() as connection:
        assert connection.execute(raw).all() == before
        assert connection.execute(select(Patient.name, Patient.language)).all() == [("Rosa", "es")]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (SealedText(), "Lucía 👩‍🍼\n"),
        (SealedText(), ""),
        (SealedText(), None),
        (SealedJson(), {"kind": "blood_pressure", "systolic": 120, "diastolic": 80}),
        (SealedJson(), ["مرحبا", 1.5, True, None]),
        (SealedJson(), {}),
        (SealedJson(), None),
    ],
)
def test_a_value_comes_back_as_it_went_in(kind: SealedText | SealedJson, value: object) -> None:
    bound = kind.process_bind_param(value, None)  # type: ignore[arg-type]
    assert (bound is None) is (value is None)
    assert kind.process_result_value(bound, None) == value  # type: ignore[arg-type]


def test_nothing_is_read_or_written_before_a_key_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.sealing._seal", None)
    with pytest.raises(RuntimeError, match="before a data key was set"):
        seal()
