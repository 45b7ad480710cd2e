"""Exports that somebody puts into an account's folder, imported without a person, each once."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cromwelld.daemon.board import Board, Import
from cromwelld.daemon.member import Member
from cromwelld.daemon.upkeep import keep_up
from cromwelld.disk import check_readable
from cromwelld.errors import CromwelldError, FarSideAway, NotWritable, place_of
from cromwelld.events import Event, Kind
from cromwelld.jobs.importing import attempts, judging, record
from cromwelld.jobs.importing.attempts import Attempt
from cromwelld.jobs.importing.run import Hearing, Imported, import_export
from cromwelld.sources.takeout.members import identity
from cromwelld.state import Obstacle
from cromwelld.wiring.exports import order_of, reading_of

_LOOK = dt.timedelta(minutes=1)  # no file system tells of a new file everywhere: a share, an older kernel, a container
_DAY = dt.timedelta(days=1)
_PASSING = (FarSideAway, NotWritable)


class _Stopped(Exception):
    """Leave the work where it is; what was read stays read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """How one try ended: why the export is not wholly in, "" if it is, and whether that passes by itself."""

    reason: str = ""
    passing: bool = False
    imported: Imported | None = None


class Importer:
    """Look into one account's folder until told to finish; an export that is being read is then left where it is."""

    def __init__(self, member: Member, board: Board) -> None:
        self._member = member
        self._board = board
        self._finishing = False
        self._trouble = ""
        self._kept_up_at: dt.datetime | None = None

    def finish(self) -> None:
        """Read no more."""
        self._finishing = True
        self._member.exports.ring()

    async def work(self) -> None:
        """Import what is there, and look again."""
        while not self._finishing:
            try:
                await self.look()
                self._trouble = ""
            except (CromwelldError, OSError) as err:
                self._tell(err)
            await self._member.exports.until(self._member.places.clock() + _LOOK)

    async def look(self) -> None:
        """Import what waits now. Raises: StoreError; OSError."""
        await self._keep_up()
        for parts in await asyncio.to_thread(self._waiting):
            if not self._finishing:
                await self._import(parts)

    def _tell(self, err: CromwelldError | OSError) -> None:
        """Say what is in the way, once."""
        what = f"exports of {self._member.account.import_from} cannot be looked at ({type(err).__name__})"
        problem = err.message if isinstance(err, CromwelldError) else what
        if problem != self._trouble:
            self._trouble = problem
            self._member.places.report(Event(Kind.WORK_WAITS, {"problem": problem}))

    async def _keep_up(self) -> None:
        """Look after the archive of an account that has no daily run which does it."""
        now = self._member.places.clock()
        if self._member.line is None and (self._kept_up_at is None or now - self._kept_up_at >= _DAY):
            self._kept_up_at = now
            async with self._member.turn:
                await keep_up(self._member)

    def _waiting(self) -> list[list[Path]]:
        """List the exports to import now, the oldest first. Blocks. Raises: OSError; DamagedFile; NotWritable."""
        folder, now = self._member.account.import_from, self._member.places.clock()
        if folder is None or Obstacle.PAUSED in self._member.places.ledger.standings.of(self._member.name):
            return []
        check_readable(folder)
        names = [path.name for path in folder.iterdir()]
        tried = attempts.load(self._tried)
        lying = attempts.lying(tried, names)
        if lying != tried:
            attempts.save(self._tried, lying)
        reading = reading_of(self._member.account)
        again = {one.parts for one in lying if one.settings != reading}
        imported = [one for one in record.load(self._records) if one.parts not in again]
        found = record.new_exports(folder, imported, now.timestamp())
        return [parts for parts in found if _due(attempts.found(lying, _identities(parts), reading), now)]

    @property
    def _tried(self) -> Path:
        return attempts.attempts_file(self._member.settings.state_dir, self._member.name)

    @property
    def _records(self) -> Path:
        return record.record_file(self._member.settings.state_dir, self._member.name)

    async def _import(self, parts: Sequence[Path]) -> None:
        """Import one export, and keep what came of it."""
        places, work = self._member.places, Import(account=self._member.name, name=parts[0].name)
        attempt = await asyncio.to_thread(self._begun, parts)
        places.report(Event(Kind.EXPORT_BEGUN, {"export": work.name, "files": len(parts)}))
        self._board.import_begins(work)
        try:
            async with self._member.turn:
                end = await self._ended(parts, work)
            await asyncio.to_thread(self._enter, attempt, end)
            self._report(work.name, end)
        except _Stopped:
            await asyncio.to_thread(self._keep, attempt.interrupted(places.clock()))
        except asyncio.CancelledError:
            with suppress(CromwelldError):
                self._keep(attempt.interrupted(places.clock()))
            raise
        finally:
            self._board.import_ends(work)
        self._member.waits.ring()

    def _begun(self, parts: Sequence[Path]) -> Attempt:
        """Count the try before it is made. Blocks. Raises: StoreError."""
        reading, identities = reading_of(self._member.account), _identities(parts)
        known = attempts.found(attempts.load(self._tried), identities, reading)
        names = tuple(path.name for path in parts)
        begun = (known or Attempt(names=names, parts=identities, settings=reading)).begun(self._member.places.clock())
        self._keep(begun)
        return begun

    def _keep(self, attempt: Attempt) -> None:
        attempts.save(self._tried, attempts.replaced(attempts.load(self._tried), attempt))

    def _enter(self, attempt: Attempt, end: _End) -> None:
        """Keep how a try ended; what is wholly in is in the list of imports. Blocks."""
        if end.reason:
            self._keep(attempt.failed(end.reason, self._member.places.clock(), lasting=not end.passing))
        else:
            attempts.save(self._tried, attempts.gone(attempts.load(self._tried), attempt))

    async def _ended(self, parts: Sequence[Path], work: Import) -> _End:
        """Try it. Whatever is wrong with it is why it is not in, and nobody else's business."""
        order = order_of(self._member.settings, self._member.account, parts)

        def count(_: object) -> None:
            if self._finishing:
                raise _Stopped
            work.done += 1

        try:
            imported = await self._patiently(import_export(self._member.places, order, Hearing(file=count, date=count)))
        except _Stopped:
            raise
        except CromwelldError as err:
            hint = f"; {err.hint}" if err.hint else ""
            return _End(reason=f"{err.message}{hint}", passing=isinstance(err, _PASSING))
        except Exception as err:  # noqa: BLE001 - a mistake in one export must not take the others with it
            return _End(reason=f"a mistake in cromwelld itself ({place_of(err)}): please report it")
        passing = judging.passes_by_itself(imported)
        return _End(reason=judging.lacking(imported), passing=passing, imported=imported)

    async def _patiently(self, importing: Coroutine[None, None, Imported]) -> Imported:
        """Wait for the end of an import; cancelled, until the thread that reads has come to the end of its file."""
        task = asyncio.ensure_future(importing)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._finishing = True
            await asyncio.wait({task})
            task.exception()  # it was stopped, and nobody else asks for it
            raise

    def _report(self, name: str, end: _End) -> None:
        kind = Kind.EXPORT_WAITS if end.passing else Kind.EXPORT_REFUSED if end.reason else Kind.EXPORT_IMPORTED
        fields: dict[str, str | int | float] = {"export": name}
        if end.imported is not None:
            fields |= {"dates": len(end.imported.dates), "changed": end.imported.changed}
        self._member.places.report(Event(kind, {**fields, **({"reason": end.reason} if end.reason else {})}))


def _due(attempt: Attempt | None, now: dt.datetime) -> bool:
    return attempt is None or (attempt.again_at is not None and attempt.again_at <= now)


def _identities(parts: Sequence[Path]) -> tuple[str, ...]:
    return tuple(identity(part) for part in parts)
