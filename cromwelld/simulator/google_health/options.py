"""What a test may ask the simulated vendor to do differently; everything is off by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cromwelld.simulator.faults import FaultPlan
from cromwelld.simulator.front.prefixes import longest

DOCUMENTED_QUOTA = 300
UNVERIFIED_QUOTA = 150
SEEN_ON_HEART_RATE_PAGES = 5000

Account = Literal["ready", "not_linked", "api_disabled", "not_migrated", "not_authorized", "no_profile", "dead_token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Say how requests under a path fail.

    `shape` is the body: a `google` error, an `html` page, or text `cut` inside JSON. `reason` stands in the error's
    details, `retry_after` is sent as the header of that name, where they are given.
    """

    status: int
    shape: Literal["google", "html", "cut"] = "google"
    reason: str | None = None
    retry_after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Say what is odd about pages, by their number from 1.

    `empty` pages hold nothing and carry a token; `short` pages hold half of what they could; `repeating` pages carry
    the token that asked for them, so that a client would ask for ever.
    """

    empty: frozenset[int] = frozenset()
    short: frozenset[int] = frozenset()
    repeating: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Choose the quirks of the vendor.

    - `account`: the state that every request meets. `bearer`: the only right token, None for any.
    - `scopes`: the granted scopes without their common beginning (`sleep.readonly`), None for all.
    - `quota`: requests a minute, None for no limit; `quota_retry_after` is sent with the refusals, undocumented.
    - `refused_filters`: members (`sleep.interval.civil_end_time`) that are refused although documented.
    - `most_points`: the most heart-rate points on a page. `paging`: path prefix to oddities; the longest counts.
    - `last_page`: how it says that it is the last. `reconcile_order`: what order the merged stream comes in.
    - `end_day`: whether a dailyRollUp's end counts. `no_data`: whether windows without data come `bare` or not at all.
    - `failing`: path prefix to failure; the longest prefix counts. Paths begin with `/v4/`. `faults`: a plan of faults.
    """

    account: Account = "ready"
    bearer: str | None = None
    scopes: frozenset[str] | None = None
    quota: int | None = DOCUMENTED_QUOTA
    quota_retry_after: str | None = None
    latency_s: float = 0.0
    refused_filters: frozenset[str] = frozenset()
    most_points: int = SEEN_ON_HEART_RATE_PAGES
    paging: Mapping[str, Paging] = field(default_factory=dict)
    last_page: Literal["bare", "empty_token"] = "bare"
    reconcile_order: Literal["newest", "shuffled"] = "newest"
    end_day: Literal["exclusive", "inclusive"] = "exclusive"
    no_data: Literal["bare", "absent"] = "bare"
    failing: Mapping[str, Failure] = field(default_factory=dict)
    faults: FaultPlan | None = None

    def failure(self, path: str) -> Failure | None:
        """Find the failure that is wanted for a path."""
        return longest(self.failing, path)

    def pages(self, path: str) -> Paging:
        """Find what is odd about the pages of a path."""
        return longest(self.paging, path) or Paging()
