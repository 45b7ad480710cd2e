"""The vendor's count of requests, by the hour of its own clock.

Source: https://dev.fitbit.com/build/reference/web-api/developer-guide/application-design
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cromwelld.simulator.front.window import Window

HOUR_S = 3600
AS_GOOD_AS_NO_LIMIT = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Hold what is left after a request; `refused` where there was nothing left for it."""

    limit: int
    remaining: int
    reset_s: int
    refused: bool

    def headers(self) -> dict[str, str]:
        """Write the headers that stand on every answer."""
        return {
            "fitbit-rate-limit-limit": str(self.limit),
            "fitbit-rate-limit-remaining": str(self.remaining),
            "fitbit-rate-limit-reset": str(self.reset_s),
        }


class HourlyQuota:
    """Count the requests of the running hour."""

    def __init__(self) -> None:
        self._window = Window(HOUR_S)

    def spend(self, now: datetime, limit: int | None) -> Spent:
        """Count one request; a new hour begins with nothing spent."""
        has_room = self._window.spend(now, limit)
        allowed = AS_GOOD_AS_NO_LIMIT if limit is None else limit
        remaining = max(0, allowed - self._window.spent)
        return Spent(limit=allowed, remaining=remaining, reset_s=self._window.ends_in_s(now), refused=not has_room)
