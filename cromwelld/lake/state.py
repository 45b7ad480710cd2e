"""What `compilation_state.json` says: whose folder it is, and from which object each date came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from cromwelld.errors import DamagedFile, ForeignFolder, StoreError
from cromwelld.lake.files import Files
from cromwelld.lake.layout import DAYS, PARTITIONED, STATE, many_dates

FORMAT = 1


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The archive object that a date's rows are in, the digest of its content, and the mark that its store gave it.

    Equal marks mean equal content without a look at it; no mark means nothing. `also` are the other dates of which the
    object holds records. With `lent` no object bears the date: its rows are what objects of other dates hold of it.
    What is empty beyond object and digest is not written.
    """

    object: str
    digest: str
    mark: str = ""
    also: tuple[str, ...] = ()
    lent: bool = False


class _Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The file's members, in their order."""

    format: int
    processed_dates: tuple[str, ...]
    total_records: int
    latest_date: str | None
    last_updated: str | None
    dates: dict[str, Origin]
    unsettled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompilationState:
    """The dates in the tables and where they came from; `last_updated` is when anything else here last changed.

    `unsettled` are the dates of which several objects hold records, where what those objects are has changed since it
    was decided which of them gives what.
    """

    processed_dates: tuple[str, ...] = ()
    total_records: int = 0
    last_updated: str | None = None
    origins: dict[str, Origin] = field(default_factory=dict)
    unsettled: frozenset[str] = frozenset()

    def noted(self, origins: Mapping[str, Origin]) -> CompilationState:
        """Take in what dates come from; the other dates that a changed object reaches, or did, are to be settled."""
        reached = {
            date
            for named, new in origins.items()
            for old in [self.origins.get(named, Origin(object="", digest=""))]
            if (old.digest, old.also) != (new.digest, new.also)
            for date in (*old.also, *new.also)
        }
        return replace(self, origins={**self.origins, **origins}, unsettled=self.unsettled | reached)

    def reaching(self) -> dict[str, list[str]]:
        """Name for each date the others whose objects hold records of it."""
        found: dict[str, list[str]] = {}
        for named, origin in sorted(self.origins.items()):
            for date in origin.also:
                found.setdefault(date, []).append(named)
        return found

    def dump(self) -> bytes:
        """Write the state as JSON: equal states give equal bytes."""
        told = _Told(
            format=FORMAT,
            processed_dates=self.processed_dates,
            total_records=self.total_records,
            latest_date=self.processed_dates[-1] if self.processed_dates else None,
            last_updated=self.last_updated,
            dates=dict(sorted(self.origins.items())),
            unsettled=tuple(sorted(self.unsettled)),
        )
        return msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"


def load(files: Files) -> CompilationState | None:
    """Read the state of a folder; None if the folder is new.

    Raises: ForeignFolder if another program keeps it; DamagedFile.
    """
    try:
        with files.open(STATE) as source:
            text = source.read()
    except PermissionError as err:
        raise StoreError(f"cannot read {files.name(STATE)}", hint="give your user the right to read it") from err
    except (FileNotFoundError, NotADirectoryError):
        if _has_tables(files):
            raise _foreign(files) from None
        return None
    try:
        told = msgspec.json.decode(text, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError) as err:
        raise _unlike(files, text) from err
    if told.format != FORMAT:
        raise _unlike(files, text)
    return CompilationState(
        processed_dates=told.processed_dates,
        total_records=told.total_records,
        last_updated=told.last_updated,
        origins=told.dates,
        unsettled=frozenset(told.unsettled),
    )


def _unlike(files: Files, text: bytes) -> StoreError:
    """Say whose or what a state is that is not as we write it."""
    try:
        value = msgspec.json.decode(text, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = {"format": FORMAT}
    if "format" not in value:
        return _foreign(files)
    if value["format"] != FORMAT:
        message = f"{files.name()} was written by another version of cromwelld (format {value['format']})"
        return StoreError(message, hint=f"install that version, or rebuild the folder: {_remedy(files)}")
    return DamagedFile(f"{files.name(STATE)} is damaged: not what we wrote", hint=_remedy(files))


def save(files: Files, state: CompilationState, before: CompilationState | None, now: dt.datetime) -> bool:
    """Write the state unless it is the one `before` but for the time; tell whether it was written.

    Raises: NotWritable.
    """
    if before is not None and replace(before, last_updated=None) == replace(state, last_updated=None):
        return False
    with files.create(STATE) as sink:
        sink.write(replace(state, last_updated=now.isoformat(timespec="seconds")).dump())
    return True


def _has_tables(files: Files) -> bool:
    return any(files.exists(path) for path in (*many_dates(), DAYS.path, *(m.table for m in PARTITIONED)))


def _foreign(files: Files) -> ForeignFolder:
    message = f"{files.name()} holds tables that another program wrote: it is read, but not written"
    return ForeignFolder(message, hint=f"build a fresh folder from the archive: {_remedy(files)}")


def _remedy(files: Files) -> str:
    return f"cromwelld compile --all --data-dir {files.name()} ARCHIVE-FOLDER"
