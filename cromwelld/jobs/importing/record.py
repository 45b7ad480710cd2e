"""What was imported: which parts, when, and the last date that the export knew; and what follows from it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from stat import S_ISREG

from cromwelld.disk import write_bytes
from cromwelld.errors import DamagedFile
from cromwelld.sources.takeout.members import identity

_PARTS = (".zip", ".tgz", ".tar.gz")
_END = r"(?=\.(?:zip|tgz|tar\.gz)$)"
_NUMBER = re.compile(rf"[-_ ]?(?<!\d)(?:\d{{1,3}}|\(\d+\)){_END}", re.IGNORECASE)
_PART = re.compile(rf"-(\d{{3}}){_END}", re.IGNORECASE)
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".opdownload", ".aria2", ".tmp")  # of a download
_MOST = 100
_SETTLED_S = 60.0
_LACKING_S = 86_400.0


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


def covered_until(records: Sequence[ImportRecord]) -> dt.date | None:
    """Give the last date that any export knew; it may be there in part only."""
    return max((one.end for one in records), default=None)


def new_exports(folder: Path, records: Iterable[ImportRecord], now_s: float) -> list[list[Path]]:
    """Give the exports in a watched folder that were not imported, the parts of each together, by name.

    An export waits while one of its files is written: it changed within the last minute, is empty, or a browser's
    unfinished download lies beside it. One that lacks a part between the others waits for it for a day.

    Raises: OSError if the folder cannot be listed.
    """
    known = {part for record in records for part in record.parts}
    names = [path.name for path in folder.iterdir()]
    unfinished = {_export(name.removesuffix(end)) for name in names for end in _UNFINISHED if name.endswith(end)}
    parts = [folder / name for name in sorted(names) if name.lower().endswith(_PARTS) and not name.startswith(".")]
    groups = [list(group) for _, group in groupby(parts, key=lambda path: _export(path.name))]
    return [
        group
        for group in groups
        if _export(group[0].name) not in unfinished and _settled(group, now_s) and not _known(group, known)
    ]


def _export(name: str) -> str:
    """Name an export by the name of one of its parts."""
    return _NUMBER.sub("", name)


def _known(group: Sequence[Path], known: Collection[str]) -> bool:
    return all(identity(path) in known for path in group)


def _settled(group: Sequence[Path], now_s: float) -> bool:
    try:
        told = [path.stat() for path in group]
    except FileNotFoundError:
        return False
    ages_s = [abs(now_s - one.st_mtime) for one in told]  # a clock may have been wrong: what is ahead is not waited for
    lacking_s = _LACKING_S if _lacks_a_part(group) else 0.0
    return min(ages_s) >= max(_SETTLED_S, lacking_s) and all(one.st_size and S_ISREG(one.st_mode) for one in told)


def _lacks_a_part(group: Sequence[Path]) -> bool:
    """Tell whether parts that Google numbered have a gap."""
    numbers = [int(match[1]) for path in group if (match := _PART.search(path.name))]
    return bool(numbers) and sorted(numbers) != list(range(1, max(numbers) + 1))
