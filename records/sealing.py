"""Encryption at rest: what names a person or says anything of her is stored only as ciphertext.

AES-256-GCM with a random 96-bit nonce for every value (NIST SP 800-38D), under a key that is named in the
value: so the key can be changed while old values are still there (records.keys, records.resealing). A number
is looked up by a keyed hash (HMAC-SHA-256), so equal numbers show as equal and nothing else of them shows.
docs/data-at-rest.md says what is sealed, and what is not.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, LargeBinary, MetaData, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from records.wrapping import NONCE, WrappingKeys, WrongKey, derived

__all__ = ["Keys", "Seal", "SealedJson", "SealedText", "WrongKey", "hashed", "seal", "use"]

WITHOUT_ID = b"\x01"
"""How a value begins that was sealed before keys had ids: it opens with the first data key."""
WITH_ID = b"\x02"
"""How a value begins that is sealed now; the id of its key follows, in two bytes."""
HEAD = 3
FIRST = 1
LAST = 0xFFFF
_AS_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
FRESH_SECONDS = 2.0
"""For how long a process seals without having looked whether another key has become the active one."""

log = logging.getLogger("careline.keys")


@dataclass(frozen=True)
class Keys:
    """The keys of one database, 32 bytes each. Values are sealed with `data[active]`."""

    active: int
    data: Mapping[int, bytes] = field(repr=False)
    lookup: bytes = field(repr=False)
    audit: bytes = field(repr=False)

    @classmethod
    def derived(cls, data_key: bytes) -> Keys:
        """Those of a database that has no keys of its own, as it was before there was a table of them."""
        return cls(
            FIRST,
            {FIRST: derived(data_key, b"careline seal")},
            derived(data_key, b"careline lookup"),
            derived(data_key, b"careline audit"),
        )


class _InUse:
    """Keys made ready. It is replaced as a whole, so that a thread never sees half of a change."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.ciphers = {number: AESGCM(key) for number, key in keys.data.items()}
        self.head = head(keys.active)
        self.cipher = self.ciphers[keys.active]


class Seal:
    """Keys in use: seals and opens bytes, and hashes what is looked up.

    `read_again` gives the keys as they are in the database now, from those known so far. It is asked every
    two seconds at most, and when a value names a key that is not known here.
    """

    def __init__(
        self,
        keys: Keys,
        read_again: Callable[[Keys], Keys] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._in_use = _InUse(keys)
        self._read_again = read_again
        self._clock = clock
        self._fresh_until = clock() + FRESH_SECONDS if read_again else float("inf")

    @property
    def keys(self) -> Keys:
        return self._in_use.keys

    def close(self, plain: bytes) -> bytes:
        if self._clock() >= self._fresh_until:
            self._look_again()
        using, nonce = self._in_use, os.urandom(NONCE)
        return using.head + nonce + using.cipher.encrypt(nonce, plain, using.head)

    def open(self, sealed: bytes) -> bytes:
        """Raises WrongKey where no key of this database has sealed it, or it was changed."""
        begins = HEAD if sealed[:1] == WITH_ID else 1
        cipher = self._cipher_of(key_id(sealed))
        text = begins + NONCE
        if cipher is None or len(sealed) <= text:
            raise WrongKey
        try:
            return cipher.decrypt(sealed[begins:text], sealed[text:], sealed[:begins])
        except InvalidTag as error:
            raise WrongKey from error

    def hash(self, value: str) -> str:
        """32 hex digits that stand for `value` in a look-up column."""
        return hmac.digest(self._in_use.keys.lookup, value.encode(), "sha256").hex()[:32]

    def refresh(self) -> None:
        """Use the keys as they are in the database now."""
        if self._read_again is None:
            return
        self._fresh_until = self._clock() + FRESH_SECONDS
        keys = self._read_again(self._in_use.keys)
        if keys != self._in_use.keys:
            self._in_use = _InUse(keys)

    def _look_again(self) -> None:
        try:
            self.refresh()
        except (
            Exception
        ):  # whatever it is, a turn goes on: the key known here stays good, and in two seconds we ask again
            log.warning("the table of keys could not be read; going on with key %s", self.keys.active)

    def _cipher_of(self, number: int | None) -> AESGCM | None:
        if number is None:
            return None
        if number not in self._in_use.ciphers:
            self.refresh()
        return self._in_use.ciphers.get(number)


def head(number: int) -> bytes:
    """How a value begins that is sealed with this key."""
    return WITH_ID + number.to_bytes(2, "big")


def key_id(sealed: bytes) -> int | None:
    """The key that a value says it is sealed with (its beginning is enough); None where it is no such value."""
    if sealed[:1] == WITH_ID and len(sealed) >= HEAD:
        return int.from_bytes(sealed[1:HEAD], "big")
    return FIRST if sealed[:1] == WITHOUT_ID else None


_given: WrappingKeys | None = None
_seal: Seal | None = None
_later: Callable[[], Seal] | None = None


def use(*data_keys: bytes) -> Seal:
    """Make `data_keys` (32 bytes each, the first one wraps) those of this process.

    Until the keys of a database are taken up (records.taking_up), values are sealed with keys derived from
    the first.
    """
    global _given
    _given = WrappingKeys(data_keys)
    return take(Seal(Keys.derived(data_keys[0])))


def take(made: Seal) -> Seal:
    """Seal and open with `made` from now on."""
    global _seal, _later
    _seal, _later = made, None
    return made


def take_later(make: Callable[[], Seal]) -> None:
    """Seal and open with what `make` gives when the first value is: the database has no keys yet."""
    global _seal, _later
    _seal, _later = None, make


@contextmanager
def set_aside() -> Iterator[None]:
    """Another database's keys may be taken meanwhile; then those that were in use are in use again."""
    global _seal, _later
    before = _seal, _later
    try:
        yield
    finally:
        _seal, _later = before


def given() -> WrappingKeys | None:
    """The keys that this process was given."""
    return _given


def seal() -> Seal:
    if _seal is not None:
        return _seal
    if _later is not None:
        return take(_later())
    raise RuntimeError("records are read before a data key was set")


def hashed(value: str) -> str:
    return seal().hash(value)


def audit_key() -> bytes:
    """32 bytes that the chains of the audit are made with. They stay the same for the life of a database."""
    return seal().keys.audit


class SealedText(TypeDecorator[str]):
    """A text that only the application can read."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else seal().close(value.encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else seal().open(bytes(value)).decode()


class SealedJson(TypeDecorator[Any]):
    """A JSON value that only the application can read."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return seal().close(_AS_JSON(value).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(seal().open(bytes(value)))


def sealed_columns(metadata: MetaData) -> dict[Table, list[Column[Any]]]:
    """What is sealed, by looking: the columns of each table that has any."""
    found = {
        table: [column for column in table.columns if isinstance(column.type, SealedText | SealedJson)]
        for table in metadata.sorted_tables
    }
    return {table: columns for table, columns in found.items() if columns}
