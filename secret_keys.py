"""The two keys of an installation: given to it, or made once for a demo."""

import base64
import binascii
import os
import secrets
from pathlib import Path

from variables import SettingsError, Variables

KEY_BYTES = 32
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


def secret_key(given: Variables, home: Path, demo: bool) -> bytes:
    """Signs cookies and addresses: any text of 32 characters or more. Raises SettingsError."""
    name = "CARELINE_SECRET_KEY"
    word = _given_key(given, name, home, demo)
    if word is None:
        return _decoded(
            _demo_key(home / "keys" / "secret", name, demo).decode("ascii", "replace").strip(), name
        )
    if len(word) < KEY_BYTES:
        raise SettingsError(f"{name} must have {KEY_BYTES} characters or more. {_recipe(name)}")
    return word.encode()


def data_keys(given: Variables, home: Path, demo: bool, database_url: str) -> tuple[bytes, ...]:
    """They open the keys of what is kept about people; the first one wraps. 32 bytes each. Raises SettingsError.

    Several in the variable have commas between, in a file each has a line.
    """
    name = "CARELINE_DATA_KEY"
    word = _given_key(given, name, home, demo)
    if word is not None:
        return _all_decoded(word, name)
    path = home / "keys" / "data"
    if demo and _is_lost(path, home, database_url):
        raise SettingsError(
            f"The data key of this demo is gone ({path}), and its data can't be read without it; nothing has"
            f" been changed. Put it back or, to lose what is there and begin again, move {home} away."
        )
    return _all_decoded(_demo_key(path, name, demo).decode("ascii", "replace"), f"The file {path}")


def made_once(path: Path, secret: bytes) -> bytes:
    """What `path` holds; `secret` is written to it first if there is no such file yet.

    Several processes may start at once: each writes a file of its own and links it into place. The
    link fails for all but one, and all read what that one wrote. Raises OSError.
    """
    if not path.exists():
        make_private(path.parent)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            _write_durably(draft, secret)
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
        _flush_folder(path.parent)
    return path.read_bytes()


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for our own account alone. Raises OSError."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


def _given_key(given: Variables, name: str, home: Path, demo: bool) -> str | None:
    """The key as given in the variable, or in the file that NAME_FILE names; None where neither is."""
    word, place = given.text(name), given.text(f"{name}_FILE")
    if word and place:
        raise SettingsError(f"Set {name} or {name}_FILE, not both.")
    if not place:
        return word or None
    path = Path(place).expanduser().absolute()
    if not demo and path.resolve().is_relative_to(home.resolve()):
        raise SettingsError(
            f"{name}_FILE must not lie in CARELINE_HOME ({home}): whoever takes the data would have"
            " its key too. Keep it elsewhere, and apart from the back-ups."
        )
    try:
        if path.stat().st_mode & 0o007:
            raise SettingsError(f"{name}_FILE can be read by every account here: chmod 600 {path}")
        return path.read_text("ascii").strip()
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{name}_FILE can't be read: {path}: {error}") from error


def _demo_key(path: Path, name: str, demo: bool) -> bytes:
    if not demo:
        raise SettingsError(
            f"{name} (or {name}_FILE) must be set outside demo mode. Where there are records already, it is the"
            f" one that they were written with: a new one opens nothing. {_recipe(name)}"
        )
    try:
        return made_once(path, base64.b64encode(secrets.token_bytes(KEY_BYTES)))
    except OSError as error:
        raise SettingsError(
            f"CARELINE_HOME can't be written ({path}: {error.strerror}). Set it to a folder of your own."
        ) from error


def _is_lost(path: Path, home: Path, database_url: str) -> bool:
    """Is there data without its key? The key is made first: data that came a moment ago has one by now."""
    return not path.exists() and _has_data(home, database_url) and not path.exists()


def _has_data(home: Path, database_url: str) -> bool:
    """A database in a file, or recordings. Of a server's database the process that opens it says so."""
    kind, _, place = database_url.partition(":///")
    file = Path(place.partition("?")[0])
    is_file = kind.startswith("sqlite") and file.is_file() and file.stat().st_size > 0
    return is_file or any((home / "recordings").glob("*.sealed"))


def _all_decoded(words: str, what: str) -> tuple[bytes, ...]:
    """Each key once, in the order given."""
    given = [word for part in words.replace(",", "\n").splitlines() if (word := part.strip())]
    return tuple(dict.fromkeys(_decoded(word, what) for word in given or [""]))


def _decoded(word: str, what: str) -> bytes:
    """Bytes from base64 in either alphabet."""
    try:
        key = base64.b64decode(word.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(f"{what} must be {KEY_BYTES} bytes in base64. {_recipe('a new key')}")
    return key


def _recipe(name: str) -> str:
    return f"To make {name}: openssl rand -base64 {KEY_BYTES}"


def _write_durably(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
