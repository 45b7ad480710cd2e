"""A day of heart rate from Google's pages to Arrow tables, against msgspec that decodes the same bytes."""

from __future__ import annotations

import datetime as dt
import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec
import pytest

from cromwelld.sources.google_health.samples import heart_rate
from cromwelld.sources.parsed import Asked, Parsed

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

RUNS = 7
SAMPLES, PAGE = 30_000, 5_000
DATE = dt.date(2026, 3, 10)
OFFSET = dt.timedelta(hours=1)
ASKED = Asked(first=DATE, last=DATE, zone=lambda _: "Europe/Paris")


class Date(msgspec.Struct):
    year: int
    month: int
    day: int


class Clock(msgspec.Struct):
    hours: int = 0
    minutes: int = 0
    seconds: int = 0


class CivilTime(msgspec.Struct):
    date: Date
    time: Clock


class SampleTime(msgspec.Struct):
    physicalTime: str  # noqa: N815 - the vendor's word
    utcOffset: str  # noqa: N815 - the vendor's word
    civilTime: CivilTime  # noqa: N815 - the vendor's word


class HeartRate(msgspec.Struct):
    sampleTime: SampleTime  # noqa: N815 - the vendor's word
    beatsPerMinute: str  # noqa: N815 - the vendor's word


class Point(msgspec.Struct):
    heartRate: HeartRate  # noqa: N815 - the vendor's word


class Page(msgspec.Struct):
    dataPoints: list[Point]  # noqa: N815 - the vendor's word
    nextPageToken: str = ""  # noqa: N815 - the vendor's word


DECODER = msgspec.json.Decoder(Page)


def _point(when: dt.datetime, beats: int) -> object:
    local = when + OFFSET
    clock = {"hours": local.hour, "minutes": local.minute, "seconds": local.second}
    civil = {
        "date": {"year": local.year, "month": local.month, "day": local.day},
        "time": {name: value for name, value in clock.items() if value},
    }
    at = {"physicalTime": f"{when:%Y-%m-%dT%H:%M:%SZ}", "utcOffset": "3600s", "civilTime": civil}
    return {"heartRate": {"sampleTime": at, "beatsPerMinute": str(beats)}}


def _points() -> list[object]:
    """Invent a day, newest first: irregular seconds, a heart that wanders."""
    dice, beats, found = random.Random(11), 60, []
    midnight = dt.datetime.combine(DATE, dt.time(), tzinfo=dt.UTC) - OFFSET
    for second in sorted(dice.sample(range(86_400), SAMPLES)):
        beats = min(max(beats + dice.randint(-3, 3), 44), 176)
        found.append(_point(midnight + dt.timedelta(seconds=second), beats))
    return found[::-1]


def _pages(indent: int | None) -> list[bytes]:
    points = _points()
    separators = (",", ":") if indent is None else (",", ": ")
    bodies = []
    for start in range(0, SAMPLES, PAGE):
        body = {"dataPoints": points[start : start + PAGE], "nextPageToken": "next" if start + PAGE < SAMPLES else ""}
        bodies.append(json.dumps(body, indent=indent, separators=separators).encode())
    return bodies


def _structs(pages: Sequence[bytes]) -> list[Page]:
    return [DECODER.decode(page) for page in pages]


def _tables(pages: Sequence[bytes]) -> Parsed:
    return heart_rate(pages, ASKED)


def _seconds(way: Callable[[Sequence[bytes]], object], pages: Sequence[bytes]) -> float:
    gc.collect()
    start = time.perf_counter()
    held = way(pages)
    seconds = time.perf_counter() - start
    del held  # what freeing costs is nobody's time
    return seconds


@contextmanager
def _small_heap() -> Iterator[None]:
    """Keep the collector from walking through what the tests hold: it would be counted against msgspec."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("indent", [None, 2], ids=["compact", "pretty"])
def test_a_day_of_heart_rate_takes_at_most_twice_what_decoding_takes(indent: int | None) -> None:
    pages = _pages(indent)
    rows = next(iter(_tables(pages).tables.values())).num_rows
    assert rows == sum(len(page.dataPoints) for page in _structs(pages)) == SAMPLES
    with _small_heap():
        pairs = [(_seconds(_tables, pages), _seconds(_structs, pages)) for _ in range(RUNS)]
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    ours_ms, theirs_ms = (statistics.median(times) * 1e3 for times in zip(*pairs, strict=True))
    size_mb = sum(map(len, pages)) / 1e6
    said = f"{ratio:.2f} of msgspec (median of {RUNS}: {ours_ms:.0f} ms against {theirs_ms:.0f} ms, {size_mb:.1f} MB)"
    sys.stdout.write(f"\n{SAMPLES} samples to tables, {'compact' if indent is None else 'pretty'}: {said}\n")
    assert ratio <= 2
