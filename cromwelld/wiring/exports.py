"""How an account's exports are imported, by its settings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from cromwelld import __version__
from cromwelld.config import Account, Settings
from cromwelld.jobs.importing.record import record_file
from cromwelld.jobs.importing.run import Order


def order_of(settings: Settings, account: Account, parts: Sequence[Path]) -> Order:
    """Give the order to import one export."""
    return Order(
        parts=parts,
        folder=staging_folder(settings.state_dir, account.name),
        timezone=account.timezone,
        steps_from=account.steps_from,
        record=record_file(settings.state_dir, account.name),
        sealing=account.by_export,
    )


def staging_folder(state: Path, account: str) -> Path:
    """Say where lies what was read of an export until all of it is in."""
    return state / "import" / account


def reading_of(account: Account) -> str:
    """Digest by what an export is read: with other settings, or another version, what was refused may be read."""
    told = (__version__, account.timezone, account.lived_in, account.steps_from, account.device)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
