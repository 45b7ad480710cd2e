"""Settings that work and yet deserve a word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from cromwelld.config.model import Settings, is_loopback


def warnings(settings: Settings) -> list[str]:
    """List what the settings allow and a person may not want, a line each as the mistakes are written."""
    return [*_no_backup(settings), *_plain_http(settings), *_nobody_else(settings)]


def _no_backup(settings: Settings) -> Iterator[str]:
    if settings.archive.store != "folder":
        return
    disk = _disk(settings.archive.folder)
    for name, account in settings.accounts.items():
        if disk is not None and _disk(account.data_dir) == disk:
            yield (
                f"archive.folder: on the same disk as accounts.{name}.data_dir, so it is not a backup; "
                'put it on another disk, or use store = "s3"'
            )


def _plain_http(settings: Settings) -> Iterator[str]:
    alerts = settings.alerts
    addresses = {f"accounts.{name}.base_url": account.base_url for name, account in settings.accounts.items()}
    addresses["archive.endpoint"] = settings.archive.endpoint
    addresses["alerts.ntfy.url"] = alerts.ntfy.url if alerts.ntfy else None
    addresses["alerts.healthchecks.url"] = alerts.healthchecks.url if alerts.healthchecks else None
    for key, address in addresses.items():
        parts = urlsplit(address or "")
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            yield f"{key}: what is sent there can be read on the way; use https"


def _nobody_else(settings: Settings) -> Iterator[str]:
    http = settings.http
    if not http.listen.loopback and all(is_loopback(name) for name in http.allowed_hosts):
        yield (
            "http.allowed_hosts: has only names of this machine for itself, so that whoever asks from elsewhere is "
            "refused; add the name or address by which they ask"
        )


def _disk(path: Path) -> int | None:
    """Give the disk that a path lies on, or would lie on once it is made; None where nobody may look."""
    for place in (path, *path.parents):
        try:
            return place.stat().st_dev
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            return None
    return None
