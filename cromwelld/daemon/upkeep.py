"""What is looked after now and then, once an account's dates are in: reading back, and forgetting what is old."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cromwelld.daemon.member import Member
from cromwelld.errors import FarSideAway, StoreError
from cromwelld.events import Event, Kind
from cromwelld.jobs.tidy import forget_replaced
from cromwelld.jobs.verify import read_back
from cromwelld.wiring.vendors import STREAMS


async def keep_up(member: Member) -> None:
    """Read back the dates that are due, and forget versions that were set aside long ago; another time if not now."""
    for job in _JOBS:
        try:
            await job(member)
        except (StoreError, FarSideAway) as err:
            member.places.report(Event(Kind.WORK_WAITS, {"problem": err.message}))


async def _read_back(member: Member) -> None:
    await read_back(member.places, STREAMS, member.settings.archive.verify_every_s)


async def _forget(member: Member) -> None:
    await forget_replaced(member.places, member.settings.archive.keep_replaced_s)


_JOBS: tuple[Callable[[Member], Awaitable[None]], ...] = (_read_back, _forget)
