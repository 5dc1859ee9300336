"""Encryption at rest: what names a person or says anything of her is stored only as ciphertext.

AES-256-GCM with a random 96-bit nonce for every value (NIST SP 800-38D). A number is looked up by
a keyed hash (HMAC-SHA-256, its own key derived by HKDF), so equal numbers show as equal and nothing
else of them shows. The key is set once a process, before the first row is read.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

NONCE = 12
FORMAT = b"\x01"
"""The first byte of every sealed value: how it was sealed, so that a later way can be told apart."""


class WrongKey(RuntimeError):
    """The data key is not the one that the data was written with; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "CARELINE_DATA_KEY does not open the data in this database."
            " Set the key that it was written with; nothing has been changed."
        )


class Seal:
    """One data key in use: seals and opens bytes, and hashes what is looked up."""

    def __init__(self, data_key: bytes) -> None:
        self._cipher = AESGCM(_derive(data_key, b"careline seal"))
        self._lookup = _derive(data_key, b"careline lookup")
        self.audit = _derive(data_key, b"careline audit")

    def close(self, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return FORMAT + nonce + self._cipher.encrypt(nonce, plain, FORMAT)

    def open(self, sealed: bytes) -> bytes:
        if sealed[:1] != FORMAT or len(sealed) <= 1 + NONCE:
            raise WrongKey
        try:
            return self._cipher.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], FORMAT)
        except InvalidTag as error:
            raise WrongKey from error

    def hash(self, value: str) -> str:
        """32 hex digits that stand for `value` in a look-up column."""
        return hmac.new(self._lookup, value.encode(), hashlib.sha256).hexdigest()[:32]


_seal: Seal | None = None


def use(data_key: bytes) -> Seal:
    """Make `data_key` (32 bytes) the key of this process."""
    global _seal
    _seal = Seal(data_key)
    return _seal


def seal() -> Seal:
    if _seal is None:
        raise RuntimeError("records are read before a data key was set")
    return _seal


def hashed(value: str) -> str:
    return seal().hash(value)


def audit_key() -> bytes:
    """32 bytes that the chains of the audit are made with."""
    return seal().audit


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
        return seal().close(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(seal().open(bytes(value)))


def _derive(data_key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(data_key)
