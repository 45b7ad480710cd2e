"""What a test may ask the simulated vendor to do differently; everything is off by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from cromwelld.simulator.faults import FaultPlan
from cromwelld.simulator.front.prefixes import longest
from cromwelld.simulator.person import Sleep

DOCUMENTED_QUOTA = 150
MOST_ITEMS_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Say how requests under a path fail.

    `shape` is the body: `legacy` errors, the `google` front end's error, an `html` page, or text `cut` inside JSON.
    `retry_after` is sent as the header of that name if it is given.
    """

    status: int
    shape: Literal["legacy", "google", "html", "cut"] = "legacy"
    error_type: str | None = None
    retry_after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Choose the quirks of the vendor.

    - `fall_back`: `twice` sends the second pass of the doubled hour after the first, time stepping back; `once` sends
      the heart rate of the first pass only, and minutes merged to one pass.
    - `quota`: requests an hour, None for no limit. `bearer`: the only right token, None for any.
    - `page_size`: the most items on a page. `after_date`: whether `afterDate` leaves out its whole `day` or only what
      lies before its first `instant`.
    - `sleep_pending`: sleep is being worked out. `sentinels`: -1, null and 50.0 stand for no value.
    - `intraday_missing`: 200 without the intraday key, as for an app that is not of type Personal.
    - `edits`: a date's sleeps instead of the person's. `failing`: path prefix to failure; the longest prefix counts.
    - `links`: the base of absolute links; by default the address that was asked. `faults`: a plan of faults.
    """

    fall_back: Literal["twice", "once"] = "twice"
    intraday_missing: bool = False
    latency_s: float = 0.0
    sleep_pending: bool = False
    sentinels: bool = False
    page_size: int = MOST_ITEMS_ON_A_PAGE
    after_date: Literal["instant", "day"] = "instant"
    quota: int | None = DOCUMENTED_QUOTA
    bearer: str | None = None
    links: str | None = None
    edits: Mapping[date, tuple[Sleep, ...]] = field(default_factory=dict)
    failing: Mapping[str, Failure] = field(default_factory=dict)
    faults: FaultPlan | None = None

    def failure(self, path: str) -> Failure | None:
        """Find the failure that is wanted for a path."""
        return longest(self.failing, path)
