"""What an export tells of itself: its dates, its nights, how its times are to be read, in what unit it weighs."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cromwelld.jobs.importing.staging import Staging
from cromwelld.sources.takeout import body, clocks
from cromwelld.sources.takeout.calendar import Calendar
from cromwelld.sources.takeout.clocks import TWINS, Evidence, Span, Twin
from cromwelld.sources.takeout.daily import is_watch
from cromwelld.sources.takeout.families import BY_NAME
from cromwelld.sources.takeout.family import Clock
from cromwelld.sources.takeout.sleep import nights
from cromwelld.sources.takeout.window import Facts, Window

_DAY = dt.timedelta(days=1)
_SAMPLES, _SAMPLE_DATES = 12, 3
_EVER = (dt.datetime(1, 1, 1), dt.datetime(9999, 1, 1))  # noqa: DTZ001 - as times are written
_FILE_DATE = re.compile(r"-(\d{4}-\d{2}-\d{2})\.json$", re.IGNORECASE)
WINDOW_DATES = 10  # what lies around each window is read with it
_PULSE = ("heart_rate", "json_heart_rate")
_IN_USE = dt.timedelta(days=30)  # a watch that has not synced for longer is not waited for


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known beside the export.

    `told` gives the zone stored with a date or set for it. `given` says how a person wants families without a zone to
    be read. `today` is the person's.
    """

    told: Callable[[dt.date], str | None]
    today: dt.date
    steps_from: str = "watch"
    given: Mapping[str, Clock] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The facts of an export, the evidence for its clocks, and the families that nothing decides."""

    facts: Facts
    evidence: Mapping[str, Evidence]
    undecided: tuple[str, ...]
    first: dt.date
    last: dt.date


def find(staging: Staging, known: Known) -> Findings | None:
    """Look at the whole of what was read; None if there is nothing. Blocks."""
    span = _span(staging, known.today)
    if span is None:
        return None
    slept = staging.load("user_sleeps", *_EVER)
    calendar = Calendar(told=known.told, nights=[] if slept is None else nights(slept))
    bare = Facts(calendar=calendar, end=span[1], steps_from=known.steps_from)
    evidence = {twin.family: _measured(staging, bare, twin) for twin in TWINS if staging.span(twin.family)}
    named = _named(staging, calendar)
    hints = {"json_heart_rate": named} if named is not None else {}
    if not any(clocks.differs(calendar, day) for day in each_day(*span)):
        hints = dict.fromkeys(evidence, Clock.UTC)  # the person's clock is that of UTC
    decided = clocks.decide(evidence, known.given, hints)
    facts = Facts(
        calendar=calendar,
        clocks=decided,
        end=span[1],
        open_from=_open_from(staging, calendar, decided),
        kg=_kilograms(staging),
        steps_from=known.steps_from,
    )
    undecided = tuple(name for name in evidence if name not in decided)
    return Findings(facts=facts, evidence=evidence, undecided=undecided, first=span[0], last=span[1])


def windows(staging: Staging, findings: Findings) -> Iterator[tuple[dt.date, dt.date]]:
    """Give the dates of an export in stretches, those without anything left out."""
    days = sorted({day for first, last in _stretches(staging) for day in _each_window(first, last)})
    for day in days:
        last = min(day + (WINDOW_DATES - 1) * _DAY, findings.last)
        if last >= findings.first and day <= findings.last:
            yield max(day, findings.first), last


def zoneless(staging: Staging, findings: Findings) -> int:
    """Count the dates with rows on which no zone is known, so that nothing of them was imported. Blocks."""
    known = findings.facts.calendar
    days = {day for stretch in _stretches(staging) for day in stretch if findings.first <= day <= findings.last}
    return sum(known.cutting(day) is None for day in days)


def _each_window(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Give the beginnings of the windows that a stretch reaches into: the same windows for every export."""
    start = dt.date.fromordinal((first.toordinal() - 1) // WINDOW_DATES * WINDOW_DATES)
    while start <= last + _DAY:
        yield start
        start += WINDOW_DATES * _DAY


def _stretches(staging: Staging) -> Iterator[tuple[dt.date, dt.date]]:
    for family in BY_NAME:
        for first, last in staging.stretches(family):
            yield _date(first), _date(last)


def _span(staging: Staging, today: dt.date) -> tuple[dt.date, dt.date] | None:
    """Give the first date and the last one that is no placeholder and has begun."""
    found = {family: span for family in BY_NAME if (span := staging.span(family))}
    if not found:
        return None
    real = [_date(last) for family, (_, last) in found.items() if not BY_NAME[family].padded]
    return min(_date(first) for first, _ in found.values()) - _DAY, min(max(real, default=today) + _DAY, today)


def _open_from(staging: Staging, calendar: Calendar, decided: Mapping[str, Clock]) -> dt.date | None:
    """Give the first date that goes on after the export: its last one, or that of a watch's last sync shortly before.

    What a watch measured after it had synced is in the next export, whatever a phone counted meanwhile.
    """
    ends = {
        family: _last_date(calendar, span[1], decided.get(family, kind.clock))
        for family, kind in BY_NAME.items()
        if (span := staging.span(family)) and not kind.padded
    }
    last = max(ends.values(), default=None)
    synced = max((*(ends[family] for family in _PULSE if family in ends), *_syncs(staging, calendar)), default=None)
    return synced if synced is not None and last is not None and last - synced <= _IN_USE else last


def _last_date(calendar: Calendar, last: str, clock: Clock) -> dt.date:
    when = dt.datetime.fromisoformat(last)
    return _date_of(calendar, when) if clock is Clock.UTC else when.date()


def _syncs(staging: Staging, calendar: Calendar) -> Iterator[dt.date]:
    """Give the dates on which watches last synced, as the list of devices has them."""
    devices = staging.load("trackers", *_EVER)
    for row in [] if devices is None else devices.to_pylist():
        if is_watch(row["device"]):
            yield _date_of(calendar, row["when"])


def _date_of(calendar: Calendar, when: dt.datetime) -> dt.date:
    return calendar.date_of(_utc(when)) or when.date()


def each_day(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Give the dates from `first` to `last`."""
    return (first + step * _DAY for step in range((last - first).days + 1))


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text[:10])


def _measured(staging: Staging, facts: Facts, twin: Twin) -> Evidence:
    return clocks.measure(_samples(staging, facts, twin), twin)


def _samples(staging: Staging, facts: Facts, twin: Twin) -> Iterator[Window]:
    """Give some dates, spread over all of those of which there are both copies."""
    copies = staging.stretches(twin.copy)
    both = sorted({day for mine in staging.stretches(twin.family) for day in _shared(mine, copies)})
    both = [day for day in both if clocks.differs(facts.calendar, day)] or both
    step = max(len(both) // _SAMPLES, 1)
    for day in both[::step][:_SAMPLES]:
        yield Window(first=day, last=day + (_SAMPLE_DATES - 1) * _DAY, load=staging.load, facts=facts)


def _shared(mine: tuple[str, str], others: Sequence[tuple[str, str]]) -> Iterator[dt.date]:
    """Give a date in the middle of each stretch that two copies share."""
    for other in others:
        first, last = max(mine[0], other[0]), min(mine[1], other[1])
        if first <= last:
            yield _date(first) + (_date(last) - _date(first)) // 2


def _named(staging: Staging, calendar: Calendar) -> Clock | None:
    spans = []
    for entry in staging.entries:
        match = _FILE_DATE.search(entry.name)
        if entry.family == "json_heart_rate" and match and entry.pieces:
            ends = (min(one.first for one in entry.pieces), max(one.last for one in entry.pieces))
            spans.append(Span(_date(match[1]), *(dt.datetime.fromisoformat(end) for end in ends)))
    return clocks.by_names(spans, calendar) if spans else None


def _kilograms(staging: Staging) -> float | None:
    rows, csv = staging.load("json_weight", *_EVER), staging.load("weight", *_EVER)
    if rows is None:
        return None
    records = [(_utc(row["when"]), json.loads(row["record"])) for row in rows.to_pylist()]
    grams = [] if csv is None else [(_utc(row["when"]), row["value"]) for row in csv.to_pylist() if row["value"]]
    return body.unit(records, grams)


def _utc(when: dt.datetime) -> dt.datetime:
    """Take a time for UTC: to tell which weighings are near, a zone more or less does not matter."""
    return when.replace(tzinfo=dt.UTC)
