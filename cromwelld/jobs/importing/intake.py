"""The files of an export into the staging folder, each read once; what is not read is counted by its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cromwelld.errors import DamagedFile
from cromwelld.jobs.importing.staging import Entry, Piece, Staging
from cromwelld.jobs.importing.twins import COVERED, covered, tabled
from cromwelld.sources.takeout.family import Family
from cromwelld.sources.takeout.members import Member, Unreadable, identity, members
from cromwelld.sources.takeout.naming import Known, classify
from cromwelld.sources.takeout.reading import Notes, read

_FIRST_NAMES = 20


@dataclass(slots=True)
class Inventory:
    """What lies in an export: files read, files not read by reason, names not known, and what could not be read."""

    read: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    unknown: list[str] = field(default_factory=list)
    unknown_files: int = 0
    unknown_columns: dict[str, set[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def not_known(self, name: str) -> None:
        """Note a file whose name is not known; the first ones by name."""
        self.unknown_files += 1
        if len(self.unknown) < _FIRST_NAMES:
            self.unknown.append(name)

    def take(self, entry: Entry) -> None:
        """Note what came of a file."""
        if entry.problem:
            self.refused.append(f"{entry.name}: {entry.problem}")
            return
        self.read += 1
        self.left_out.update(entry.rejected)
        if entry.unknown:
            self.unknown_columns.setdefault(entry.family, set()).update(entry.unknown)


def staging_of(folder: Path, parts: Sequence[Path]) -> Staging:
    """Name the staging folder of an export by its parts."""
    return Staging(folder, [identity(part) for part in parts])


def take_in(staging: Staging, parts: Sequence[Path], tell: Callable[[object], None]) -> Inventory:
    """Read every file of an export that is known and was not read before; `tell` hears of each. Blocks.

    A part that cannot be read is named, and the others go on. Raises: NotWritable.
    """
    staging.open()
    found = Inventory()
    seen, tables = set[str](), tabled(parts)
    for part in parts:
        try:
            for member in members(part):
                if covered(member.name, tables):
                    found.skipped[COVERED] += 1
                else:
                    _take(staging, member, found, seen)
                tell(member)
        except DamagedFile as err:
            found.refused.append(err.message)
    for entry in staging.entries:
        found.take(entry)
    return found


def _take(staging: Staging, member: Member, found: Inventory, seen: set[str]) -> None:
    known = classify(member.name)
    if member.problem:
        found.refused.append(f"{member.name}: {member.problem}")
    elif known.family is None:
        _pass_over(member, known, found)
    elif member.key in seen:
        found.skipped["the same file is in another part"] += 1
    elif not staging.has(member.key):
        _read(staging, member, known.family)
    seen.add(member.key)


def _pass_over(member: Member, known: Known, found: Inventory) -> None:
    if known.reason:
        found.skipped[known.reason] += 1
    else:
        found.not_known(member.name)


def _read(staging: Staging, member: Member, family: Family) -> None:
    notes, pieces, problem = Notes(), tuple[Piece, ...](), ""
    try:
        pieces = staging.keep(read(member, family, notes))
    except Unreadable as err:
        problem = str(err)
    entry = Entry(
        key=member.key,
        name=member.name,
        family=family.name,
        pieces=pieces,
        rejected=dict(+notes.rejected),
        unknown=tuple(sorted(notes.unknown)),
        problem=problem,
    )
    staging.note(entry)
