"""What the probes are told."""

from __future__ import annotations

from collections.abc import Iterator

from cromwelld.daemon.household import Household
from cromwelld.daemon.obstacles import known
from cromwelld.state import Obstacle
from cromwelld.web.protocol import Health, Probe, Reason


class Probes:
    """Answer at once from what the accounts know."""

    def __init__(self, household: Household) -> None:
        self._household = household

    def health(self, probe: Probe) -> Health:
        """Say whether the process is alive, which it is as long as this is answered, and whether it can work."""
        reasons = () if probe is Probe.ALIVE else tuple(self._reasons())
        return Health(ok=not reasons, reasons=reasons)

    async def metrics(self) -> bytes:
        """Give the metrics."""
        return b""

    def _reasons(self) -> Iterator[Reason]:
        for name, seat in self._household.seats.items():
            for standing in known(seat.member):
                if standing.obstacle is not Obstacle.PAUSED:
                    yield Reason(code=f"{standing.obstacle.value}", account=name, sentence=standing.reason)
