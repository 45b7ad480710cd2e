"""Points in the making: their times, their offsets, and who recorded them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.person import Person
from cromwelld.simulator.person.civil import utc

QUARTER_S = 15 * 60
Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Name who recorded a point, as `dataSource` tells it; `wearable` is what the families of sources go by."""

    source: Payload
    wearable: bool = False


BY_HAND = Origin({"recordingMethod": "MANUAL", "platform": "FITBIT"})
PHONE = Origin(
    {
        "recordingMethod": "PASSIVELY_MEASURED",
        "device": {"displayName": "MobileTrack", "formFactor": "PHONE"},
        "platform": "FITBIT",
    }
)
HEALTH_CONNECT = Origin(
    {
        "recordingMethod": "ACTIVELY_MEASURED",
        "device": {},
        "platform": "HEALTH_CONNECT",
        "application": {"packageName": "org.example.tracks"},
    }
)


class Deferred(Mapping[str, Any]):
    """A payload that is worked out when it is first looked at, so that years of points can be sorted for one page."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], Payload]) -> None:
        self._make = make

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - JSON
        return self._make()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._make())

    def __len__(self) -> int:
        return len(self._make())


@lru_cache(maxsize=64)
def watch(person: Person, method: str = "PASSIVELY_MEASURED") -> Origin:
    """Name the person's watch, and how it came by what it tells."""
    device = {"displayName": person.device, "formFactor": "WATCH"}
    return Origin({"recordingMethod": method, "device": device, "platform": "FITBIT"}, wearable=True)


@lru_cache(maxsize=64)
def scale(person: Person) -> Origin:
    """Name the person's scale."""
    device = {"displayName": person.scale, "formFactor": "SCALE"}
    return Origin({"recordingMethod": "ACTIVELY_MEASURED", "device": device, "platform": "FITBIT"})


def offset_s(clock: tzinfo, at: int) -> int:
    """Tell how far a clock is ahead of UTC at an instant."""
    return _offset_s(clock, at // QUARTER_S)


@lru_cache(maxsize=65_536)
def _offset_s(clock: tzinfo, quarter: int) -> int:
    """Look the offset up once a quarter of an hour: clocks change at no other instants."""
    offset = datetime.fromtimestamp(quarter * QUARTER_S, clock).utcoffset()
    return round((offset or timedelta()).total_seconds())


def sample(clock: tzinfo, at: int, payload: Payload, origin: Origin, *, name: str | None = None) -> Point:
    """Make a point of one instant."""
    offset = offset_s(clock, at)
    return Point(
        start=at,
        end=at,
        offset_s=offset,
        end_offset_s=offset,
        payload=payload,
        id=name,
        source=origin.source,
        wearable=origin.wearable,
    )


def interval(
    clock: tzinfo, span: tuple[int, int], payload: Payload, origin: Origin, *, name: str | None = None
) -> Point:
    """Make a point of a stretch of time, each end with its own offset."""
    start, end = span
    return Point(
        start=start,
        end=end,
        offset_s=offset_s(clock, start),
        end_offset_s=offset_s(clock, end),
        payload=payload,
        id=name,
        source=origin.source,
        wearable=origin.wearable,
    )


def daily(day: date, payload: Payload, origin: Origin) -> Point:
    """Make a point of a civil date."""
    return Point(payload=payload, day=day, source=origin.source, wearable=origin.wearable)


def stamp(at: int) -> str:
    """Write an instant as the vendor does: UTC, `Z`, no fraction where there is none."""
    return f"{utc(at):%Y-%m-%dT%H:%M:%SZ}"


def duration(seconds: int) -> str:
    """Write a length of time as the vendor does."""
    return f"{seconds}s"


def stretch(clock: tzinfo, start: int, end: int) -> dict[str, str]:
    """Write a stretch of time inside a session: a session's parts have no civil times."""
    return {
        "startTime": stamp(start),
        "startUtcOffset": duration(offset_s(clock, start)),
        "endTime": stamp(end),
        "endUtcOffset": duration(offset_s(clock, end)),
    }


def nonzero(**scalars: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Leave out zero scalars as proto3 does; integers of 64 bits are written as text before."""
    return {name: value for name, value in scalars.items() if value not in (0, "0", False)}
