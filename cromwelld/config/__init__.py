"""The settings: config.toml as frozen values, with every mistake found at once."""

from __future__ import annotations

from cromwelld.config.caveats import warnings
from cromwelld.config.file import find, load, parse
from cromwelld.config.model import (
    BY_EXPORT,
    Account,
    Alerts,
    Archive,
    Backfill,
    Endpoint,
    Healthchecks,
    Http,
    Mail,
    Ntfy,
    Schedule,
    Secret,
    Settings,
    Stay,
)
from cromwelld.config.secrets import read_secret

__all__ = [
    "BY_EXPORT",
    "Account",
    "Alerts",
    "Archive",
    "Backfill",
    "Endpoint",
    "Healthchecks",
    "Http",
    "Mail",
    "Ntfy",
    "Schedule",
    "Secret",
    "Settings",
    "Stay",
    "find",
    "load",
    "parse",
    "read_secret",
    "warnings",
]
