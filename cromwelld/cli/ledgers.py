"""What commands that only look are told: by the daemon where one runs, by the ledger where none does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from cromwelld import __version__
from cromwelld.cli import speaking
from cromwelld.config import Account, Settings
from cromwelld.jobs.importing.standing import standing
from cromwelld.jobs.overview import AccountOverview, Overview, account_overview
from cromwelld.jobs.summary import Summary, from_json
from cromwelld.outbox import Outbox
from cromwelld.state import Ledger, Run
from cromwelld.web.client import Client
from cromwelld.web.problems import NotThere
from cromwelld.wiring import access, build


class Looked(Protocol):
    """What can be looked at."""

    async def overview(self) -> Overview:
        """Say how everything stands."""

    async def runs(self, account: str | None, most: int) -> Sequence[Run]:
        """Give the newest runs, newest first."""

    async def run(self, run: int) -> Run | None:
        """Give a run; None if there is none of that number."""

    async def report(self, run: int) -> Summary | None:
        """Give what a run did; None if nothing is kept of it."""


@asynccontextmanager
async def looked_at(settings: Settings) -> AsyncIterator[Looked]:
    """Open what there is to look at; nothing is made where nothing was collected yet.

    Raises: UsageError if the state folder is another user's; Held if the daemon does not answer; DamagedFile.
    """
    found = speaking.daemon_of(settings)
    file = settings.state_dir / "ledger.sqlite"
    if found is not None:
        async with Client(found) as client:
            yield _Told(client)
        return
    with TemporaryDirectory() as scratch, closing(_ledger(file, Path(scratch))) as ledger:
        yield _Read(settings, ledger)


def _ledger(file: Path, scratch: Path) -> Ledger:
    """Open the ledger, or an empty one elsewhere: looking makes nothing where nothing was collected yet."""
    return Ledger(file if file.exists() else scratch / file.name)


class _Told:
    """Ask the daemon."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def overview(self) -> Overview:
        return await self._client.overview()

    async def runs(self, account: str | None, most: int) -> Sequence[Run]:
        return await self._client.runs(account, most)

    async def run(self, run: int) -> Run | None:
        try:
            return await self._client.whole_run(run)
        except NotThere:
            return None

    async def report(self, run: int) -> Summary | None:
        try:
            return await self._client.report(run)
        except NotThere:
            return None


class _Read:
    """Read the ledger."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings = settings
        self._ledger = ledger

    async def overview(self) -> Overview:
        found = tuple(self._account(account) for account in self._settings.accounts.values())
        return Overview(version=__version__, at=build.now(), accounts=found)

    def _account(self, account: Account) -> AccountOverview:
        outbox = Outbox(self._settings.state_dir / "outbox" / account.name)
        today = build.today_of(account, self._ledger, build.now)
        about = (account.source, access.login_word(self._settings, account))
        found = account_overview(self._ledger, outbox, account.name, about=about, today=today)
        state, every_s = self._settings.state_dir, self._settings.alerts.import_reminder_after_s
        return replace(found, exports=standing(state, account, every_s))

    async def runs(self, account: str | None, most: int) -> Sequence[Run]:
        return self._ledger.runs.newest(most, account=account)

    async def run(self, run: int) -> Run | None:
        return self._ledger.runs.find(run)

    async def report(self, run: int) -> Summary | None:
        try:
            return from_json(self._ledger.runs.report(run))
        except ValueError:  # none yet, none any more, or one of another version
            return None
