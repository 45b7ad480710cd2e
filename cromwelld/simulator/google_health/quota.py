"""The vendor's count of requests, by the minute of its own clock.

Source: https://developers.google.com/health/rate-limits
"""

from __future__ import annotations

from datetime import datetime

MINUTE_S = 60


class MinuteQuota:
    """Count the requests of the running minute."""

    def __init__(self) -> None:
        self._minute = -1
        self._spent = 0

    def spend(self, now: datetime, limit: int | None) -> bool:
        """Count one request and say whether there was room for it; a new minute begins with nothing spent."""
        minute = int(now.timestamp()) // MINUTE_S
        if minute != self._minute:
            self._minute, self._spent = minute, 0
        if limit is not None and self._spent >= limit:
            return False
        self._spent += 1
        return True

    @property
    def spent(self) -> int:
        """Give how many requests the running minute has had."""
        return self._spent
