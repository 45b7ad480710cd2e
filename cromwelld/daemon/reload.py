"""SIGHUP: the configuration is read again, then dates are collected that somebody laid there, or yesterday."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from cromwelld.config import Settings
from cromwelld.daemon import rerun
from cromwelld.daemon.changes import changes
from cromwelld.daemon.household import Household
from cromwelld.errors import ConfigurationError, CromwelldError
from cromwelld.events import Event, Kind, Report
from cromwelld.state import RunWish, WishedBy

_GRACE_S = 30.0
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """Read the configuration again by `read`, which raises ConfigurationError if it is bad.

    `configured` hears what is wrong with it, an empty text if nothing is.
    """

    read: Callable[[], Settings]
    household: Household
    report: Report
    configured: Callable[[str], None]

    async def __call__(self) -> None:
        """Take on what is new and good, keep the old where it is not; then ask for the dates. Nothing is raised."""
        try:
            new = await asyncio.to_thread(self.read)
            await self._take_on(new)
            self.configured("")
        except CromwelldError as err:
            self._refuse(err)
        await self._asked()

    async def resume(self) -> None:
        """Ask for the dates of a file that was set aside by a process that then died. Nothing is raised."""
        if (self.household.settings.state_dir / rerun.TAKEN).exists():
            await self._asked()

    async def _asked(self) -> None:
        try:
            await asyncio.to_thread(self._ask)
        except CromwelldError as err:
            self.report(Event(Kind.RERUN_REFUSED, {"problem": err.message, "hint": err.hint}))
        for seat in self.household.seats.values():
            seat.member.wanted.ring()
            seat.member.exports.ring()

    async def _take_on(self, new: Settings) -> None:
        """Let the accounts work by the new settings, and say what has changed.

        What counts only after a restart stays as it was, so that the next reload still says so.
        """
        old = self.household.settings
        found = changes(old, new)
        await self.household.change(replace(new, state_dir=old.state_dir, http=old.http), _GRACE_S)
        for change in found:
            kind = Kind.SETTING_WAITS if change.restart else Kind.SETTING_CHANGED
            self.report(Event(kind, {"key": change.key, "old": change.old, "new": change.new}))

    def _refuse(self, err: CromwelldError) -> None:
        problems = err.problems if isinstance(err, ConfigurationError) and err.problems else (err.message,)
        self.configured("; ".join(problems))
        for problem in problems:
            self.report(Event(Kind.SETTINGS_REFUSED, {"problem": problem, "hint": err.hint}))

    def _ask(self) -> None:
        """Enter the dates that were laid there, or yesterday of every account, as runs. Raises: StoreError."""
        state = self.household.settings.state_dir
        text = rerun.take(state)
        if text is None:
            for name, seat in self.household.seats.items():
                if seat.member.line is not None:
                    self._enter(name, {seat.member.today() - _DAY})
            return
        found = rerun.read(text, list(self.household.seats), lambda name: self.household.seats[name].member.today())
        for problem in found.problems:
            self.report(Event(Kind.RERUN_REFUSED, {"problem": problem}))
        wanted: dict[str, set[dt.date]] = {}
        for one in found.wanted:
            dates = (one.first + count * _DAY for count in range((one.last - one.first).days + 1))
            wanted.setdefault(one.account, set()).update(dates)
        for name, several in wanted.items():
            self._enter(name, several)
        rerun.forget(state)

    def _enter(self, account: str, dates: set[dt.date]) -> None:
        places = self.household.seats[account].member.places
        wish = RunWish(account=account, dates=frozenset(dates), wished_by=WishedBy.SIGNAL)
        places.ledger.runs.ask(wish, places.clock())
