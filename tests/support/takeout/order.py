"""What is asked of an export: whose, of which dates, in which layout, with which traps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from cromwelld.simulator.fitbit_web.options import Options
from cromwelld.simulator.fitbit_web.view import View
from cromwelld.simulator.person import Person
from cromwelld.simulator.person.civil import civil_date, seconds_of, utc

DAY = dt.timedelta(days=1)
LATE_S = 451


class Layout(Enum):
    """Name the generations of layout, oldest first."""

    SITE_EXPORT = "site-export"
    FITBIT = "fitbit"
    GOOGLE_FLAT = "google-flat"
    GOOGLE_FOLDERS = "google-folders"


class Trap(Enum):
    """Name what real exports do to a careless reader."""

    RECORDERS = "the phone and a mirror of Health Connect tell the same minutes again"
    LIVE_PACE = "a file of paces repeats the steps of the watch"
    OXYGEN_FLOOR = "bad readings of oxygen are exactly 50"
    PADDING = "daily files go on after the export with placeholders"
    HEADER_ONLY = "scores are files with nothing but a header"
    ACCOUNT_UNIT = "the weights without a unit are kilograms, not pounds"
    LOCAL_HEART = "the heart's naive stamps are on the person's clock"
    LOCAL_MINUTES = "the naive stamps of steps and distance are on the person's clock"
    PSEUDO_JSON = "the limits of zones are no JSON and of 1970"
    MILLI_BREATHS = "breaths by stage are thousandths, as their header says"
    EMPTY_CELLS = "now and then a heartbeat has no value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Plant differences from the truth.

    `late_h` shifts the stamps of the files whose name begins so, in hours: `heart_rate_` is the table in UTC,
    `heart_rate-` its naive twin.
    """

    late_h: Mapping[str, int] = field(default_factory=dict)
    steps_times: int = 1
    zone_minutes_times: int = 1

    def late_s(self, prefix: str) -> int:
        """Tell by how many seconds the stamps of a file are late."""
        return 3600 * self.late_h.get(prefix, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Ask for an export of a person's dates from `first` to when it was made.

    `exported_at` says when that was: what the watch had not synced by then is not in it. Without one it was made
    minutes after the end of `last`. `junk` is the share of all bytes that nobody should read.
    """

    person: Person
    first: dt.date
    last: dt.date
    layout: Layout
    traps: frozenset[Trap] = frozenset()
    planted: Planted = Planted()
    junk: float = 0.0
    exported_at: dt.datetime | None = None

    @property
    def made(self) -> dt.datetime:
        """Tell when the export was made."""
        return self.exported_at or utc(self.person.civil(self.last).end + LATE_S)

    @property
    def view(self) -> View:
        """See the person as the vendor's cloud did when the export was made."""
        return View(person=self.person, options=Options(), now=self.made)

    @property
    def end(self) -> dt.date:
        """Give the last date of which anything was synced."""
        return civil_date(seconds_of(self.view.synced) - 1, self.person.tz)

    @property
    def days(self) -> list[dt.date]:
        """List the dates in order."""
        return [self.first + DAY * number for number in range((self.end - self.first).days + 1)]

    @property
    def of_fitbit(self) -> bool:
        """Tell whether the export bears the old brand."""
        return self.layout in {Layout.SITE_EXPORT, Layout.FITBIT}

    @property
    def app(self) -> str:
        """Name what the vendor's own app is called as a recorder."""
        return "Fitbit App" if self.of_fitbit else "Google Health App"
