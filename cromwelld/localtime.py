"""Civil time: noon, dates and clock times of a zone, on days of 23, 24 and 25 hours alike."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.measurements import TIME

UTC = dt.UTC
_DAY_S = 86_400
_PROBE = dt.timedelta(minutes=15)
_SECOND = dt.timedelta(seconds=1)
_WIDEST_OFFSET = dt.timedelta(hours=27)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of one date with one offset: clock seconds [first, end) are UTC seconds `shift` later."""

    first: int
    end: int
    shift: int


def known_zone(name: str) -> bool:
    """Tell whether `name` is a time zone that can be used."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def noon(date: dt.date, zone: str) -> dt.datetime:
    """Give 12:00 on `date` in `zone`, as UTC."""
    return to_utc(dt.datetime.combine(date, dt.time(12)), zone)


def to_utc(clock: dt.datetime, zone: str) -> dt.datetime:
    """Turn a clock time without offset into UTC; in a doubled hour the first pass, in a skipped one the hour after."""
    try:
        return clock.replace(tzinfo=_zone(zone), fold=0).astimezone(UTC)
    except OverflowError as err:
        message = "a clock time outside the years that can be kept"
        raise ValueError(message) from err


def local_date(instant: dt.datetime, zone: str) -> dt.date:
    """Give the civil date of an instant in `zone`."""
    return instant.astimezone(_zone(zone)).date()


def bounds(date: dt.date, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """Give the first instant of `date` in `zone` and the first one after it, as UTC."""
    spans = _spans(date, zone)
    if not spans:  # a date that the zone skipped: nothing lies in it
        start = to_utc(dt.datetime.combine(date, dt.time()), zone)
        return start, start
    midnight_s = _midnight_s(date)
    start_s = min(midnight_s + span.first + span.shift for span in spans)
    end_s = max(midnight_s + span.end + span.shift for span in spans)
    return _EPOCH + dt.timedelta(seconds=start_s), _EPOCH + dt.timedelta(seconds=end_s)


def _midnight_s(date: dt.date) -> int:
    return (date - _EPOCH.date()).days * _DAY_S


@lru_cache(maxsize=4096)
def _spans(date: dt.date, zone: str) -> tuple[_Span, ...]:
    """Cut a civil date into stretches of one offset, in the order in which they pass."""
    info = _zone(zone)
    midnight = dt.datetime.combine(date, dt.time(), tzinfo=UTC)
    probe, stop = midnight - _WIDEST_OFFSET, midnight + _WIDEST_OFFSET + dt.timedelta(days=1)
    stretches: list[tuple[dt.datetime, int]] = []
    while probe < stop:
        offset_s = _offset_s(probe, info)
        if not stretches:
            stretches.append((probe, offset_s))
        elif stretches[-1][1] != offset_s:
            stretches.append((_turn(probe - _PROBE, probe, info), offset_s))
        probe += _PROBE
    ends = [start for start, _ in stretches[1:]] + [stop]
    spans = (_clip(midnight, start, end, offset_s) for (start, offset_s), end in zip(stretches, ends, strict=True))
    return tuple(span for span in spans if span.first < span.end)


def _turn(before: dt.datetime, after: dt.datetime, info: ZoneInfo) -> dt.datetime:
    """Find the second at which the clock is changed; Newfoundland did it at one minute past midnight."""
    offset_s = _offset_s(after, info)
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if _offset_s(middle, info) == offset_s:
            after = middle
        else:
            before = middle
    return after


def _offset_s(instant: dt.datetime, info: ZoneInfo) -> int:
    offset = instant.astimezone(info).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _clip(midnight: dt.datetime, start: dt.datetime, end: dt.datetime, offset_s: int) -> _Span:
    first = int((start - midnight).total_seconds()) + offset_s
    last = int((end - midnight).total_seconds()) + offset_s
    return _Span(max(first, 0), min(last, _DAY_S), -offset_s)


def clock_to_utc(date: dt.date, seconds: pa.Array, zone: str) -> pa.Array:
    """Turn clock times of one date, as seconds since midnight in the order sent, into UTC.

    A doubled hour is its first pass until the clock steps back within it, its second pass from there on; a time in a
    skipped hour is read with the offset before the skip.

    Source: https://dev.fitbit.com/build/reference/web-api/developer-guide/application-design (clock times, no offset)
    """
    spans = _from_midnight(date, zone)
    seconds = pc.cast(seconds, pa.int64())
    shift = _shift_of(spans, seconds)
    micros = pc.multiply(pc.add(pc.add(seconds, shift), _midnight_s(date)), 1_000_000)
    return pc.cast(micros, TIME)


def _from_midnight(date: dt.date, zone: str) -> tuple[_Span, ...]:
    """Give the stretches of a date; where its midnight was skipped, the offset before the skip comes first."""
    spans = _spans(date, zone)
    if spans and spans[0].first == 0:
        return spans
    midnight = dt.datetime.combine(date, dt.time(), tzinfo=UTC)
    return (_Span(0, 0, int((to_utc(midnight, zone) - midnight).total_seconds())), *spans)


def _shift_of(spans: tuple[_Span, ...], seconds: pa.Array) -> pa.Array:
    """Choose each time's shift: the spans are laid over one another, later ones only where they may apply."""
    shift = pa.repeat(pa.scalar(spans[0].shift, pa.int64()), len(seconds))
    for before, after in pairwise(spans):
        doubled = after.first < before.end
        start = before.end if doubled else after.first
        later = pc.greater_equal(seconds, start)
        if doubled:
            later = pc.or_(later, _second_pass(seconds, after.first, before.end))
        shift = pc.if_else(pc.fill_null(later, fill_value=False), after.shift, shift)
    return shift


def _second_pass(seconds: pa.Array, first: int, end: int) -> pa.Array:
    """Mark the times of a doubled hour that come after the clock stepped back."""
    within = pc.and_(pc.greater_equal(seconds, first), pc.less(seconds, end))
    back = _first_step_back(seconds, first, end)
    if back is None:
        return pa.repeat(pa.scalar(value=False), len(seconds))
    position = pa.array(np.arange(len(seconds)))
    return pc.and_(within, pc.greater_equal(position, back))


def _first_step_back(seconds: pa.Array, first: int, end: int) -> int | None:
    """Find the position at which the clock steps back from within or behind the doubled hour into it."""
    steps = pc.and_(
        pc.less(seconds[1:], seconds[:-1]),
        pc.and_(
            pc.greater_equal(seconds[:-1], first),
            pc.and_(pc.greater_equal(seconds[1:], first), pc.less(seconds[1:], end)),
        ),
    )
    position = pc.index(pc.fill_null(steps, fill_value=False), value=True).as_py()
    return position + 1 if position >= 0 else None


def doubled_hour(date: dt.date, zone: str) -> tuple[int, int] | None:
    """Give the clock seconds [first, end) that `date` has twice in `zone`; None on all other days."""
    spans = _spans(date, zone)
    for before, after in pairwise(spans):
        if after.first < before.end:
            return after.first, before.end
    return None


def sent_twice(seconds: pa.Array, doubled: tuple[int, int]) -> bool:
    """Tell whether the doubled hour came twice: whether the clock steps back in it."""
    return _first_step_back(seconds, *doubled) is not None
