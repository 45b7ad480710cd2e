"""What was imported: which parts, when, and the last date that the export knew; and what follows from it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from cromwelld.disk import write_bytes
from cromwelld.errors import DamagedFile
from cromwelld.sources.takeout.members import identity

EVERY = dt.timedelta(days=61)  # Google exports by itself every two months at most
_PARTS = (".zip", ".tgz", ".tar.gz")
_NUMBER = re.compile(r"[-_ ]?(?:\d{1,3}|\(\d+\))(?=\.(?:zip|tgz|tar\.gz)$)", re.IGNORECASE)
_MOST = 100
_SETTLED_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRecord:
    """One export that was imported: its parts by identity, its first and last date, and when that was (UTC)."""

    parts: tuple[str, ...]
    first: dt.date
    end: dt.date
    at: dt.datetime


def record_file(state: Path, account: str) -> Path:
    """Say where it is kept which exports of an account were imported."""
    return state / "imports" / f"{account}.json"


def load(path: Path) -> list[ImportRecord]:
    """Read what was imported, the oldest first; nothing if there is no such file.

    Raises: DamagedFile.
    """
    try:
        told = json.loads(path.read_text("utf-8"))
        return [
            ImportRecord(
                parts=tuple(one["parts"]),
                first=dt.date.fromisoformat(one["first"]),
                end=dt.date.fromisoformat(one["end"]),
                at=dt.datetime.fromisoformat(one["at"]),
            )
            for one in told
        ]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, OSError) as err:
        hint = "delete it; the next import writes it again"
        raise DamagedFile(f"the list of imports {path} cannot be read", hint=hint) from err


def keep(path: Path, record: ImportRecord) -> None:
    """Add an import; the same export again takes the place of the one before.

    Raises: NotWritable; DamagedFile.
    """
    others = [one for one in load(path) if one.parts != record.parts]
    told = [asdict(one) for one in [*others, record][-_MOST:]]
    write_bytes(path, json.dumps(told, default=lambda value: value.isoformat(), indent=1).encode(), mode=0o600)


def reminder_due(records: Sequence[ImportRecord], now: dt.datetime) -> bool:
    """Tell whether it is time to ask for an export: none was imported, or the newest one ends two months ago."""
    return covered_until(records) is None or now.date() - max(one.end for one in records) >= EVERY


def covered_until(records: Sequence[ImportRecord]) -> dt.date | None:
    """Give the last date that any export knew; it may be there in part only."""
    return max((one.end for one in records), default=None)


def new_exports(folder: Path, records: Iterable[ImportRecord], now_s: float) -> list[list[Path]]:
    """Give the exports in a watched folder that were not imported, the parts of each together, by name.

    A file that changed within the last minute is still being written, and its export waits. Raises: OSError if the
    folder cannot be listed.
    """
    known = {part for record in records for part in record.parts}
    parts = sorted(path for path in folder.iterdir() if path.is_file() and path.name.lower().endswith(_PARTS))
    groups = [list(group) for _, group in groupby(parts, key=lambda path: _NUMBER.sub("", path.name))]
    return [
        group
        for group in groups
        if any(identity(path) not in known for path in group)
        and all(now_s - path.stat().st_mtime >= _SETTLED_S for path in group)
    ]
