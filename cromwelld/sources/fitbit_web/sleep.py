"""Nights and naps: a summary and the levels of each sleep, on the date on which it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from cromwelld.errors import FarSideAway
from cromwelld.sources.parsed import Asked, Parsed, Row, Rows
from cromwelld.sources.values import (
    Object,
    count,
    date,
    decode,
    elements,
    flag,
    instant,
    items,
    member,
    moment,
    obj,
    text,
)

LEVELS = {"deep": 0.0, "light": 1.0, "rem": 2.0, "wake": 3.0, "asleep": 1.0, "restless": 2.0, "awake": 3.0}
_MINUTES = {
    "stages": {"minutesLight": "light", "minutesREM": "rem", "minutesDeep": "deep"},
    "classic": {"minutesRestless": "restless"},
}
_LONGEST_S = 48 * 3600.0


@dataclass(frozen=True, slots=True)
class _Night:
    """What the records of one sleep share: `sent` is the start as the vendor wrote it."""

    on: dt.date
    sent: dt.datetime
    start: dt.datetime
    kind: str | None
    tags: Row


def sleep(body: bytes, asked: Asked) -> Parsed:
    """Read every sleep that ends on the dates asked.

    Clock times of a sleep keep the offset that was valid at its start, so end and levels are counted from there.

    Raises: FarSideAway if the vendor is still working on it, BadAnswer if the answer is of another shape.
    Source: https://dev.fitbit.com/build/reference/web-api/sleep/get-sleep-log-by-date-range/
    """
    _refuse_pending(body)
    rows = Rows()

    def read(log: Object) -> Iterator[tuple[dt.date, str, Row]]:
        on = date(log, "dateOfSleep")
        zone = asked.zone_of(on)
        if zone is None:
            return
        night = _night(log, on, zone)
        yield on, "SleepSummary", _summary(log, night)
        yield from ((on, "SleepLevels", row) for row in _levels(log, night, rows))

    rows.each(elements(body, "sleep"), read)
    return rows.parsed()


def _refuse_pending(body: bytes) -> None:
    content = decode(body)
    meta = content.get("meta") if isinstance(content, dict) else None
    if isinstance(meta, dict) and meta.get("state") == "pending":
        raise FarSideAway("the vendor is still working on the sleep", hint="nothing to do: it is asked again later")


def _night(log: Object, on: dt.date, zone: str) -> _Night:
    sent, kind = moment(log, "startTime"), text(log, "type")
    tags = {"tag_isMainSleep": flag(log, "isMainSleep"), "tag_SleepType": kind}
    return _Night(on, sent, instant(sent, zone), kind, tags)


def _summary(log: Object, night: _Night) -> Row:
    summary = member(member(log, "levels"), "summary")
    parts = _MINUTES.get(night.kind or "", {})
    asleep, in_bed = count(log, "minutesAsleep"), count(log, "timeInBed")
    fields = {
        "efficiency": count(log, "efficiency"),
        "efficiencyDerived": round(100 * asleep / in_bed) if asleep and in_bed and in_bed >= 1 else None,
        "minutesAsleep": asleep,
        "minutesInBed": in_bed,
        "minutesAwake": count(log, "minutesAwake"),
        "endTime": _end(log, night),
    } | {name: count(member(summary, level), "minutes") for name, level in parts.items()}
    return {"time": night.start, **night.tags, **{f"field_{name}": value for name, value in fields.items()}}


def _end(log: Object, night: _Night) -> str | None:
    """Give the end as UTC text: by the duration, else by the clock times, which share one offset."""
    duration_ms = count(log, "duration")
    if duration_ms is not None:
        seconds = duration_ms / 1000
    elif text(log, "endTime") is not None:
        seconds = (moment(log, "endTime").replace(tzinfo=None) - night.sent.replace(tzinfo=None)).total_seconds()
    else:
        return None
    return _later(night.start, seconds).isoformat()


def _later(start: dt.datetime, seconds: float) -> dt.datetime:
    if not 0 <= seconds <= _LONGEST_S:
        raise ValueError("a sleep longer than can be")
    return start + dt.timedelta(seconds=seconds)


def _levels(log: Object, night: _Night, rows: Rows) -> Iterator[Row]:
    """Give the levels in order; after a bad one the rest is placed by its own clock times."""
    passed_s: float | None = 0.0
    for entry in items(member(log, "levels"), "data"):
        try:
            level = obj(entry)
            offset_s = passed_s if passed_s is not None else _own_offset(level, night)
            seconds = _seconds(level)
            time = _later(night.start, offset_s)
            word = text(level, "level")
        except ValueError as err:
            rows.reject(err)
            passed_s = None
            continue
        passed_s = offset_s + seconds
        yield {"time": time, **night.tags, **_level(word), "field_duration_seconds": seconds}


def _level(word: str | None) -> Row:
    return {"field_level": LEVELS.get(word or ""), "field_stage": word}


def _seconds(level: Object) -> float:
    seconds = count(level, "seconds")
    if seconds is None or seconds > _LONGEST_S:
        raise ValueError("a level without a length")
    return seconds


def _own_offset(level: Object, night: _Night) -> float:
    name = "dateTime" if "dateTime" in level else "datetime"  # both spellings are sent
    return (moment(level, name).replace(tzinfo=None) - night.sent.replace(tzinfo=None)).total_seconds()
