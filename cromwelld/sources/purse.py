"""The budget of one account at one vendor, shared by all of its requests and kept across restarts."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from cromwelld.errors import OutOfBudget
from cromwelld.sources.budget import Budget, Quota, Told, at, claimed, fresh, settled, wait_s

_JITTER_S = 3.0
_SPENT = "the budget of requests is spent"


class Kept(Protocol):
    """Where a budget outlives the process."""

    def load(self) -> Budget | None:
        """Give the budget as it was last saved; None if there is none. Raises: DamagedFile."""

    def save(self, budget: Budget) -> None:
        """Keep a budget. Raises: NotWritable."""


@dataclass(slots=True, kw_only=True)
class Purse:
    """Hold the budget: take from it before each request, put the vendor's word back after each answer.

    `told` reads an answer's headers: status, headers and the present in, what they say of the budget out.
    """

    quota: Quota
    told: Callable[[int, Mapping[str, str], dt.datetime], Told]
    clock: Callable[[], dt.datetime]
    kept: Kept | None = None
    _budget: Budget | None = field(default=None, init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    @property
    def budget(self) -> Budget | None:
        """Give the budget as it was last known, for those who show it."""
        return self._budget

    async def claim(self, *, urgent: bool = True) -> None:
        """Take one request out of the budget; it is kept before the request is sent.

        Raises: OutOfBudget with the seconds to wait if nothing is left (for what is not urgent: beyond the reserve).
        """
        async with self._turn:
            budget = await self._current()
            waiting_s = wait_s(budget, self.quota, self.clock(), urgent=urgent)
            if waiting_s > 0:
                jitter_s = random.uniform(0, _JITTER_S)  # noqa: S311 - spreads requests, guards nothing
                raise OutOfBudget(_SPENT, retry_after_s=waiting_s + jitter_s)
            self._budget = claimed(budget, self.quota, self.clock())
            await self._save()

    async def settle(self, status: int, headers: Mapping[str, str]) -> None:
        """Note what an answer says of the budget."""
        await self._note(self.told(status, headers, self.clock()))

    async def forfeit(self) -> None:
        """Note that a request got no answer: the vendor may have counted it."""
        await self._note(Told())

    async def _note(self, told: Told) -> None:
        async with self._turn:
            budget = await self._current()
            self._budget = settled(budget, self.quota, told, self.clock())
            if replace(self._budget, in_flight=0) != replace(budget, in_flight=0):
                await self._save()

    async def _current(self) -> Budget:
        if self._budget is None:
            kept = await asyncio.to_thread(self.kept.load) if self.kept is not None else None
            # What was in flight when the process ended is counted; nobody waits for its answer any more.
            self._budget = fresh(self.quota, self.clock()) if kept is None else replace(kept, in_flight=0)
        self._budget = at(self._budget, self.quota, self.clock())
        return self._budget

    async def _save(self) -> None:
        if self.kept is not None and self._budget is not None:
            await asyncio.to_thread(self.kept.save, self._budget)
