"""One account in the daemon: its folders and its way to the vendor, open for as long as its settings stay the same."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from cromwelld import localtime
from cromwelld.config import Account, Settings
from cromwelld.daemon.alarm import Alarm
from cromwelld.daemon.schedule import Timetable
from cromwelld.errors import LoginNeeded
from cromwelld.events import Report
from cromwelld.jobs.places import Clock, Places
from cromwelld.wiring.access import Access, Line, access_of, line_of
from cromwelld.wiring.build import archive_place, places_of
from cromwelld.wiring.vendors import VENDORS

_LOCALTIME = Path("/etc/localtime")
_ZONES = "zoneinfo/"
_SPREADS = 2**32


@dataclass(slots=True, kw_only=True)
class Member:
    """An account that is open; `line` is None for one that nothing can be collected for.

    `turn` is held by whoever stores: one at a time. `wanted` wakes the one who collects, `waits` the one who drains,
    `exports` the one who looks for exports. `opened_at` is since when it is looked after. `more` says that there is
    work at once, whatever the schedule says.
    """

    account: Account
    settings: Settings
    places: Places
    line: Line | None
    wanted: Alarm
    waits: Alarm
    exports: Alarm
    opened_at: dt.datetime
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    more: bool = False

    @property
    def name(self) -> str:
        """Give the account's name."""
        return self.account.name

    @property
    def way(self) -> str:
        """Say to whom its questions go: what is another's is not taken for what befell this one."""
        return "" if self.line is None else f"{self.account.source} {self.line.access.base_url}"

    @property
    def streams(self) -> tuple[str, ...]:
        """List the streams that it can be asked for."""
        offered = VENDORS[self.account.source].streams if self.account.source in VENDORS else {}
        return tuple(name for name in offered if name not in self.account.leave_out)

    @property
    def where(self) -> dict[str, str]:
        """Say where things lie."""
        return {
            "archive": archive_place(self.settings, self.account),
            "tables": str(self.account.data_dir),
            "state": str(self.settings.state_dir),
        }

    def today(self) -> dt.date:
        """Give the date that it is where the person is. Blocks."""
        return self.timetable().today(self.places.clock())

    def timetable(self) -> Timetable:
        """Give the account's times, in the zone that was last known of it, else in this machine's. Blocks."""
        zone = self.account.timezone or self.places.ledger.last_zone(self.name) or machine_zone(os.environ.get("TZ"))
        schedule = self.settings.schedule
        return Timetable(
            daily_at=schedule.daily_at,
            refresh_s=schedule.refresh_s(self.account.source),
            zone=zone,
            spread=crc32(f"{self.settings.state_dir} {self.way} {self.name}".encode()) / _SPREADS,
        )


@asynccontextmanager
async def member_of(settings: Settings, account: Account, report: Report, clock: Clock) -> AsyncIterator[Member]:
    """Open an account; nothing is asked of anybody, and a login need not be there.

    Raises: ConfigurationError; NotWritable; ForeignFolder; DamagedFile if something local cannot be used.
    """
    async with places_of(settings, account, report, clock) as places:
        found = Member(
            account=account,
            settings=settings,
            places=places,
            line=None,
            wanted=Alarm(clock),
            waits=Alarm(clock),
            exports=Alarm(clock),
            opened_at=clock(),
        )
        if account.source not in VENDORS:
            yield found
            return
        access = access_of(settings, account, places.report)
        await asyncio.to_thread(_show_readable, access)
        async with line_of(access, places) as found.line:
            yield found


def _show_readable(access: Access) -> None:
    """See that the login can be read, if there is one: a damaged one is for a person, one that may not be is local."""
    if access.store is not None:
        try:
            access.store.load()
        except LoginNeeded:
            return


def machine_zone(told: str | None) -> str:
    """Name the zone of this machine, by $TZ or /etc/localtime; UTC where neither names one."""
    linked = os.path.realpath(_LOCALTIME).partition(_ZONES)[2]
    return next((zone for zone in (told, linked) if zone and localtime.known_zone(zone)), "UTC")
