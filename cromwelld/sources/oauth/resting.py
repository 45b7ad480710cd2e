"""How long a token endpoint is left alone after it was away: a state with an end, never a loop. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from cromwelld.errors import FarSideAway


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """No request for `rest_s` after `since`; `failures` in a row made it that long."""

    failures: int = 0
    since: dt.datetime | None = None
    rest_s: float = 0.0

    def left_s(self, now: dt.datetime) -> float:
        """Give the seconds that are left, 0 for none; a clock that was set back ends the rest."""
        if self.since is None or now < self.since:
            return 0.0
        return max(0.0, self.rest_s - (now - self.since).total_seconds())

    def longer(self, error: FarSideAway, *, now: dt.datetime, first_s: float, longest_s: float) -> Rest:
        """Rest after one more failure: twice as long as the last time, or as long as the vendor says, to a limit."""
        doubled_s = first_s * 2 ** min(self.failures, 16)
        rest_s = min(longest_s, max(doubled_s, error.retry_after_s or 0.0))
        return Rest(failures=self.failures + 1, since=now, rest_s=rest_s)
