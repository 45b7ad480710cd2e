"""One account's runs, one after the other: those that somebody wished, and those that the schedule wishes."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence

from cromwelld.daemon import obstacles
from cromwelld.daemon.board import Board
from cromwelld.daemon.carrying_out import Done, Orders, carry_out, refused
from cromwelld.daemon.member import Member
from cromwelld.daemon.schedule import Cycle, missed, next_due
from cromwelld.daemon.upkeep import keep_up
from cromwelld.errors import Retired, StoreError
from cromwelld.events import Event, Kind
from cromwelld.jobs.open_work import awaited
from cromwelld.lake.memory import give_back
from cromwelld.monitor.logs import during
from cromwelld.state import Run, RunState, RunWish, WishedBy

_LOOKED_AT = 300  # runs; the newest of each purpose is among them
_NEVER = dt.timedelta(days=1)
_PATIENCE = dt.timedelta(minutes=5)
_DAY = dt.timedelta(days=1)


class Worker:
    """Work for one account until it is told to finish; then the run that is being worked on is the last."""

    def __init__(self, member: Member, board: Board) -> None:
        self._member = member
        self._board = board
        self._finishing = False
        self._unentered: tuple[Run, Done] | None = None
        self._light: int | None = None
        self._resume_at: dt.datetime | None = None
        self.next_at: dt.datetime | None = None

    def finish(self) -> None:
        """Begin no other run."""
        self._finishing = True
        self._member.wanted.ring()

    async def work(self) -> None:
        """Do what is to be done, and wait for what is to be done next; a disk that takes nothing is waited for."""
        while not self._finishing:
            try:
                turn = await asyncio.to_thread(self._turn)
                if isinstance(turn, Run):
                    self.next_at = None
                    await self._carry_out(turn)
                    continue
            except StoreError as err:
                self._member.places.report(Event(Kind.WORK_WAITS, {"problem": err.message}))
                turn = self._member.places.clock() + _PATIENCE
            self.next_at = turn
            await self._member.wanted.until(turn)

    def _turn(self) -> Run | dt.datetime:
        """Give the next run, or when to look again."""
        if self._unentered is not None:
            self._enter(*self._unentered)
        now, name, runs = self._member.places.clock(), self._member.name, self._member.places.ledger.runs
        resting = obstacles.rest(self._member, now)
        waiting = (run for run in runs.waiting() if run.account == name)
        wished = next((run for run in waiting if resting is None or run.wished_by is not WishedBy.SCHEDULE), None)
        if wished is not None:
            return wished
        if resting is not None or self._member.line is None:
            return resting or now + _NEVER
        known = runs.newest(_LOOKED_AT, account=name)
        if freed := self._freed(known, now):
            return freed
        if self._goes_on(known, now):
            return self._ask((self._member.timetable().today(now),), now)
        due_at = self._member.places.ledger.open_work.next_due(name)
        open_at = min(filter(None, (due_at, self._older_at(now))), default=None)
        due = next_due(self._member.timetable(), known, now, open_at=open_at)
        if due.at > now:
            return due.at
        asked = self._ask(due.dates, now)
        self._light = asked.id if due.cycle is Cycle.TODAY else None
        return asked

    def _goes_on(self, known: Sequence[Run], now: dt.datetime) -> bool:
        """Tell whether older dates go on without a rest: somebody has just promised them, or a portion was taken."""
        more, self._member.more = self._member.more, False
        if known and known[0].state is RunState.FAILED:
            return False
        return more or (self._resume_at is not None and self._resume_at <= now)

    def _older_at(self, now: dt.datetime) -> dt.datetime | None:
        """Say when older dates are to go on: when the last run said so, at once if some were never asked."""
        if self._resume_at is not None:
            return self._resume_at
        if self._member.line is None:
            return None
        today = self._member.today()
        lacking = awaited(self._member.line.offered(), self._member.places, today)
        return now if any(date < today - _DAY for date in lacking) else None

    def _freed(self, known: Sequence[Run], now: dt.datetime) -> Run | None:
        """Ask for what was missed at once when an obstacle is out of the way; only then is it forgotten."""
        gone = obstacles.over(self._member, now)
        if not gone:
            return None
        table = self._member.timetable()
        asked = self._ask(missed(table, known, now) or (table.today(now),), now)
        self._member.places.ledger.standings.clear(self._member.name, *gone)
        return asked

    def _ask(self, dates: Sequence[dt.date], now: dt.datetime) -> Run:
        wish = RunWish(account=self._member.name, dates=frozenset(dates), wished_by=WishedBy.SCHEDULE)
        return self._member.places.ledger.runs.ask(wish, now)

    async def _carry_out(self, run: Run) -> None:
        """Work on one run, and enter what came of it; cancelled, it waits for its turn again."""
        places = self._member.places
        await asyncio.to_thread(places.ledger.runs.begin, run.id, places.clock())
        try:
            with during(run=str(run.id), account=run.account):
                async with self._member.turn:
                    await self._work_on(run)
        except asyncio.CancelledError:
            places.ledger.runs.again(run.id)
            raise
        await asyncio.to_thread(give_back)
        self._member.waits.ring()

    async def _work_on(self, run: Run) -> None:
        places = self._member.places
        self._board.begin(run, len(run.dates) * len(self._member.streams))
        about = {
            "run": run.id,
            "wished_by": run.wished_by.value,
            "daily": int(await asyncio.to_thread(self._daily, run)),
        }
        places.report(Event(Kind.RUN_STARTED, {"dates": len(run.dates), **about}))
        try:
            done = await self._done(run)
            self._unentered = (run, done)
            await asyncio.to_thread(self._enter, run, done)
        finally:
            self._board.end(run)
        self._tell(done, about)
        if about["daily"]:
            await keep_up(self._member)

    async def _done(self, run: Run) -> Done:
        ended = await asyncio.to_thread(obstacles.retired, self._member)
        if ended is not None:
            return refused(self._member, Retired(ended.reason))
        told = Orders(tell=lambda _: self._board.count(run.account), light=run.id == self._light)
        return await carry_out(self._member, run, told)

    def _enter(self, run: Run, done: Done) -> None:
        places = self._member.places
        obstacles.learn(self._member, done.ended_by, answered=done.answered)
        places.ledger.runs.end(run.id, done.end, places.clock())
        self._unentered = None
        self._resume_at = done.resume_at

    def _daily(self, run: Run) -> bool:
        """Tell whether a run is the schedule's, and for a date that has ended."""
        return run.wished_by is WishedBy.SCHEDULE and run.dates[0] < self._member.today()

    def _tell(self, done: Done, about: Mapping[str, str | int]) -> None:
        counts = done.end.counts
        fields: dict[str, str | int | float] = {
            **about,
            "state": done.end.state.value,
            "answered": counts.answered,
            "failed": counts.failed,
            "stored": counts.stored,
            "changed": counts.changed,
            "reason": done.end.reason,
        }
        kind = Kind.RUN_ENDED if done.end.state is RunState.DONE else Kind.RUN_UNFINISHED
        self._member.places.report(Event(kind, fields))
