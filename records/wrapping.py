"""The keys that an installation is given: they open and close the keys in the database, and nothing else.

Each wraps by AES-256-GCM (NIST SP 800-38D) under a key that is derived from it by HKDF-SHA-256 (RFC 5869).
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12


class WrongKey(RuntimeError):
    """The data key is not the one that the data was written with; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "CARELINE_DATA_KEY does not open the data in this database."
            " Set the key that it was written with (a demo keeps it in keys/data, in CARELINE_HOME);"
            " nothing has been changed."
        )


class WrappingKeys:
    """The keys of CARELINE_DATA_KEY: the first one wraps, any may unwrap."""

    def __init__(self, given: Sequence[bytes]) -> None:
        if not given:
            raise ValueError("no data key was given")
        self.given = tuple(given)
        self._ciphers = [AESGCM(derived(key, b"careline wrap")) for key in given]

    def wrap(self, plain: bytes, about: bytes) -> bytes:
        """`plain` under the first key. It opens only where `about` is the same."""
        nonce = os.urandom(NONCE)
        return nonce + self._ciphers[0].encrypt(nonce, plain, about)

    def unwrap(self, wrapped: bytes, about: bytes) -> bytes:
        """Raises WrongKey where none of the keys wrapped it, or it was changed."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(wrapped[:NONCE], wrapped[NONCE:], about)
            except (InvalidTag, ValueError):  # ValueError: cut so short that there is no nonce
                continue
        raise WrongKey

    def first_alone(self) -> WrappingKeys:
        """To find out whether the others can be dropped."""
        return WrappingKeys(self.given[:1])


def name_of(key: bytes) -> str:
    """16 hex digits that say which key it is, and from which nobody learns it."""
    return derived(key, b"careline name of a key").hex()[:16]


def derived(key: bytes, purpose: bytes) -> bytes:
    """32 bytes for one purpose; from them nobody learns `key`, or those for another purpose."""
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(key)
