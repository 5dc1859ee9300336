"""Environment variables as an installation gives them, each read with its check."""

import difflib
import logging
import math
from collections.abc import Collection, Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from phonenumbers import SUPPORTED_REGIONS

log = logging.getLogger("careline.settings")


class SettingsError(ValueError):
    """The installation can't start as it is set; the message says which variable to change, and how."""


class Variables:
    """The variables that were given, each read with its check. An empty one counts as not given."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str = "") -> str:
        return self._environ.get(name, "").strip() or default

    def words(self, name: str, default: str) -> tuple[str, ...]:
        return tuple(word for part in self.text(name, default).split(",") if (word := part.strip()))

    def flag(self, name: str, default: bool) -> bool:
        word = self.text(name, "true" if default else "false").lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("0", "false", "no", "off"):
            return False
        raise SettingsError(f"{name} must be true or false, not {word!r}.")

    def port(self, name: str, default: int) -> int:
        word = self.text(name, str(default))
        if not (word.isascii() and word.isdigit() and 1 <= int(word) <= 65535):
            raise SettingsError(f"{name} must be a port number from 1 to 65535, not {word!r}.")
        return int(word)

    def rate(self, name: str, default: float) -> float:
        word = self.text(name, str(default))
        try:
            rate = float(word)
        except ValueError:
            rate = math.nan
        if not (math.isfinite(rate) and rate > 0):
            raise SettingsError(f"{name} must be a number a second, above 0, not {word!r}.")
        return rate

    def countries(self, name: str, default: str) -> tuple[str, ...]:
        codes = tuple(code.upper() for code in self.words(name, default))
        unknown = [code for code in codes if code not in SUPPORTED_REGIONS]
        if unknown or not codes:
            raise SettingsError(
                f"{name} must be two-letter country codes with commas between, such as US,CA;"
                f" not a code: {', '.join(unknown) or 'nothing was given'}."
            )
        return codes

    def url(self, name: str, default: str) -> str:
        """An http or https address without a trailing slash; https unless it is on this machine."""
        url = self.text(name, default).rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise SettingsError(f"{name} must be an address such as https://phone.example.org, not {url!r}.")
        if parts.username or parts.password:
            raise SettingsError(f"{name} must not hold a user name or a password.")
        if parts.scheme != "https" and not is_loopback(url):
            raise SettingsError(f"{name} must begin with https://, since it is not on this machine: {url}")
        return url

    def file(self, name: str) -> Path | None:
        """A file that is there; None where none is named."""
        word = self.text(name)
        path = Path(word).expanduser().absolute() if word else None
        if path is not None and not path.is_file():
            raise SettingsError(f"{name} must name a file; there is none at {path}.")
        return path

    def database_url(self, name: str, default: str) -> str:
        url = self.text(name, default)
        kind = url.partition("://")[0] if "://" in url else ""
        if kind not in ("sqlite", "postgresql", "postgresql+psycopg"):
            raise SettingsError(f"{name} must begin with sqlite:/// or postgresql://.")
        if kind == "sqlite" and url.partition("://")[2].split("?")[0] in ("", "/", "/:memory:"):
            raise SettingsError(f"{name} must name a file: several processes share the database.")
        return url


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def warn_of_unknown(environ: Mapping[str, str], known: Collection[str]) -> None:
    """Log each CARELINE_ variable that nothing reads, with the known name nearest to it."""
    for name in sorted(environ):
        if name.startswith("CARELINE_") and name not in known:
            nearest = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {nearest[0]}?" if nearest else ""
            log.warning("%s is not a setting of Careline.%s", name, hint)
