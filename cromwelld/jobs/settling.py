"""The second look at dates of which several objects hold records: each measurement's rows from the one that counts."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from cromwelld.archive.names import date_of
from cromwelld.archive.store import Listed
from cromwelld.jobs.opening import Found, Held, Offer, Shelf, bare_name, open_listed
from cromwelld.jobs.strays import Case, Take, settle
from cromwelld.lake.state import CompilationState
from cromwelld.lake.writer import Lake, LakeDay

_BATCH_DATES = 30

Reaching = Mapping[str, Sequence[str]]


class Settling:
    """Dates whose rows are to be settled, and the objects on offer that hold any.

    What objects hold is known without their rows, which are read again where they count: few do, and so memory does not
    grow with what was passed over. Until a date is settled the tables' state says so, whatever comes between.
    """

    def __init__(self, lake: Lake, shelf: Shelf, offer: Offer, held: Iterable[Held]) -> None:
        self._lake = lake
        self._shelf = shelf
        self._offer = offer
        self._objects = {date_of(bare_name(one)): one for one in offer.objects}
        self._held = {one.one.name: one for one in held}
        self._failed: set[dt.date] = set()
        self.problems: list[str] = []

    async def run(self, laid: frozenset[dt.date], before: CompilationState) -> set[dt.date]:
        """Settle what can be, and give the dates that took something.

        `laid` were just written from the objects that bear them, in tables that said `before`. Raises: as `take_in`.
        """
        known = await asyncio.to_thread(self._lake.known)
        dates = [date for date in self._open_dates(known) if self._can_be_settled(date, known)]
        reaching = known.reaching()
        await self._look(dates, reaching, laid)
        cases = [case for case in self._cases(dates, known, reaching, before.reaching().keys()) if case is not None]
        takes = [take for case in cases for take in settle(replace(case, laid=case.date in laid))]
        for first in (True, False):  # what clears a date comes before what is laid beside it
            await self._take([take for take in takes if take.entry.complete is first])
        left = {case.date for case in cases if case.named is None and not case.keep} - {take.date for take in takes}
        await asyncio.to_thread(self._lake.forget, _texts(left))
        await asyncio.to_thread(self._lake.settled, _texts({case.date for case in cases} - self._failed))
        return {take.date for take in takes if take.is_stray} - self._failed

    def _open_dates(self, known: CompilationState) -> list[dt.date]:
        """List the dates that the state calls unsettled, and those of objects that bear none and so are in no state."""
        undated = {date for one in self._held.values() if one.entry is None for date in one.holds}
        return sorted(undated.union(dt.date.fromisoformat(date) for date in known.unsettled))

    def _can_be_settled(self, date: dt.date, known: CompilationState) -> bool:
        """Tell whether the object that bears a date is on offer; one may be to come where no other gave the rows."""
        origin = known.origins.get(date.isoformat())
        return origin is None or origin.lent or (bool(origin.object) and date in self._objects)

    async def _look(self, dates: Iterable[dt.date], reaching: Reaching, laid: frozenset[dt.date]) -> None:
        """See what objects hold of the dates that did not have to be read for themselves."""
        wanted = {other for date in dates for other in reaching.get(date.isoformat(), [])}
        for text in sorted(wanted.union(_texts(set(dates) - laid))):
            one = self._objects.get(dt.date.fromisoformat(text))
            if one is not None and one.name not in self._held:
                found = await self._opened(one)
                self._held |= {} if found.held is None else {one.name: found.held}

    async def _opened(self, one: Listed) -> Found:
        found = await open_listed(self._shelf, one, self._offer)
        if found.problem:
            self.problems.append(found.problem)
        return found

    def _cases(
        self, dates: Iterable[dt.date], known: CompilationState, reaching: Reaching, before: Collection[str]
    ) -> Iterator[Case | None]:
        """Put together what is known of each date; None if its own object cannot be read."""
        holders: dict[dt.date, list[Held]] = {}
        for held in sorted(self._held.values(), key=_age):
            for date in held.holds.keys() - {held.date}:
                holders.setdefault(date, []).append(held)
        here = {held.date.isoformat() for held in self._held.values() if held.date is not None}
        for date in dates:
            text = date.isoformat()
            keep = text not in before or not here.issuperset(reaching.get(text, []))
            yield self._case(Case(date=date, named=None, others=holders.get(date, []), keep=keep), known)

    def _case(self, case: Case, known: CompilationState) -> Case | None:
        one, origin = self._objects.get(case.date), known.origins.get(case.date.isoformat())
        named = None if one is None else self._held.get(one.name)
        unreadable = named is None and origin is not None and not origin.lent
        return None if unreadable else replace(case, named=named)

    async def _take(self, takes: Iterable[Take]) -> None:
        """Read each giver once, and write what is taken in batches."""
        batch: list[LakeDay] = []
        ordered = sorted(takes, key=lambda take: (_age(take.giver), take.date))
        for _, of_one in groupby(ordered, key=lambda take: take.giver.one.name):
            batch += await self._filled(list(of_one))
            while len(batch) >= _BATCH_DATES:
                await asyncio.to_thread(self._lake.write, batch[:_BATCH_DATES])
                batch = batch[_BATCH_DATES:]
        await asyncio.to_thread(self._lake.write, batch)

    async def _filled(self, takes: Sequence[Take]) -> list[LakeDay]:
        """Read a giver; where it is not any more what was decided about, its dates stay unsettled."""
        giver = takes[0].giver
        found = await self._opened(giver.one)
        if found.held is None or found.held.holds != giver.holds:
            self._failed |= {take.date for take in takes}
        return [take.filled(found.rows) for take in takes if take.date not in self._failed]


def _age(held: Held) -> tuple[str, str]:
    return bare_name(held.one), held.one.name


def _texts(dates: Iterable[dt.date]) -> list[str]:
    return [date.isoformat() for date in sorted(dates)]
