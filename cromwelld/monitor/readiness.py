"""Checks of what only a look can tell, such as folders; what they saw is kept, so that probes answer at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from cromwelld.errors import CromwelldError
from cromwelld.monitor.health import Code, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One look: it raises one of our errors if all is not well. It may take `timeout_s`, and holds for `fresh_s`."""

    name: str
    code: Code
    look: Callable[[], Awaitable[None]]
    account: str = ""
    timeout_s: float = 5.0
    fresh_s: float = 30.0


class Readiness:
    """Look again and again, and say at once what was last seen."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = tuple(checks)
        self._seen: dict[str, Reason | None] = {}
        self._changed = asyncio.Event()

    def change(self, checks: Sequence[Check]) -> None:
        """Take on other checks; each is made at once, and says what was last seen under its name until it ends."""
        self._checks = tuple(checks)
        self._changed.set()

    def known(self) -> tuple[Reason, ...]:
        """Give what is not well, as far as it is known; a check that has not ended yet is passed over."""
        found = (self._seen.get(check.name) for check in self._checks)
        return tuple(reason for reason in found if reason is not None)

    async def run(self) -> None:
        """Look for ever; each check goes its own way, so that a slow one holds up nobody."""
        while True:
            self._changed.clear()
            async with asyncio.TaskGroup() as group:
                looking = [group.create_task(self._repeat(check)) for check in self._checks]
                await self._changed.wait()
                for one in looking:
                    one.cancel()

    async def _repeat(self, check: Check) -> None:
        while True:
            await self._look(check)
            await asyncio.sleep(check.fresh_s)

    async def _look(self, check: Check) -> None:
        """Look once. One that takes too long is said, and waited for all the same: no second one begins beside it."""
        looking = asyncio.ensure_future(check.look())
        try:
            await asyncio.wait({looking}, timeout=check.timeout_s)
            if not looking.done():
                sentence = f"{check.name} takes longer than {check.timeout_s:g} s"
                self._seen[check.name] = Reason(code=Code.CHECK_SLOW, account=check.account, sentence=sentence)
                await asyncio.wait({looking})
        finally:
            looking.cancel()
        self._seen[check.name] = _found(check, looking)


def _found(check: Check, looking: asyncio.Future[None]) -> Reason | None:
    try:
        looking.result()
    except CromwelldError as err:
        return Reason(code=check.code, account=check.account, sentence=err.message)
    return None
