"""How an account stands that exports are expected for: how far the newest one reaches, and what is not in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cromwelld.config import Account
from cromwelld.errors import DamagedFile
from cromwelld.jobs.importing import attempts, record
from cromwelld.jobs.importing.attempts import Attempt
from cromwelld.jobs.importing.record import ImportRecord

EVERY = dt.timedelta(days=61)  # Google makes one by itself every two months at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Exports:
    """What is known of an account's exports.

    `until` is the last date that any of them knew, in part; None if none was imported. One is expected every `every`.
    `folder` is where they are put, "" if nobody looks for them. `refused` says of exports that a person must see to, by
    the name of their first file, why they are not in, or not wholly; `waiting` of those that are tried again.
    """

    every: dt.timedelta = EVERY
    until: dt.date | None = None
    folder: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, str] = field(default_factory=dict)

    @property
    def due_on(self) -> dt.date | None:
        """Give the date from which the next one is due; None if none was imported: it is due now."""
        return None if self.until is None else self.until + self.every


def standing(state: Path, account: Account, every_s: int | None) -> Exports | None:
    """Look at what is kept of an account's exports; None if none are expected for it. Blocks.

    A file of it that is damaged is itself a problem, by its name.
    """
    if not account.expects_exports:
        return None
    refused: dict[str, str] = {}
    records, tried = record.record_file(state, account.name), attempts.attempts_file(state, account.name)
    known: list[ImportRecord] = []
    lacking: list[Attempt] = []
    try:
        known, lacking = record.load(records), [one for one in attempts.load(tried) if one.names and one.reason]
    except DamagedFile as err:
        refused["imports"] = f"{err.message}; {err.hint}"
    return Exports(
        every=EVERY if every_s is None else dt.timedelta(seconds=every_s),
        until=record.covered_until(known),
        folder=str(account.import_from or ""),
        refused={**refused, **{one.names[0]: one.reason for one in lacking if one.again_at is None}},
        waiting={one.names[0]: one.reason for one in lacking if one.again_at is not None},
    )
