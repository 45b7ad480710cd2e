"""What the vendor says when it is asked who the person is and what their settings are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from cromwelld.errors import CromwelldError
from cromwelld.jobs.doctor.far import Far
from cromwelld.sources.client import Client
from cromwelld.sources.raw import RawAnswer, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """The answers, or why there is none; `ahead` is how far our clock is before the vendor's, None if nobody knows."""

    identity: bytes | CromwelldError
    settings: bytes | CromwelldError
    ahead: dt.timedelta | None = None


class Listener:
    """Hear every raw answer, good or bad, and compare its date with our clock."""

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        self._clock = clock
        self.ahead: dt.timedelta | None = None

    def __call__(self, answer: RawAnswer) -> None:
        """Take one answer; the last one that says when it was sent counts."""
        if answer.sent_at is not None:
            self.ahead = self._clock() - answer.sent_at


async def ask(client: Client, far: Far, listener: Listener) -> Replies:
    """Send the one or two requests on which the vendor's checks rest; `client` records to `listener`."""
    identity = await _reply(client, far.identity)
    settings = identity if far.settings == far.identity else await _reply(client, far.settings)
    return Replies(identity=identity, settings=settings, ahead=listener.ahead)


async def _reply(client: Client, request: Request) -> bytes | CromwelldError:
    try:
        return (await client.send(request)).body
    except CromwelldError as err:
        return err
