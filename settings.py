"""What an installation decides: one frozen `Settings`, made here and nowhere else from the environment.

docs/settings.md explains each variable to the person who sets it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from secret_keys import data_keys, make_private, secret_key
from variables import SettingsError, Variables, is_loopback, warn_of_unknown

__all__ = ["Settings", "SettingsError"]

REPOSITORY = Path(__file__).resolve().parent
TWILIO = "api.twilio.com"
DEMO_ACCOUNT = "AC00000000000000000000000000000000"
DEMO_TOKEN = "phonelab-demo-token"  # known to everyone, so refused beyond this machine

VARIABLES = (
    "CARELINE_HOME",
    "CARELINE_DEMO",
    "CARELINE_DATABASE_URL",
    "CARELINE_BROKER_URL",
    "CARELINE_PUBLIC_URL",
    "CARELINE_PORT",
    "CARELINE_STREAM_PORT",
    "CARELINE_CARRIER_URL",
    "CARELINE_SECRET_KEY",
    "CARELINE_SECRET_KEY_FILE",
    "CARELINE_DATA_KEY",
    "CARELINE_DATA_KEY_FILE",
    "CARELINE_CALLS_PER_SECOND",
    "CARELINE_MESSAGES_PER_SECOND",
    "CARELINE_COUNTRIES",
    "CARELINE_SEND_DRAFT_TEXTS",
    "CARELINE_PRICES",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "PHONELAB_PORT",
)


@dataclass(frozen=True)
class Settings:
    """One installation. Secrets, and addresses that may hold a password, stay out of its repr."""

    home: Path
    demo: bool
    database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    public_url: str  # as the carrier sees us: no trailing slash
    port: int
    stream_port: int
    carrier_url: str  # no trailing slash
    account_sid: str = field(repr=False)
    auth_tokens: tuple[str, ...] = field(repr=False)  # each is accepted; the first one signs
    secret_key: bytes = field(repr=False)  # signs cookies and addresses
    data_keys: tuple[bytes, ...] = field(repr=False)  # 32 bytes each; the first one wraps, any may unwrap
    calls_per_second: float  # new calls, for the account
    messages_per_second: float  # texts, for each sender
    allowed_countries: tuple[str, ...]  # ISO 3166 alpha-2; nothing is sent elsewhere
    prices_file: Path | None  # what the carrier takes, by this installation's contract; None: our table
    send_drafts: bool  # whether clinical text may go out in a translation that nobody has reviewed

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check everything at once. Raises SettingsError.

        In demo mode, keys that were not given are made, once, in <home>/keys.
        """
        warn_of_unknown(environ, VARIABLES)
        given = Variables(environ)
        home = Path(given.text("CARELINE_HOME", str(REPOSITORY / "var"))).expanduser().absolute()
        port = given.port("CARELINE_PORT", 8000)
        stream_port = given.port("CARELINE_STREAM_PORT", 8002)
        phonelab_port = given.port("PHONELAB_PORT", 8001)
        if len({port, stream_port, phonelab_port}) < 3:
            raise SettingsError(
                "CARELINE_PORT, CARELINE_STREAM_PORT and PHONELAB_PORT must be three different numbers,"
                f" not {port}, {stream_port} and {phonelab_port}."
            )
        carrier_url = given.url("CARELINE_CARRIER_URL", f"http://127.0.0.1:{phonelab_port}")
        public_url = given.url("CARELINE_PUBLIC_URL", f"http://127.0.0.1:{port}")
        on_this_desk = is_loopback(carrier_url)
        account_sid = given.text("TWILIO_ACCOUNT_SID", DEMO_ACCOUNT if on_this_desk else "")
        auth_tokens = given.words("TWILIO_AUTH_TOKEN", DEMO_TOKEN if on_this_desk else "")
        _check_carrier(carrier_url, public_url, account_sid, auth_tokens)
        demo = given.flag("CARELINE_DEMO", on_this_desk)
        if demo and not is_loopback(public_url):
            raise SettingsError(
                f"Demo mode is for this machine alone, and CARELINE_PUBLIC_URL is {public_url}: its password is"
                " known to everyone and its keys lie beside its data. Set CARELINE_DEMO=no."
            )
        database_url = given.database_url("CARELINE_DATABASE_URL", f"sqlite:///{home / 'careline.sqlite3'}")
        return cls(
            home=home,
            demo=demo,
            database_url=database_url,
            broker_url=given.text("CARELINE_BROKER_URL", "filesystem://localhost"),
            public_url=public_url,
            port=port,
            stream_port=stream_port,
            carrier_url=carrier_url,
            account_sid=account_sid,
            auth_tokens=auth_tokens,
            secret_key=secret_key(given, home, demo),
            data_keys=data_keys(given, home, demo, database_url),
            calls_per_second=given.rate("CARELINE_CALLS_PER_SECOND", 1.0),
            messages_per_second=given.rate("CARELINE_MESSAGES_PER_SECOND", 1.0),
            allowed_countries=given.countries("CARELINE_COUNTRIES", "US"),
            prices_file=given.file("CARELINE_PRICES"),
            send_drafts=given.flag("CARELINE_SEND_DRAFT_TEXTS", demo),
        )

    @property
    def models_dir(self) -> Path:
        """Speech models that were fetched."""
        return self.home / "models"

    @property
    def recordings_dir(self) -> Path:
        """What callers recorded, encrypted."""
        return self.home / "recordings"

    @property
    def audit_dir(self) -> Path:
        """The heads of the audit, exported each day."""
        return self.home / "audit"

    @property
    def broker_options(self) -> dict[str, Any]:
        """Celery's `broker_transport_options` for this broker."""
        if self.broker_url.startswith("filesystem:"):
            queue = str(self.home / "broker" / "queue")
            return {
                "data_folder_in": queue,
                "data_folder_out": queue,
                "control_folder": str(self.home / "broker" / "control"),
                "polling_interval": 0.1,
            }
        if self.broker_url.startswith(("redis:", "rediss:", "redis+socket:")):
            # Without these an unacknowledged tick comes back an hour late, and is looked for
            # every 100 seconds; ten minutes is longer than any one task here takes.
            return {"visibility_timeout": 600, "unacked_restore_interval": 10, "unacked_restore_throttle": 1}
        return {}

    def ensure_folders(self) -> None:
        """Make the folders that hold data, for our own account alone. Raises SettingsError."""
        folders = [self.home, self.models_dir, self.recordings_dir]
        if self.broker_url.startswith("filesystem:"):
            folders += [self.home / "broker", self.home / "broker/queue", self.home / "broker/control"]
        try:
            for folder in folders:
                make_private(folder)
        except OSError as error:
            raise SettingsError(
                f"CARELINE_HOME can't be written ({self.home}: {error.strerror})."
                " Set it to a folder of your own."
            ) from error


def _check_carrier(carrier_url: str, public_url: str, account_sid: str, auth_tokens: tuple[str, ...]) -> None:
    if not is_loopback(public_url):
        if is_loopback(carrier_url):
            raise SettingsError(
                "phonelab on an address that is not loopback: CARELINE_PUBLIC_URL is"
                f" {public_url}, so CARELINE_CARRIER_URL must be a real carrier's, such as https://{TWILIO}."
            )
        if DEMO_TOKEN in auth_tokens:
            raise SettingsError(
                "phonelab's token on an address that is not loopback: everyone knows it."
                " Set TWILIO_AUTH_TOKEN to your carrier's."
            )
    elif not is_loopback(carrier_url):
        raise SettingsError(
            f"The carrier at {carrier_url} can't reach {public_url}."
            " Set CARELINE_PUBLIC_URL to the https address at which it can."
        )
    if not account_sid or not auth_tokens:
        raise SettingsError(f"TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN must be set for {carrier_url}.")
