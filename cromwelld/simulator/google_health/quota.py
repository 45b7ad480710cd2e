"""The vendor's count of requests, by the minute of its own clock.

Source: https://developers.google.com/health/rate-limits
"""

from __future__ import annotations

from cromwelld.simulator.front.window import Window

MINUTE_S = 60


class MinuteQuota(Window):
    """Count the requests of the running minute."""

    def __init__(self) -> None:
        super().__init__(MINUTE_S)
