"""The settings as values: one attribute for each key of config.toml, with its default."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOUR_S = 3600
DAY_S = 24 * HOUR_S
STATE_DIR = Path("/var/lib/cromwelld")

BY_EXPORT = "import"  # the source that nobody is asked for

# The sources that are asked again through the day unless the settings say otherwise; Fitbit's budget is too small.
REFRESHED_SOURCES = frozenset({"google_health"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret lies, never the secret: a file, or a credential that systemd hands to the service."""

    path: Path | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A host and a port; port 0 to listen on is any free one."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Tell whether only this machine is reached by it."""
        return is_loopback(self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """The zone that a person lived in from a date on, until the next stay."""

    first: dt.date
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person and the way their data come in.

    `timezone` None is "auto": the zone that the vendor names. `client_id` and `client_secret` are always there for
    google_health. `prefix` has no slash at either end. `lived_in` is in order of its dates.
    """

    name: str
    source: str = "google_health"
    client_id: str | None = None
    client_secret: Secret | None = None
    data_dir: Path
    prefix: str
    timezone: str | None = None
    lived_in: tuple[Stay, ...] = ()
    device: str | None = None
    steps_from: str = "watch"
    leave_out: tuple[str, ...] = ()
    base_url: str | None = None
    import_from: Path | None = None

    @property
    def by_export(self) -> bool:
        """Tell whether its data come by exports alone: nobody is asked, and there is no login."""
        return self.source == BY_EXPORT

    @property
    def expects_exports(self) -> bool:
        """Tell whether another export is expected now and then."""
        return self.by_export or self.import_from is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The copy that must outlive the machine; `bucket` is always there for store "s3"."""

    store: str = "folder"
    folder: Path = Path("/srv/cromwelld/archive")
    bucket: str | None = None
    endpoint: str | None = None
    region: str | None = None
    path_style: bool = False
    access_key: Secret | None = None
    secret_key: Secret | None = None
    profile: str | None = None
    storage_class: str | None = None
    server_side_encryption: str | None = None
    kms_key_id: str | None = None
    keep_replaced_s: int = 400 * DAY_S
    verify_every_s: int | None = 7 * DAY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When the day is asked for, in each person's own zone; `refresh_today_s` None is "off"."""

    daily_at: dt.time = dt.time(3, 0)
    refresh_today_s: int | None = 2 * HOUR_S
    refresh_today_given: bool = False

    def refresh_s(self, source: str) -> int | None:
        """Give the seconds between two looks at today for accounts of a source; None where only daily_at counts."""
        if self.refresh_today_given or source in REFRESHED_SOURCES:
            return self.refresh_today_s
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """Every date from `first` on is to be had, older ones from what today leaves over; None is from now on."""

    first: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """Where the daemon answers; without `token` one is made in the state folder."""

    listen: Endpoint = Endpoint(host="127.0.0.1", port=8377)
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    token: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ntfy:
    """Where push messages go; the address holds the topic, which is a secret."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Where letters go; port 465 is TLS from the start, every other STARTTLS."""

    to: tuple[str, ...]
    server: Endpoint
    user: str | None = None
    password: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthchecks:
    """Where a finished daily run is told; the address is a secret."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """When to speak up, and to whom; None is "off"."""

    no_data_after_s: int | None = 36 * HOUR_S
    not_worn_after_s: int | None = None
    not_synced_after_s: int | None = None
    import_reminder_after_s: int | None = 61 * DAY_S
    login_ends_within_s: int | None = 48 * HOUR_S
    ntfy: Ntfy | None = None
    mail: Mail | None = None
    healthchecks: Healthchecks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that config.toml says; `accounts` by name, at least one, in the order of the file."""

    state_dir: Path = STATE_DIR
    accounts: Mapping[str, Account]
    archive: Archive = Archive()
    schedule: Schedule = Schedule()
    backfill: Backfill = Backfill()
    http: Http = Http()
    alerts: Alerts = Alerts()


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
