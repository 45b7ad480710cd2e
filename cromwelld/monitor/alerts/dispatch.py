"""From looks to letters: what is found is kept, and every channel sends, in its own time, what it has not told yet."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from cromwelld.config import Alerts as Limits
from cromwelld.errors import ConfigurationError, CromwelldError, FarSideAway, PersonNeeded, StoreError, place_of
from cromwelld.events import Event, Kind, Report
from cromwelld.monitor.alerts.channels.channel import Channel
from cromwelld.monitor.alerts.letters import letter_of
from cromwelld.monitor.alerts.patience import Patience, patiently
from cromwelld.monitor.alerts.rules import decide
from cromwelld.monitor.alerts.turns import Pending, lasting, pending, told, turn
from cromwelld.monitor.snapshot import Snapshot
from cromwelld.state import Phase, Raised

LOG = "log"
_LOGGED = {Phase.RAISED: Kind.ALERT_RAISED, Phase.FIXED: Kind.ALERT_FIXED}


class Book(Protocol):
    """Where alerts outlive the process."""

    def load(self) -> list[Raised]:
        """Give what is kept, oldest first. Raises: DamagedFile."""

    def save(self, alerts: Sequence[Raised]) -> None:
        """Keep these and no others. Raises: NotWritable; DamagedFile."""


@dataclass(slots=True)
class _Way:
    """One channel, and how it stands with it: until when it rests, by the loop's clock, and what was said of it."""

    channel: Channel
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    rests_until: float = 0.0
    rest_s: float = 0.0
    refusal: str = ""


class Dispatcher:
    """Keep what is found, and let each channel tell it once; a channel that is dead or slow holds up nobody.

    What was told is known in memory first: a disk that takes nothing any more must not make letters repeat.
    """

    def __init__(
        self,
        book: Book,
        channels: Sequence[Channel],
        report: Report,
        *,
        clock: Callable[[], dt.datetime],
        patience: Patience | None = None,
    ) -> None:
        self._book = book
        self._ways = [_Way(channel) for channel in channels]
        self._report = report
        self._clock = clock
        self._patience = patience or Patience()
        self._kept: list[Raised] | None = None
        self._turn = asyncio.Lock()

    async def look(self, snapshot: Snapshot, limits: Limits) -> None:
        """Hold how everything stands against the rules, and have told what is new or over. Raises: DamagedFile."""
        at = self._clock()
        async with self._turn:
            kept = await self._loaded()
            found = decide(snapshot, limits, {one.key for one in kept})
            kept = turn(kept, found, at)
            for letter in pending(kept, LOG, at):
                self._say(letter)
                kept = told(kept, letter, LOG)
            await self._keep(lasting(kept, self._names, at))
        for way in self._ways:
            way.wake.set()

    @property
    def _names(self) -> list[str]:
        return [LOG, *(way.channel.name for way in self._ways)]

    async def _loaded(self) -> list[Raised]:
        if self._kept is None:
            self._kept = await asyncio.to_thread(self._book.load)
        return self._kept

    async def _keep(self, kept: list[Raised]) -> None:
        """Remember, and write it down if the disk takes it; if not, it is written with the next change."""
        if kept != self._kept:
            self._kept = kept
            with suppress(StoreError):  # a disk that takes nothing has an alert of its own
                await asyncio.to_thread(self._book.save, kept)

    def _say(self, letter: Pending) -> None:
        for one in letter.alerts:
            fields = {"kind": one.kind, "account": one.account, "problem": one.what}
            more = {"fault": one.fault, "remedy": one.remedy} if letter.phase is Phase.RAISED else {}
            self._report(Event(_LOGGED[letter.phase], {**fields, **more}))

    async def run(self) -> None:
        """Send letters for ever, each channel for itself."""
        async with asyncio.TaskGroup() as group:
            for way in self._ways:
                group.create_task(self._serve(way))

    async def _serve(self, way: _Way) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await way.wake.wait()
            await self._patience.sleep(max(0.0, way.rests_until - loop.time()))
            way.wake.clear()
            if not await self._sent_all(way):
                way.rests_until = loop.time() + way.rest_s
                way.wake.set()  # to try again after the rest, whether anybody looks or not

    async def _sent_all(self, way: _Way) -> bool:
        """Send what a channel has not told yet; false if it does not take it."""
        for letter in pending(await self._current(), way.channel.name, self._clock()):
            failure = await self._failure(way.channel, letter)
            if failure is not None:
                self._note(way, letter, failure)
                return False
            way.rest_s, way.refusal = 0.0, ""
            async with self._turn:
                kept = told(await self._loaded(), letter, way.channel.name)
                await self._keep(lasting(kept, self._names, self._clock()))
            self._report(Event(Kind.ALERT_SENT, _about(way, letter)))
        return True

    async def _current(self) -> list[Raised]:
        async with self._turn:
            return await self._loaded()

    async def _failure(self, channel: Channel, letter: Pending) -> CromwelldError | None:
        """Try to send a letter; give why it could not be."""
        try:
            await patiently(self._patience, partial(channel.send, letter_of(letter, self._clock())))
        except CromwelldError as err:
            return err
        except Exception as err:  # noqa: BLE001 - a mistake in one channel must not end the daemon
            return FarSideAway(f"a mistake in cromwelld itself ({place_of(err)}): please report it")
        return None

    def _note(self, way: _Way, letter: Pending, err: CromwelldError) -> None:
        """Say why a letter was not sent, and let the channel rest; a refusal is said once."""
        fields = {**_about(way, letter), "problem": err.message, "remedy": err.hint}
        if isinstance(err, PersonNeeded | ConfigurationError):
            way.rest_s = self._patience.refused_rest_s
            if way.refusal != err.message:
                self._report(Event(Kind.CHANNEL_REFUSED, fields))
            way.refusal = err.message
            return
        way.rest_s = min(max(2 * way.rest_s, self._patience.first_rest_s), self._patience.longest_rest_s)
        self._report(Event(Kind.ALERT_UNSENT, {**fields, "seconds": round(way.rest_s)}))


def _about(way: _Way, letter: Pending) -> dict[str, str | int | float]:
    first = letter.alerts[0]
    return {"kind": first.kind, "account": first.account, "channel": way.channel.name, "phase": letter.phase.value}
