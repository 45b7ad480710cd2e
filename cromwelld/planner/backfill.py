"""What a backfill costs, before it starts; pure."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cromwelld.pieces import Stream
from cromwelld.planner.duties import batches

DATE_BYTES = 150_000  # an object of a date with the watch on, about


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many requests a backfill may send in a window of so many seconds; None is no limit."""

    requests: int
    window_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a backfill asks for: dates, requests by stream, hours at the quota, bytes in the archive.

    `tracks` of the requests are a guess: there is one for each activity that a watch recorded, and nobody knows how
    many there are before they are listed.
    """

    dates: int
    requests: Mapping[str, int]
    tracks: int
    hours: float
    size_bytes: int

    @property
    def total(self) -> int:
        """Add up the requests, the guess included."""
        return sum(self.requests.values()) + self.tracks


def estimate(streams: Mapping[str, Stream], asked: Mapping[str, Collection[dt.date]], rate: Rate | None) -> Estimate:
    """Count what the batches for wanted dates will send, the devices among it, which are asked with each of them."""
    requests: Counter[str] = Counter()
    for batch in batches("", streams, asked):
        names = Counter(piece.stream for piece in batch.pieces)
        for follower in [name for name in names if streams[name].follows]:
            del names[follower]
            names[streams[follower].follows] = 1  # one list serves a batch, whoever needs it
        requests += names
    known = {name: math.ceil(count * streams[name].requests) for name, count in requests.items()}
    guessed = (streams[name].requests * len(dates) for name, dates in asked.items() if streams[name].follows)
    tracks, dates = math.ceil(sum(guessed)), len(set().union(*asked.values()))
    total = sum(known.values()) + tracks
    hours = 0.0 if rate is None else total / rate.requests * rate.window_s / 3600
    return Estimate(dates=dates, requests=known, tracks=tracks, hours=hours, size_bytes=dates * DATE_BYTES)
