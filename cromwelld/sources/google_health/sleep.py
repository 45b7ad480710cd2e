"""Nights and naps: a summary and the levels of each sleep, on the date on which it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from cromwelld.sources.google_health.datatypes import SLEEP
from cromwelld.sources.google_health.origin import device
from cromwelld.sources.google_health.page import payload, records
from cromwelld.sources.google_health.values import count, ended_on, moment, started_on
from cromwelld.sources.google_health.words import word
from cromwelld.sources.parsed import Asked, Parsed, Row, Rows
from cromwelld.sources.values import Object, flag, items, member, obj, text

LEVELS = {"DEEP": 0.0, "LIGHT": 1.0, "REM": 2.0, "AWAKE": 3.0, "ASLEEP": 1.0, "RESTLESS": 2.0}
_MINUTES: Mapping[str | None, Mapping[str, str]] = {
    "stages": {"minutesLight": "LIGHT", "minutesREM": "REM", "minutesDeep": "DEEP"},
    "classic": {"minutesRestless": "RESTLESS"},
}
_DAY = dt.timedelta(days=1)
_LONGEST_S = 48 * 3600.0
_WORKING = "the vendor is still working on the sleep"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """One sleep, times in UTC; `flagged` if Google says that it is the main one of its date."""

    on: dt.date
    start: dt.datetime
    end: dt.datetime
    kind: str | None
    flagged: bool
    nap: bool
    device: str | None
    numbers: Mapping[str, float | None]
    levels: tuple[Row, ...]

    @property
    def length(self) -> dt.timedelta:
        return self.end - self.start


def sleep(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Read every sleep that ends on the dates asked.

    A date with a sleep that is still being computed, or slept, is unready: no night is stored half done.

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/data-types/sleep
    """
    rows = Rows()
    found: list[_Session] = []
    unready: set[dt.date] = set()

    def read(record: Object) -> tuple[()]:
        value = payload(record, SLEEP.key)
        if _unfinished(value):
            unready.update(_may_end(member(value, "interval")))
            return ()
        session = _session(record, asked, rows)
        found.extend([] if session is None else [session])
        return ()

    rows.each(records(pages), read)
    nights = sorted(_once(found), key=lambda one: (one.on, one.start, one.end))
    for on, night in groupby(nights, key=lambda one: one.on):
        for session, tags in _tagged(list(night)):
            rows.add(on, "SleepSummary", _summary(session, tags))
            for level in session.levels:
                rows.add(on, "SleepLevels", {**tags, **level})
    return replace(rows.parsed(), unready=dict.fromkeys(unready, _WORKING))


def _session(record: Object, asked: Asked, rows: Rows) -> _Session | None:
    """Read one sleep; None if its date is not asked, or has no zone."""
    value = payload(record, SLEEP.key)
    interval, metadata = member(value, "interval"), member(value, "metadata")
    on = ended_on(interval)
    if asked.zone_of(on) is None:
        return None
    start, end = moment(interval, "startTime"), moment(interval, "endTime")
    _seconds(start, end)
    kind = word(value, "type")
    kind = None if kind is None else kind.lower()
    return _Session(
        on=on,
        start=start,
        end=end,
        kind=kind,
        flagged="True" in {flag(metadata, "mainSleep"), flag(metadata, "main")},
        nap=flag(metadata, "nap") == "True",
        device=device(record),
        numbers=_numbers(member(value, "summary"), kind),
        levels=tuple(_levels(value, rows)),
    )


def _unfinished(value: Object) -> bool:
    """Tell whether Google is still computing a sleep; what it does not say, the summary tells."""
    if text(member(value, "interval"), "endTime") is None:
        return True
    if flag(member(value, "metadata"), "processed") == "False":
        return True
    return not member(value, "summary") and not items(value, "stages")


def _may_end(interval: Object) -> set[dt.date]:
    """Give the dates to which an unfinished sleep may belong; one without an end may end a day later."""
    if text(interval, "endTime") is not None:
        return {ended_on(interval)}
    start = started_on(interval)
    return {start, start + _DAY}


def _once(found: Iterable[_Session]) -> list[_Session]:
    """Keep one of several copies of a sleep: the one with stages, else the fuller; it is main if any copy is."""
    kept: dict[tuple[dt.datetime, dt.datetime], _Session] = {}
    for one in found:
        other = kept.get((one.start, one.end), one)
        flagged = one.flagged or other.flagged
        kept[one.start, one.end] = replace(max(one, other, key=_fullness), flagged=flagged)
    return list(kept.values())


def _fullness(one: _Session) -> tuple[bool, int, int, str]:
    said = sum(value is not None for value in one.numbers.values())
    return one.kind == "stages", len(one.levels), said, repr((one.device, one.numbers, one.levels))


def _tagged(night: Sequence[_Session]) -> Iterator[tuple[_Session, Row]]:
    """Give each sleep of a date its tags: main by Google's flag; where no sleep has it, the longest that is no nap."""
    main = [one for one in night if one.flagged] or sorted(
        (one for one in night if not one.nap), key=lambda one: (-one.length, one.start)
    )[:1]
    for one in night:
        is_main = str(any(one is other for other in main))
        yield one, {"tag_Device": one.device, "tag_isMainSleep": is_main, "tag_SleepType": one.kind}


def _numbers(summary: Object, kind: str | None) -> Mapping[str, float | None]:
    """Read the minutes that Google counted."""
    by_stage: dict[str | None, float | None] = {}
    for part in items(summary, "stagesSummary"):
        by_stage[text(obj(part), "type")] = count(obj(part), "minutes")
    return {
        "minutesAsleep": count(summary, "minutesAsleep"),
        "minutesInBed": count(summary, "minutesInSleepPeriod"),
        "minutesAwake": count(summary, "minutesAwake"),
    } | {name: by_stage.get(stage) for name, stage in _MINUTES.get(kind, {}).items()}


def _summary(one: _Session, tags: Row) -> Row:
    asleep, in_bed = one.numbers["minutesAsleep"], one.numbers["minutesInBed"]
    if in_bed is None:
        in_bed = one.length.total_seconds() / 60
    fields = {
        **one.numbers,
        "minutesInBed": in_bed,
        "efficiencyDerived": round(100 * asleep / in_bed) if asleep and in_bed >= 1 else None,
        "endTime": one.end.isoformat(),
    }
    return {"time": one.start, **tags, **{f"field_{name}": value for name, value in fields.items()}}


def _levels(value: Object, rows: Rows) -> Iterator[Row]:
    """Give the levels; a bad one is counted and left out. Short awakenings lie over the levels and are not added."""
    for entry in items(value, "stages"):
        try:
            stage = obj(entry)
            start, end = moment(stage, "startTime"), moment(stage, "endTime")
            seconds, said = _seconds(start, end), text(stage, "type")
        except ValueError as err:
            rows.reject(err)
            continue
        level = {"field_level": LEVELS.get(said or ""), "field_stage": said, "field_duration_seconds": seconds}
        yield {"time": start, **level}


def _seconds(start: dt.datetime, end: dt.datetime) -> float:
    seconds = (end - start).total_seconds()
    if not 0 <= seconds <= _LONGEST_S:
        raise ValueError("a sleep or a level of a length that cannot be")
    return seconds
