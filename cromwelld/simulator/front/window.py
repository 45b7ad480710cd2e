"""A count of requests that begins anew with every window of the vendor's clock."""

from __future__ import annotations

from datetime import datetime


class Window:
    """Count the requests of the running window of some seconds."""

    def __init__(self, length_s: int) -> None:
        self._length_s = length_s
        self._number = -1
        self.spent = 0

    def spend(self, now: datetime, limit: int | None) -> bool:
        """Count one request and say whether there was room for it; a new window begins with nothing spent."""
        number = int(now.timestamp()) // self._length_s
        if number != self._number:
            self._number, self.spent = number, 0
        has_room = limit is None or self.spent < limit
        self.spent += has_room
        return has_room

    def ends_in_s(self, now: datetime) -> int:
        """Give the seconds until the next window."""
        return self._length_s - int(now.timestamp()) % self._length_s
