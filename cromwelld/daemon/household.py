"""All accounts of the process: each is opened, works and leaves for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from cromwelld.config import Account, Settings
from cromwelld.daemon.board import Board
from cromwelld.daemon.draining import Drain
from cromwelld.daemon.importing import Importer
from cromwelld.daemon.member import Member, member_of
from cromwelld.daemon.worker import Worker
from cromwelld.errors import UsageError
from cromwelld.events import Report
from cromwelld.jobs.places import Clock


@dataclass(slots=True, kw_only=True)
class Seat:
    """An open account, those who work for it, and what is to be closed behind them."""

    member: Member
    worker: Worker
    drain: Drain
    importer: Importer
    stack: AsyncExitStack
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def leave(self, grace_s: float) -> None:
        """Let what is being worked on finish within `grace_s` seconds, abandon the rest, and close everything."""
        self.worker.finish()
        self.drain.finish()
        self.importer.finish()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=grace_s)
            self.abandon()
            await asyncio.wait(self.tasks)
        await self.stack.aclose()

    def abandon(self) -> None:
        """Cancel what is being worked on."""
        for task in self.tasks:
            task.cancel()


class Household:
    """Know the accounts that are open."""

    def __init__(self, settings: Settings, report: Report, clock: Clock, board: Board) -> None:
        self.settings = settings
        self.seats: dict[str, Seat] = {}
        self.board = board
        self._report = report
        self._clock = clock
        self._begin: Callable[[Seat], None] = lambda _: None

    def seat(self, account: str) -> Seat:
        """Give an account that is open. Raises: UsageError."""
        found = self.seats.get(account)
        if found is None:
            raise UsageError("there is no account of that name", hint=f"there are: {', '.join(self.seats)}")
        return found

    async def open(self) -> None:
        """Open every account of the settings.

        Raises: ConfigurationError; NotWritable; ForeignFolder; DamagedFile; then none is open.
        """
        self.seats = await self._opened(self.settings, self.settings.accounts)

    def begin(self, group: asyncio.TaskGroup) -> None:
        """Let every account work, and those that come later; whoever of them dies ends the group."""

        def begin(seat: Seat) -> None:
            seat.tasks = {group.create_task(part.work()) for part in (seat.worker, seat.drain, seat.importer)}

        self._begin = begin
        for seat in self.seats.values():
            begin(seat)

    async def change(self, settings: Settings, grace_s: float) -> None:
        """Take on other settings: accounts that differ are opened anew, and only then their predecessors leave.

        Raises: as `open`; then everything is as it was.
        """
        before = self.settings
        shared = _shared(before) == _shared(settings)
        changed = {
            name: account
            for name, account in settings.accounts.items()
            if not shared or before.accounts.get(name) != account
        }
        opened = await self._opened(settings, changed)
        self.settings = settings
        gone = [name for name in self.seats if name not in settings.accounts or name in opened]
        await self._leave(gone, grace_s)
        self.seats |= opened
        for seat in opened.values():
            self._begin(seat)

    async def leave(self, grace_s: float) -> None:
        """Let every account finish what it is at."""
        await self._leave(list(self.seats), grace_s)

    def abandon(self) -> None:
        """Let nobody finish anything."""
        for seat in self.seats.values():
            seat.abandon()

    def words(self) -> str:
        """Say what is being done, or what is next."""
        return self.board.words() or f"waiting; {self._next()}"

    def _next(self) -> str:
        turns = ((seat.worker.next_at, name) for name, seat in self.seats.items() if seat.worker.next_at is not None)
        at, name = min(turns, default=(None, ""))
        return "nothing is due" if at is None else f"{name} is next at {at:%Y-%m-%d %H:%M} UTC"

    async def _leave(self, names: list[str], grace_s: float) -> None:
        await asyncio.gather(*(self.seats[name].leave(grace_s) for name in names))
        for name in names:
            del self.seats[name]

    async def _opened(self, settings: Settings, accounts: Mapping[str, Account]) -> dict[str, Seat]:
        opened: dict[str, Seat] = {}
        try:
            for name, account in accounts.items():
                opened[name] = await self._seat(settings, account)
        except BaseException:
            for seat in opened.values():
                await seat.leave(0)
            raise
        return opened

    async def _seat(self, settings: Settings, account: Account) -> Seat:
        async with AsyncExitStack() as stack:
            member = await stack.enter_async_context(member_of(settings, account, self._report, self._clock))
            return Seat(
                member=member,
                worker=Worker(member, self.board),
                drain=Drain(member),
                importer=Importer(member, self.board),
                stack=stack.pop_all(),
            )
        raise AssertionError  # a block with `return` ends here only for mypy


def _shared(settings: Settings) -> tuple[object, ...]:
    """Give what every account works by."""
    return settings.archive, settings.schedule, settings.backfill
