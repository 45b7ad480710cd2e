"""The data points of the simulated vendor, before they are filtered, paged and summed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Hold one data point: `start` and `end` are UTC seconds since 1970 (equal for samples), each with its own offset.

    `payload` stands under the type's key in answers, without its time container (`interval`, `sampleTime`, `date`),
    which is built from the fields here. `day` is set for daily types only. `id` is set for types that have names.
    `wearable` says whether a watch or tracker recorded it (data source family `google-wearables`).
    """

    start: int = 0
    end: int = 0
    offset_s: int = 0
    end_offset_s: int = 0
    payload: Mapping[str, Any] = field(default_factory=dict)
    day: date | None = None
    id: str | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    wearable: bool = True

    @property
    def civil_start(self) -> datetime:
        """Give the start on the clock that the person's wrist showed, without an offset."""
        return _civil(self.start, self.offset_s)

    @property
    def civil_end(self) -> datetime:
        """Give the end on the clock that the person's wrist showed, without an offset."""
        return _civil(self.end, self.end_offset_s)


def _civil(seconds: int, offset_s: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone(timedelta(seconds=offset_s))).replace(tzinfo=None)


class Records(Protocol):
    """Give what the vendor's cloud knows at this moment; the application asks anew at every request."""

    def points(self, path: str, first: date, last: date) -> Sequence[Point]:
        """Give the points of a type whose civil start, end or day lies within the dates, both included, in any order.

        More than that may be given: the application filters. Types without `list` (total-calories,
        calories-in-heart-rate-zone, floors) are given as if they had one: the application sums them up.
        """

    def span(self) -> tuple[date, date]:
        """Give the first and the last civil date of which anything is known."""

    def settings(self) -> Mapping[str, Any]:
        """Give the body of `users/me/settings`."""

    def profile(self) -> Mapping[str, Any]:
        """Give the body of `users/me/profile`."""

    def identity(self) -> Mapping[str, Any]:
        """Give the body of `users/me/identity`."""

    def paired_devices(self) -> Sequence[Mapping[str, Any]]:
        """Give the devices, as `users/me/pairedDevices` lists them."""

    def tcx(self, exercise: str) -> str | None:
        """Give the TCX file of an exercise by its id, None where it has no route."""
