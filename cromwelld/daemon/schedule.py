"""When an account is looked after by itself: once a day, in between for today, and when something is open. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import takewhile

from cromwelld import localtime
from cromwelld.state import Run, RunState, WishedBy

SPREAD_S = 600  # the vendor is not asked by everybody at the stroke of the hour
MOST_MISSED = 30
_LEAST_REST_S, _LONGEST_REST_S = 900, 4 * 3600
_MOST_FAILURES = 8
_DAY = dt.timedelta(days=1)
_WRONG_CLOCK = dt.timedelta(minutes=10)


class Cycle(Enum):
    """Why it is time: days have ended, today goes on, or the ledger has something that is due again."""

    DAILY = "daily"
    TODAY = "today"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """One account's times: `daily_at` on the clock of its `zone`, and every `refresh_s` seconds for today.

    `spread`, from 0 up to 1, is the account's own place in the minutes after `daily_at`, and within `refresh_s`.
    """

    daily_at: dt.time
    refresh_s: int | None
    zone: str
    spread: float = 0.0

    def daily(self, date: dt.date) -> dt.datetime:
        """Give the instant (UTC) on `date` at which the dates before it are due; a skipped hour is the one after it."""
        clock = dt.datetime.combine(date, self.daily_at)
        return localtime.to_utc(clock, self.zone) + dt.timedelta(seconds=int(self.spread * SPREAD_S))

    def today(self, now: dt.datetime) -> dt.date:
        """Give the date that it is where the person is."""
        return localtime.local_date(now, self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A cycle that is due at an instant (UTC), which may have passed, and the dates it is for, oldest first."""

    cycle: Cycle
    at: dt.datetime
    dates: tuple[dt.date, ...]


def next_due(timetable: Timetable, runs: Sequence[Run], now: dt.datetime, *, open_at: dt.datetime | None = None) -> Due:
    """Say what is due next, from the account's runs in any order; what is due already is dated in the past.

    `open_at` is when the ledger has something that is due again. A run of the future was entered by a clock that was
    wrong, and is not believed.
    """
    scheduled = _scheduled(runs, now)
    opened = _opened(timetable, scheduled, open_at, now)
    found = [_daily(timetable, scheduled, now), *_refresh(timetable, scheduled, now), *opened]
    return min(found, key=lambda due: max(due.at, now))


def missed(timetable: Timetable, runs: Sequence[Run], now: dt.datetime) -> tuple[dt.date, ...]:
    """List the dates that have ended and were not had by the schedule: for when what was in the way is gone."""
    return _between(_done(timetable, _scheduled(runs, now)), timetable.today(now))


def _scheduled(runs: Sequence[Run], now: dt.datetime) -> list[Run]:
    """Give what the schedule wished and can be believed, oldest first."""
    known = (run for run in runs if run.wished_by is WishedBy.SCHEDULE and run.asked_at <= now + _WRONG_CLOCK)
    return sorted(known, key=lambda run: run.asked_at)


def _daily(timetable: Timetable, scheduled: Sequence[Run], now: dt.datetime) -> Due:
    """Give what has ended and was not had, once for each time that `daily_at` passes; the first time at once."""
    today, done = timetable.today(now), _done(timetable, scheduled)
    turn = today if timetable.daily(today) <= now else today - _DAY
    if done is None and not scheduled:
        return Due(cycle=Cycle.DAILY, at=now, dates=(*_between(None, today), today))
    begun = timetable.daily(turn)
    tried = any(run.asked_at >= begun and min(run.dates) < timetable.today(run.asked_at) for run in scheduled)
    turn += _DAY if tried else dt.timedelta()
    turn = turn if done is None else max(turn, done + 2 * _DAY)
    at = timetable.daily(turn)
    return Due(cycle=Cycle.DAILY, at=at, dates=(*_between(done, turn), timetable.today(max(at, now))))


def _done(timetable: Timetable, scheduled: Sequence[Run]) -> dt.date | None:
    """Give the newest date that was over, where the person is now, when it was asked for and something came."""
    ended = (
        date
        for run in scheduled
        if run.state is not RunState.FAILED
        for date in run.dates
        if date < timetable.today(run.asked_at)
    )
    return max(ended, default=None)


def _between(done: dt.date | None, turn: dt.date) -> tuple[dt.date, ...]:
    """List the dates after `done`, if any is, and before `turn`; the newest of them where there are very many."""
    first = turn - _DAY if done is None else max(done + _DAY, turn - MOST_MISSED * _DAY)
    return tuple(first + count * _DAY for count in range((turn - first).days))


def _refresh(timetable: Timetable, scheduled: Sequence[Run], now: dt.datetime) -> Iterator[Due]:
    """Give today, once in every stretch of `refresh_s` seconds."""
    if timetable.refresh_s is None:
        return
    stretch = dt.timedelta(seconds=timetable.refresh_s)
    passed_s = (int(now.timestamp()) - int(timetable.spread * timetable.refresh_s)) % timetable.refresh_s
    begun = now.replace(microsecond=0) - dt.timedelta(seconds=passed_s)
    seen = any(run.asked_at >= begun and timetable.today(run.asked_at) in run.dates for run in scheduled)
    at = begun + stretch if seen else begun
    yield Due(cycle=Cycle.TODAY, at=at, dates=(timetable.today(max(at, now)),))


def _opened(
    timetable: Timetable, scheduled: Sequence[Run], open_at: dt.datetime | None, now: dt.datetime
) -> Iterator[Due]:
    """Give what the ledger has open, and what failed, with a rest after the last time that grows while it fails."""
    ends = [run.ended_at for run in scheduled if run.ended_at is not None]
    failures = _failures(scheduled)
    if ends:
        rested = max(ends) + dt.timedelta(seconds=min(_LONGEST_REST_S, _LEAST_REST_S * 2**failures))
        open_at = rested if failures else max(open_at, rested) if open_at is not None else None
    if open_at is not None:
        today = timetable.today(max(open_at, now))
        turn = today if timetable.daily(today) <= now else today - _DAY
        again = _between(_done(timetable, scheduled), turn) if failures else ()
        yield Due(cycle=Cycle.OPEN, at=open_at, dates=(*again, today))


def _failures(scheduled: Sequence[Run]) -> int:
    """Count the runs at the end that failed, up to those that make a difference."""
    ended = [run.state for run in scheduled if run.state.ended]
    return len(list(takewhile(lambda state: state is RunState.FAILED, ended[:-_MOST_FAILURES:-1])))
