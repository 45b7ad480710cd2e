"""What all parts of the desk stand on."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass

from cromwelld.daemon.household import Household
from cromwelld.daemon.member import Member
from cromwelld.jobs.places import Clock
from cromwelld.monitor.health import Health
from cromwelld.state import Ledger
from cromwelld.web.protocol import Probe

Begin = Callable[[Coroutine[None, None, None]], asyncio.Task[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The accounts, a ledger of its own, the clock, what monitors are told, and who runs what takes longer."""

    household: Household
    ledger: Ledger
    clock: Clock
    health: Callable[[Probe], Health]
    metrics: Callable[[], Coroutine[None, None, bytes]]
    begin: Begin
    since: dt.datetime


class Standing:
    """Stand on the ground."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    @property
    def accounts(self) -> Mapping[str, Collection[str]]:
        """Give the accounts by name, each with the streams that it can be asked for."""
        return {name: seat.member.streams for name, seat in self.ground.household.seats.items()}

    def member(self, account: str) -> Member:
        """Give an account that is open. Raises: UsageError."""
        return self.ground.household.seat(account).member
