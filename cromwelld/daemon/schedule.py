"""When an account's dates are asked for by themselves: once a day, today in between, what failed once more. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from cromwelld import localtime
from cromwelld.state import Run, RunState, WishedBy

SPREAD_S = 600  # the vendor is not asked by everybody at the stroke of the hour
MOST_MISSED = 30
_RETRIES_S = (900, 3600, 4 * 3600)
_DAY = dt.timedelta(days=1)
_WRONG_CLOCK = dt.timedelta(minutes=10)
_UNFINISHED = frozenset({RunState.FAILED, RunState.INCOMPLETE})


class Cycle(Enum):
    """Why dates are due: they have ended, they are today, or they could not be had."""

    DAILY = "daily"
    TODAY = "today"
    RETRY = "retry"


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
    """Dates, oldest first, that are due at an instant (UTC), which may have passed."""

    cycle: Cycle
    at: dt.datetime
    dates: tuple[dt.date, ...]


def next_due(timetable: Timetable, runs: Sequence[Run], now: dt.datetime) -> Due:
    """Say what is due next, from the account's runs in any order; what is due already is dated in the past.

    A run of the future was entered by a clock that was wrong, and is not believed.
    """
    known = _believed(runs, now)
    scheduled = [run for run in known if run.wished_by is WishedBy.SCHEDULE]
    found = [_daily(timetable, scheduled, now), *_refresh(timetable, scheduled, now), *_retry(known, now)]
    return min(found, key=lambda due: max(due.at, now))


def missed(timetable: Timetable, runs: Sequence[Run], now: dt.datetime) -> tuple[dt.date, ...]:
    """List the dates that have ended and were not had by the schedule: for when what was in the way is gone."""
    scheduled = [run for run in _believed(runs, now) if run.wished_by is WishedBy.SCHEDULE]
    return _between(_done(timetable, scheduled), timetable.today(now))


def _believed(runs: Sequence[Run], now: dt.datetime) -> list[Run]:
    return sorted((run for run in runs if run.asked_at <= now + _WRONG_CLOCK), key=lambda run: run.asked_at)


def _daily(timetable: Timetable, scheduled: Sequence[Run], now: dt.datetime) -> Due:
    """Give what has ended and was not had, once for each time that `daily_at` passes; the first time at once."""
    today, done = timetable.today(now), _done(timetable, scheduled)
    turn = today if timetable.daily(today) <= now else today - _DAY
    if done is None and not scheduled:
        return Due(cycle=Cycle.DAILY, at=now, dates=_between(None, today))
    begun = timetable.daily(turn)
    tried = any(run.asked_at >= begun and min(run.dates) < timetable.today(run.asked_at) for run in scheduled)
    turn += _DAY if tried else dt.timedelta()
    turn = turn if done is None else max(turn, done + 2 * _DAY)
    return Due(cycle=Cycle.DAILY, at=timetable.daily(turn), dates=_between(done, turn))


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


def _retry(known: Sequence[Run], now: dt.datetime) -> Iterator[Due]:
    """Give what a run could not have, after waits that grow; then no more, until its ordinary time comes."""
    done: set[dt.date] = set()
    tried: dict[tuple[dt.date, ...], list[Run]] = {}
    for run in reversed(known):
        if run.state is RunState.DONE or not run.state.ended:
            done |= set(run.dates)
        elif run.state in _UNFINISHED and not done.issuperset(run.dates):
            tried.setdefault(run.dates, []).append(run)
    for dates, failed in tried.items():
        ended = failed[0].ended_at
        if ended is not None and len(failed) <= len(_RETRIES_S) and now - ended < _DAY:
            at = ended + dt.timedelta(seconds=_RETRIES_S[len(failed) - 1])
            yield Due(cycle=Cycle.RETRY, at=at, dates=dates)
