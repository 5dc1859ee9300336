"""What a backup says of itself: what it holds, and which keys open it, sealed so that nobody can forge it.

The keys that an installation is given (CARELINE_DATA_KEY) prove it and open the database's own keys, which stand
in it wrapped, as they do in the database. So a backup is known to open before anything of it is put back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from records import keys, sealing
from records.refusals import Damaged, OtherKey
from records.sealing import Keys, Seal
from records.wrapping import WrappingKeys, WrongKey, name_of

FORMAT = 1
PROOF = b"careline backup's list"


@dataclass(frozen=True)
class Part:
    """One file in the backup; `sha256` in hex."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Wrapped:
    """One of the database's own keys, `hex` being its wrapped bytes: what records.keys.DataKey holds."""

    id: int
    purpose: str
    state: str
    hex: str

    @property
    def wrapped(self) -> bytes:
        return bytes.fromhex(self.hex)


@dataclass(frozen=True)
class Manifest:
    """Nothing in it is private, and no key is in it in plain. `given` names the keys that open it and `keys`."""

    format: int
    careline: str
    database: str
    revision: str
    made_at: datetime
    given: tuple[str, ...]
    keys: tuple[Wrapped, ...]
    parts: tuple[Part, ...]

    @property
    def recordings(self) -> int:
        return sum(part.name.startswith("recordings/") for part in self.parts)

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts)

    def seals(self) -> list[Seal]:
        """What its recordings open with: one of these. Raises OtherKey."""
        try:
            return seals(self.keys)
        except WrongKey as error:
            raise self.other_key() from error

    def other_key(self) -> OtherKey:
        return OtherKey(self.given, [name_of(key) for key in _given().given])


def seals(wrapped: Sequence[Wrapped]) -> list[Seal]:
    """What is sealed in a database with these keys opens with one of them. Raises WrongKey."""
    if not wrapped:  # from before a database had keys of its own
        return [Seal(Keys.derived(key)) for key in _given().given]
    return [Seal(keys.opened(wrapped, _given()))]


def names_of_given(wrapped: Sequence[Wrapped]) -> tuple[str, ...]:
    """The keys of CARELINE_DATA_KEY that are needed to read a backup made now: one proves, others may wrap."""
    given = _given()
    needed = {given.given[0]} | {key for key in given.given if keys.any_opens(wrapped, WrappingKeys([key]))}
    return tuple(name_of(key) for key in given.given if key in needed or not wrapped)


def written(manifest: Manifest) -> bytes:
    plain = {**asdict(manifest), "made_at": manifest.made_at.isoformat()}
    plain = json.loads(json.dumps(plain))  # tuples are lists from here on, as when it is read
    return json.dumps({**plain, "proof": _given().wrap(_digest(plain), PROOF).hex()}, indent=1).encode()


def read(text: bytes) -> Manifest:
    """What `written` wrote. Raises Damaged, OtherKey."""
    try:
        plain: dict[str, Any] = json.loads(text)
        proof = bytes.fromhex(plain.pop("proof"))
        needed = tuple(str(name) for name in plain["given"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Damaged("its list can't be read") from error
    try:
        proven = _given().unwrap(proof, PROOF)
    except WrongKey as error:
        raise OtherKey(needed, [name_of(key) for key in _given().given]) from error
    if proven != _digest(plain) or plain["format"] != FORMAT:
        raise Damaged("its list is not as it was written")
    own = tuple(Wrapped(**key) for key in plain.pop("keys"))
    parts = tuple(Part(**part) for part in plain.pop("parts"))
    made_at = datetime.fromisoformat(plain.pop("made_at"))
    return Manifest(**{**plain, "given": needed}, made_at=made_at, keys=own, parts=parts)


def _digest(plain: dict[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).digest()


def _given() -> WrappingKeys:
    given = sealing.given()
    if given is None:
        raise RuntimeError("a backup is made or read before a data key was set")
    return given
