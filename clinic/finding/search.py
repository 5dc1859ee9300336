"""Finding patients by a name, a number or a record number. What was typed never stands in an address."""

from __future__ import annotations

import base64
import binascii

import phonenumbers
from sqlalchemy import func, or_, select
from sqlalchemy.sql.expression import ColumnElement

from care.names import tokens_of
from care.patient_rows import record_number_hash
from care.rules import name_words
from records.names import NameToken
from records.patients import Patient, PatientNumber, Proxy
from records.sealing import WrongKey, hashed, seal

LONGEST = 80
PURPOSE = b"patients sought:"


def condition(clinic_id: int, typed: str, line: str) -> ColumnElement[bool]:
    """What the row of a patient fulfils whom `typed` names: by beginnings of her names, a number, or her record."""
    ways: list[ColumnElement[bool]] = [Patient.record_number_hash == record_number_hash(clinic_id, typed)]
    if number := number_in(typed, line):
        ways += [
            Patient.id.in_(
                select(table.patient_id).where(
                    table.clinic_id == clinic_id, table.number_hash == hashed(number)
                )
            )
            for table in (PatientNumber, Proxy)
        ]
    if tokens := tokens_of(clinic_id, name_words.sought(typed)):
        ways.append(
            Patient.id.in_(
                select(NameToken.patient_id)
                .where(NameToken.clinic_id == clinic_id, NameToken.token.in_(tokens))
                .group_by(NameToken.patient_id)
                .having(func.count() == len(tokens))
            )
        )
    return or_(*ways)


def number_in(typed: str, line: str) -> str | None:
    """E.164 of a number as people write it in the country of `line`; None where it is none."""
    try:
        country = phonenumbers.region_code_for_country_code(phonenumbers.parse(line).country_code or 1)
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def to_address(typed: str) -> str:
    """`typed` sealed, so that a list can be gone through and come back to without it being in any log."""
    return base64.urlsafe_b64encode(seal().close(PURPOSE + typed.encode())).decode().rstrip("=")


def from_address(word: str) -> str | None:
    """What `to_address` was given; None for anything that this installation did not seal."""
    try:
        sealed = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        plain = seal().open(sealed)
    except (binascii.Error, ValueError, WrongKey):
        return None
    return plain.removeprefix(PURPOSE).decode() if plain.startswith(PURPOSE) else None
