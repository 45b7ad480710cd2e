"""What monitors and people look at."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from cromwelld import __version__
from cromwelld.daemon.desk.ground import Standing
from cromwelld.daemon.member import Member
from cromwelld.jobs.importing.standing import standing
from cromwelld.jobs.overview import AccountOverview, Overview, account_overview
from cromwelld.monitor.health import Health
from cromwelld.state import Obstacle
from cromwelld.web.protocol import Probe

_WORDS = {Obstacle.LOGIN: "needed", Obstacle.PERSON: "a person is needed at the vendor", Obstacle.RETIRED: "retired"}


class Watching(Standing):
    """Tell how everything stands."""

    def health(self, probe: Probe) -> Health:
        """Say at once what is known; nothing is asked of anybody."""
        return self.ground.health(probe)

    async def metrics(self) -> bytes:
        """Give the metrics in the text format of Prometheus."""
        return await self.ground.metrics()

    async def overview(self) -> Overview:
        """Say how everything stands. Raises: DamagedFile."""
        household = self.ground.household
        members = [seat.member for seat in household.seats.values()]
        return Overview(
            version=__version__,
            at=self.ground.clock(),
            running_since=self.ground.since,
            work=household.words(),
            accounts=tuple(await asyncio.to_thread(lambda: [_overview(member) for member in members])),
        )


def _overview(member: Member) -> AccountOverview:
    places = member.places
    standings = places.ledger.standings.of(member.name)
    login = next((word for obstacle, word in _WORDS.items() if obstacle in standings), "kept")
    about = (member.account.source, login if member.line is not None else "not needed")
    found = account_overview(places.ledger, places.outbox, member.name, about=about, today=member.today())
    state, every_s = member.settings.state_dir, member.settings.alerts.import_reminder_after_s
    return replace(found, exports=standing(state, member.account, every_s))
