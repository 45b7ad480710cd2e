"""The vendor's way to write times: wall clock readings without an offset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from cromwelld.simulator.person.civil import MINUTE_S, Span


@dataclass(frozen=True, slots=True)
class Minute:
    """Name a real minute by the clock: `label` is HH:MM, `second_pass` marks the doubled hour's second run."""

    label: str
    second_pass: bool


@lru_cache(maxsize=64)
def clock_minutes(span: Span, clock: tzinfo) -> tuple[Minute, ...]:
    """Name every minute of a stretch."""
    return tuple(_minutes(span, clock))


def _minutes(span: Span, clock: tzinfo) -> Iterator[Minute]:
    for start in range(span.start, span.end, MINUTE_S):
        moment = datetime.fromtimestamp(start, clock)
        yield Minute(moment.strftime("%H:%M"), bool(moment.fold))


def naive(moment: datetime, clock: tzinfo) -> str:
    """Write an instant on the person's clock, in milliseconds and without an offset."""
    return without_offset(moment.astimezone(clock))


def on_clock_of(start: datetime, moment: datetime, clock: tzinfo) -> str:
    """Write an instant of a sleep with the offset that was valid at the sleep's start.

    Source: https://github.com/pkpio/fitbit-googlefit/pull/86
    """
    offset = start.astimezone(clock).utcoffset()
    return without_offset((moment.astimezone(UTC).replace(tzinfo=None) + offset) if offset else moment)


def without_offset(moment: datetime) -> str:
    """Write a reading in milliseconds and drop its offset."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")


def with_offset(moment: datetime, clock: tzinfo) -> str:
    """Write an instant in milliseconds with its offset, `Z` where that is zero."""
    text = moment.astimezone(clock).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
